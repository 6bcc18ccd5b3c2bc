"""Whether a request was sent by Twilio. https://www.twilio.com/docs/usage/webhooks/webhooks-security"""

from collections.abc import Mapping

from twilio.request_validator import RequestValidator

from customer_portal.integrations.twilio import client


def is_valid(signature: str, address: str, fields: Mapping[str, str]) -> bool:
	"""``address`` is the one that Twilio was told to call, query included; ``fields`` are all of the form.

	False without an auth token: then nobody could have signed.
	"""
	token = client.credentials().auth_token
	return bool(token and address) and RequestValidator(token).validate(address, fields, signature)
