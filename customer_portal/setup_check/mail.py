"""Mail out and in."""

import frappe
from frappe import _

from customer_portal import settings
from customer_portal.channels import email, mail_account
from customer_portal.integrations.failures import SendFailure
from customer_portal.integrations.smtp import mail_server
from customer_portal.setup_check.finding import SETTINGS, Finding, failed, off, ok, warning

ACCOUNTS = "/app/email-account"
TICKET = "HD Ticket"
LONGEST_SECONDS = 5  # for each answer of the mail server: a page waits for this check


def outgoing_mail() -> Finding:
	"""Connects to the outgoing server and signs in, without sending anything."""
	if not settings.get().send_email:
		return off(
			_("Customers get no e-mail."),
			_("Switch e-mail on in Customer Portal Settings to use it."),
			SETTINGS,
		)
	if not mail_account.exists():
		return failed(
			_("The site has no outgoing e-mail account, so no code and no message can go out by e-mail."),
			_("Create an Email Account and tick Enable Outgoing."),
			ACCOUNTS,
		)
	if is_held_back():
		return failed(
			_("E-mails are muted or suspended on this site."),
			_("Take mute_emails out of the site's configuration, and resume sending in the Email Queue."),
			"/app/email-queue",
		)
	return _try(mail_account.of_ticket(""))


def is_held_back() -> bool:
	suspended = frappe.db.get_default("suspend_email_queue")
	return bool(frappe.are_emails_muted() or frappe.utils.cint(suspended))


def _try(account) -> Finding:
	if account.get("service") == email.FRAPPE_MAIL:
		return ok(_("{0} sends by Frappe Mail, which can only be tested by sending.").format(account.name))
	seconds = min(LONGEST_SECONDS, settings.number("provider_timeout_seconds"))
	try:
		with mail_server(account, seconds) as server:
			server.session.ehlo_or_helo_if_needed()
	except SendFailure as failure:
		return failed(
			failure.reason,
			_("Compare server, port, encryption and password of the Email Account {0}.").format(account.name),
			f"{ACCOUNTS}/{account.name}",
		)
	return ok(_("{0} reaches its mail server and may send.").format(account.name))


def incoming_mail() -> Finding:
	"""Answers of customers and bounces come back to an account whose mails become tickets."""
	accounts = _incoming_accounts()
	if not accounts:
		return off(
			_("No Email Account takes mail in for tickets: answers by e-mail and bounces are not seen."),
			_("Tick Enable Incoming in an Email Account and append its mails to HD Ticket."),
			ACCOUNTS,
		)
	broken = [account.name for account in accounts if account.awaiting_password or account.no_failed]
	if broken:
		return warning(
			_("{0} could not fetch its mails the last time.").format(", ".join(broken)),
			_("Look at its password and its incoming server."),
			ACCOUNTS,
		)
	names = ", ".join(account.name for account in accounts)
	return ok(_("Answers and bounces come in by {0}.").format(names))


def _incoming_accounts() -> list:
	"""Mails become tickets by the account itself or, with IMAP, by one of its folders."""
	fields = ["name", "append_to", "awaiting_password", "no_failed"]
	enabled = frappe.get_all("Email Account", filters={"enable_incoming": 1}, fields=fields)
	folders = frappe.get_all("IMAP Folder", filters={"append_to": TICKET}, pluck="parent")
	return [account for account in enabled if account.append_to == TICKET or account.name in folders]
