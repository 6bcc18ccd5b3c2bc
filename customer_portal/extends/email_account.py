"""What this app adds to the Email Accounts that Helpdesk reads: mails of ours that come back, robots that answer
them, and whose mail belongs into which ticket.

Here and not in a document event of Communication, because before that Helpdesk has opened a ticket for a sender such
as MAILER-DAEMON, or threaded the mail into the customer's ticket, which reopens it; and because what Frappe makes of
such a mail has lost the status code and the Message-ID, but has our text with the link.
"""

import frappe
from frappe import _
from helpdesk.overrides.email_account import CustomEmailAccount

from customer_portal.channels.mail_format import reference_of
from customer_portal.notifications import automatic, bounces, outbox, replies
from customer_portal.notifications.bounces import Bounce

CHANNEL = "Email"


class OurMail:
	"""Stands in the place of an inbound mail, with what ``EmailAccount.receive`` asks of one.

	It makes no Communication: no ticket changes, nobody is told, and our text with its link is stored nowhere.
	"""

	def __init__(self, mail):
		self.uid, self.raw_message, self.flags = mail.uid, mail.raw_message, frappe._dict()


class ReturnedMail(OurMail):
	def __init__(self, mail, bounce: Bounce):
		super().__init__(mail)
		self.bounce = bounce

	def process(self) -> None:
		if self.bounce.is_final:
			reference = reference_of(self.bounce.message_id)
			outbox.mark_bounced(reference, CHANNEL, bounces.reason(self.bounce.status))


class AutomaticAnswer(OurMail):
	"""Such as a note of a holiday: agents read of it beside the message that it answers."""

	def __init__(self, mail, reference: str):
		super().__init__(mail)
		self.reference, self.subject = reference, str(mail.subject or "")

	def process(self) -> None:
		subject = self.subject[: automatic.LONGEST_SUBJECT]
		reason = _("The recipient's mailbox answered by itself: {0}").format(subject)
		outbox.note_automatic_answer(self.reference, reason)


class PortalEmailAccount(CustomEmailAccount):
	def get_inbound_mails(self) -> list:
		return [_taken(mail) for mail in super().get_inbound_mails()]


def _taken(mail):
	"""A mail that we fail to read is left to Helpdesk: no mail may be lost. Mails with codes have no row to change."""
	try:
		return _returned(mail) or _automatic(mail) or _threaded(mail)
	except Exception as error:  # noqa: BLE001
		frappe.log_error("An inbound mail could not be read", type(error).__name__)
		return mail


def _returned(mail) -> ReturnedMail | None:
	bounce = bounces.read(mail.mail)
	return ReturnedMail(mail, bounce) if bounce and reference_of(bounce.message_id) else None


def _automatic(mail) -> AutomaticAnswer | None:
	reference = automatic.answered(mail.mail)
	return AutomaticAnswer(mail, reference) if reference else None


def _threaded(mail):
	"""A person of the portal who may not answer the ticket has written a new one, whatever the mail answers to."""
	found = mail.reference_document()
	is_ticket = bool(found) and found.doctype == replies.TICKET
	if is_ticket and not replies.may_answer(mail.from_email, str(found.name)):
		mail._reference_document = mail._parent_communication = mail._parent_email_queue = ""
	return mail
