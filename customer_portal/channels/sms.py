"""SMS through the provider that the settings name."""

from frappe import _

from customer_portal import phones, settings
from customer_portal.channels.base import (
	Channel,
	Message,
	PermanentFailure,
	Receipt,
	TemporaryFailure,
	nothing_is_sent_yet,
)
from customer_portal.integrations import sms_gateway
from customer_portal.integrations.twilio import client as twilio_client

PROVIDERS = {"Twilio": twilio_client, "SMS Settings": sms_gateway}


class Sms(Channel):
	name = "SMS"

	def is_on(self) -> bool:
		return bool(settings.get().sms_provider)

	def is_ready(self) -> bool:
		provider = PROVIDERS.get(settings.get().sms_provider)
		return bool(provider and provider.is_configured())

	def send(self, recipient: str, message: Message) -> Receipt:
		with nothing_is_sent_yet():
			if not reaches(recipient):
				raise PermanentFailure(_("SMS to this country is not allowed in Customer Portal Settings."))
			provider = PROVIDERS.get(settings.get().sms_provider)
			if provider is None:
				raise TemporaryFailure(_("No SMS provider is chosen in Customer Portal Settings."))
		return Receipt(provider.send(recipient, message.text))


def reaches(number: str) -> bool:
	"""Whether the list of countries allows an E.164 number; an empty list allows all."""
	allowed = countries(settings.get().sms_countries)
	return not allowed or phones.country_code(number) in allowed


def countries(text: str | None) -> set[str]:
	"""ISO 3166-1 alpha-2 codes from a text like ``SA, AE``."""
	return set((text or "").replace(",", " ").upper().split())
