"""SMS through the provider that the settings name."""

from customer_portal import phones, settings
from customer_portal.channels import segments
from customer_portal.channels.base import (
	Channel,
	Message,
	PermanentFailure,
	Receipt,
	TemporaryFailure,
	Words,
	nothing_is_sent_yet,
)
from customer_portal.integrations import sms_gateway
from customer_portal.integrations.twilio import client as twilio_client
from customer_portal.texts import translate as _

PROVIDERS = {"Twilio": twilio_client, "SMS Settings": sms_gateway}
MOST_SEGMENTS = 3  # of a message with the template's optional text


class Sms(Channel):
	name = "SMS"
	rank = 10

	def is_on(self) -> bool:
		return bool(settings.get().sms_provider)

	def is_ready(self) -> bool:
		provider = PROVIDERS.get(settings.get().sms_provider)
		return bool(provider and provider.is_configured())

	def compose(self, words: Words) -> Message:
		return Message(
			"", text_of(words), ticket=words.ticket, reference=words.reference, receipts=words.receipts
		)

	def check(self, recipient: str) -> None:
		if not reaches(recipient):
			raise PermanentFailure(_("SMS to this country is not allowed in Customer Portal Settings."))

	def send(self, recipient: str, message: Message) -> Receipt:
		with nothing_is_sent_yet():
			self.check(recipient)
			provider = PROVIDERS.get(settings.get().sms_provider)
			if provider is None:
				raise TemporaryFailure(_("No SMS provider is chosen in Customer Portal Settings."))
		return Receipt(provider.send(recipient, message.text, message.receipts))


def text_of(words: Words) -> str:
	"""The link is always whole, at the end. The company's name stands in front while that costs no second part."""
	short = _("Ticket {0}: {1}", words.language).format(words.ticket, words.label)
	if words.subject:
		short = words.headline
	long = f"{words.company}: {words.headline}"
	ending = f"\n{words.link}"
	if words.message or words.expected:
		extra = "\n".join(filter(None, (words.message, words.expected)))
		return segments.fit(f"{short}\n{extra}", ending, MOST_SEGMENTS)
	if segments.count(long + ending) == 1:
		return long + ending
	return segments.fit(short, ending, MOST_SEGMENTS)


def reaches(number: str) -> bool:
	"""Whether the list of countries allows an E.164 number; an empty list allows all."""
	allowed = countries(settings.get().sms_countries)
	return not allowed or phones.country_code(number) in allowed


def countries(text: str | None) -> set[str]:
	"""ISO 3166-1 alpha-2 codes from a text like ``SA, AE``."""
	return set((text or "").replace(",", " ").upper().split())
