"""What this app adds to the Email Accounts that Helpdesk reads: mails of ours that come back.

Here and not in a document event of Communication, because before that Helpdesk has opened a ticket for a sender such
as MAILER-DAEMON, or threaded the mail into the customer's ticket, which reopens it; and because what Frappe makes of
such a mail has lost the status code and the Message-ID, but has our text with the link.
"""

import frappe
from helpdesk.overrides.email_account import CustomEmailAccount

from customer_portal.channels.mail_format import reference_of
from customer_portal.notifications import bounces, outbox
from customer_portal.notifications.bounces import Bounce

CHANNEL = "Email"


class ReturnedMail:
	"""Stands in the place of an inbound mail, with what ``EmailAccount.receive`` asks of one."""

	def __init__(self, mail, bounce: Bounce):
		self.uid, self.raw_message, self.flags = mail.uid, mail.raw_message, frappe._dict()
		self.bounce = bounce

	def process(self) -> None:
		"""No Communication: no ticket changes, nobody is told, and our text with its link is stored nowhere."""
		if self.bounce.is_final:
			reference = reference_of(self.bounce.message_id)
			outbox.mark_bounced(reference, CHANNEL, bounces.reason(self.bounce.status))


class PortalEmailAccount(CustomEmailAccount):
	def get_inbound_mails(self) -> list:
		return [_ours(mail) or mail for mail in super().get_inbound_mails()]


def _ours(mail) -> ReturnedMail | None:
	"""A mail that we fail to read is left to Helpdesk: no mail may be lost. Mails with codes have no row to change."""
	try:
		bounce = bounces.read(mail.mail)
	except Exception as error:  # noqa: BLE001
		frappe.log_error("An inbound mail could not be checked for a bounce", type(error).__name__)
		return None
	return ReturnedMail(mail, bounce) if bounce and reference_of(bounce.message_id) else None
