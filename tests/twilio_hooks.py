"""Twilio's side of its hooks: signs and posts what it reports, as its documentation says and without its package.

https://www.twilio.com/docs/usage/webhooks/webhooks-security#how-twilio-signs-requests
"""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

import pytest
import requests

from tests.client import Client
from tests.gateways import configure
from tests.gateways.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER

SITE = "https://help.portal-tests.example"  # the configured address, which is not where the tests reach the server
MESSAGE_HOOK = f"{SITE}/portal/hooks/twilio/message"


def sign(address: str, fields: dict[str, str], token: str = AUTH_TOKEN) -> str:
	text = address + "".join(name + fields[name] for name in sorted(fields))
	return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def report(message: dict, status: str, code: int | None = None) -> dict[str, str]:
	"""The form of a receipt for a message that the stand-in has taken."""
	fields = {
		"AccountSid": ACCOUNT_SID,
		"ApiVersion": "2010-04-01",
		"From": message["fields"].get("From", SENDER),
		"To": message["to"],
		"MessageSid": message["sid"],
		"SmsSid": message["sid"],
		"MessageStatus": status,
		"SmsStatus": status,
	}
	return {**fields, "ErrorCode": str(code)} if code else fields


class Hooks:
	"""``post`` sends a signed form to the loopback server under a host that is not the configured one."""

	def __init__(self, client: Client):
		self.client = client

	def post(self, address: str, fields: dict[str, str], signature: str | None = "") -> requests.Response:
		"""An empty ``signature`` stands for the right one, None for none."""
		signature = sign(address, fields) if signature == "" else signature
		headers = {"User-Agent": "TwilioProxy/1.1"}
		headers |= {"X-Twilio-Signature": signature} if signature is not None else {}
		path = address.removeprefix(f"https://{urlsplit(address).netloc}")
		return self.client.post(path, fields, origin=None, headers=headers)

	def receipt(self, message: dict, status: str, code: int | None = None, **options) -> requests.Response:
		return self.post(message["fields"]["StatusCallback"], report(message, status, code), **options)

	def text(self, number: str, body: str, **fields: str) -> requests.Response:
		form = {
			"AccountSid": ACCOUNT_SID,
			"MessageSid": "SM" + "ab" * 16,
			"From": number,
			"To": SENDER,
			"Body": body,
			"NumMedia": "0",
			**fields,
		}
		return self.post(MESSAGE_HOOK, form)


@pytest.fixture
def hooks(client, twilio):
	"""The site has an address that Twilio can reach, and Twilio has the site's account."""
	configure(portal_url=SITE)
	yield Hooks(client)
	configure(portal_url="")
