"""E-mail from the ticket's own account: logged in Frappe's Email Queue, or for codes in no log at all.

Our job alone sends the rows that it writes there. The row holds the redacted text; the real one with the link is
put in its place in memory only. A far ``send_after`` keeps Frappe's own flush from sending the redacted one.
"""

from dataclasses import replace
from datetime import datetime

import frappe
from frappe.email.doctype.email_queue.email_queue import EmailQueue

from customer_portal import settings
from customer_portal.channels import mail_account, mail_address, mail_format
from customer_portal.channels.base import (
	EMAIL,
	Channel,
	Message,
	PermanentFailure,
	Receipt,
	TemporaryFailure,
	Words,
	nothing_is_sent_yet,
)
from customer_portal.integrations.smtp import mail_server
from customer_portal.texts import translate as _

QUEUE = "Email Queue"
NEVER = datetime(9999, 12, 31)
FRAPPE_MAIL = "Frappe Mail"
TEMPLATE = "templates/emails/portal_status.html"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})


class Email(Channel):
	name = "Email"
	address_kind = EMAIL
	rings = False
	rank = 30

	def label(self) -> str:
		return _("E-mail")

	def is_on(self) -> bool:
		return bool(settings.get().send_email)

	def is_ready(self) -> bool:
		return mail_account.exists()

	def compose(self, words: Words) -> Message:
		return compose(words)

	def send(self, recipient: str, message: Message) -> Receipt:
		"""The Email Queue row is named after ``message.reference``: every attempt finds it, and a sent one ends it."""
		with nothing_is_sent_yet():
			recipient = _deliverable(recipient)
			account = mail_account.of_ticket(message.ticket, message.account)
			row = _queue_row(account, recipient, message)
		if row.status != "Sent":
			_send_row(row, account, recipient, message)
		return Receipt(row.name)

	def send_test(self, recipient: str, message: Message) -> Receipt:
		return send_now_unlogged(recipient, message, "")


def compose(words: Words) -> Message:
	"""The subject ends as Frappe expects it of an answer that lost its threading headers: ``(#ticket)``."""
	language = words.language
	parts = {
		"words": words,
		"direction": direction_of(language),
		"number": _("Ticket {0}", language).format(words.ticket),
		"invitation": _("See the state of your ticket", language),
		"footer": _("This message was sent automatically. You can answer it to write to us.", language),
		"leaving": _("Unsubscribe", language) if words.unsubscribe else "",
	}
	kept = _("The link was part of the message that was sent. It is not kept here.", language)
	return Message(
		subject=_subject(words),
		text=_plain(words, f"{parts['invitation']}:\n{words.link}", parts["footer"]),
		html=frappe.get_template(TEMPLATE).render(parts),
		ticket=words.ticket,
		reference=words.reference,
		redacted=_plain(words, kept, parts["footer"]),
		headers=unsubscribe_headers(words.unsubscribe),
	)


def _subject(words: Words) -> str:
	if words.subject:
		return f"{words.subject} (#{words.ticket})"
	return _("Your ticket is now: {0} (#{1})", words.language).format(words.label, words.ticket)


def _plain(words: Words, link: str, footer: str) -> str:
	happens = " ".join(filter(None, (words.next_step, words.ball, words.expected)))
	parts = (words.headline, words.message, happens, link, footer, words.company)
	return "\n\n".join(part for part in parts if part) + "\n"


def direction_of(language: str) -> str:
	"""As the attribute ``dir`` of HTML."""
	return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def unsubscribe_headers(address: str) -> dict[str, str]:
	"""RFC 8058: mail programs show a button of their own, and post to the address."""
	if not address:
		return {}
	return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def send_now_unlogged(recipient: str, message: Message, ticket: str | None) -> Receipt:
	"""Sends a code: straight to the mail server, so that no table, log or file ever holds it.

	Raises ``TemporaryFailure``, ``PermanentFailure`` or ``UnknownResult``.
	"""
	with nothing_is_sent_yet():
		recipient = _deliverable(recipient)
		_refuse_when_muted()
		account = mail_account.of_ticket(ticket)
		mail = mail_format.build(account, recipient, message)
	if account.get("service") == FRAPPE_MAIL:
		account.get_frappe_mail_client().send_raw(_sender(account), recipient, mail.as_bytes())
	else:
		with mail_server(account, settings.get().provider_timeout_seconds) as server:
			server.session.sendmail(_sender(account), recipient, mail.as_bytes())
	return Receipt(mail["Message-ID"].strip("<>"))


def _sender(account) -> str:
	return mail_address.in_ascii(account.email_id)


def _deliverable(recipient: str) -> str:
	address = mail_address.deliverable(recipient)
	if mail_account.is_own_address(recipient) or mail_account.is_own_address(address):
		raise PermanentFailure(_("This is an address of the helpdesk itself."))
	return address


def _refuse_when_muted() -> None:
	if frappe.are_emails_muted():
		raise TemporaryFailure(_("E-mails are muted on this site."))


def _queue_row(account, recipient: str, message: Message) -> EmailQueue:
	if frappe.db.exists(QUEUE, message.reference):
		return frappe.get_doc(QUEUE, message.reference)
	redacted = replace(message, text=message.redacted, html="", headers={}, files=())
	logged = mail_format.build(account, recipient, redacted)
	del logged["To"]  # the row's recipients say it, which Frappe's erasure of a person reaches
	row = frappe.new_doc(QUEUE)
	row.update(
		{
			"sender": _sender(account),
			"email_account": account.name if account.is_exists_in_db() else None,
			"message": logged.as_string(),
			"message_id": mail_format.message_id(message.reference),
			"reference_doctype": mail_account.TICKET,
			"reference_name": message.ticket,
			"send_after": NEVER,
			"attachments": "[]",
			"add_unsubscribe_link": 0,
			"status": "Not Sent",
		}
	)
	row.set_recipients([recipient])
	return row.insert(ignore_permissions=True, set_name=message.reference)


def _send_row(row: EmailQueue, account, recipient: str, message: Message) -> None:
	"""The number of attempts is ours to count: Frappe's retry counter stays at 0."""
	with nothing_is_sent_yet():
		row.update({"status": "Not Sent", "retry": 0})
		if not row.can_send_now():
			raise TemporaryFailure(_("E-mails are muted or suspended on this site."))
		thread = message.references or (mail_account.last_message_id(message.ticket),)
		mail = mail_format.build(account, recipient, message, thread)
		row.message = mail.as_string()
	if account.get("service") == FRAPPE_MAIL:
		row.send()
	else:
		with mail_server(account, settings.get().provider_timeout_seconds, mail.as_bytes()) as server:
			row.send(smtp_server_instance=server)
