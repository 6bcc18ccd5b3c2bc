"""WhatsApp through Twilio, with message templates that WhatsApp has approved.

https://www.twilio.com/docs/whatsapp/tutorial/send-whatsapp-notification-messages-templates
"""

from frappe import _

from customer_portal import settings
from customer_portal.channels.base import Channel, Message, PermanentFailure, Receipt, Words
from customer_portal.integrations.twilio import client as twilio_client


class WhatsApp(Channel):
	name = "WhatsApp"
	rank = 20

	def is_on(self) -> bool:
		return bool(settings.get().send_whatsapp)

	def is_ready(self) -> bool:
		return twilio_client.is_configured(settings.get().whatsapp_sender or "")

	def compose(self, words: Words) -> Message:
		"""Variables of the approved template: 1 company, 2 ticket, 3 label, 4 link, 5 what else there is to say."""
		if not words.whatsapp_template:
			raise PermanentFailure(_("There is no WhatsApp message template for this language."))
		extra = " ".join(filter(None, (words.message, words.expected))) or words.headline
		values = (words.company, words.ticket, words.label, words.link, extra)
		variables = {str(place): value for place, value in enumerate(values, start=1)}
		return Message(
			"",
			words.headline,
			ticket=words.ticket,
			reference=words.reference,
			receipts=words.receipts,
			template=words.whatsapp_template,
			variables=variables,
		)

	def send(self, recipient: str, message: Message) -> Receipt:
		sender = settings.get().whatsapp_sender or ""
		sid = twilio_client.send_template(
			recipient, sender, message.template, message.variables, message.receipts
		)
		return Receipt(sid)
