"""Which Email Account speaks for a ticket."""

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount

from customer_portal import settings
from customer_portal.integrations.failures import TemporaryFailure

TICKET = "HD Ticket"
OUTGOING = {"enable_outgoing": 1}


def exists() -> bool:
	return bool(frappe.conf.mail_server or frappe.db.exists("Email Account", OUTGOING))


def of_ticket(ticket: str | None, wanted: str = ""):
	"""The ``wanted`` account, else that by which the ticket came, else the one that its last mail went through, else the settings' one,
	else the one that takes in tickets, else the default one.

	Raises ``TemporaryFailure`` when the site has none.
	"""
	for name in (wanted, _came_by(ticket), _last_used(ticket), settings.get().email_account):
		if name and frappe.db.exists("Email Account", {"name": name, **OUTGOING}):
			return frappe.get_cached_doc("Email Account", name)
	account = EmailAccount.find_outgoing(match_by_doctype=TICKET)
	if not account:
		raise TemporaryFailure(_("The site has no outgoing e-mail account."))
	return account


def is_own_address(address: str) -> bool:
	"""A mail to one of the site's own accounts would come back as a ticket or a reply, and cause the next mail."""
	return bool(frappe.db.exists("Email Account", {"email_id": address}))


def _came_by(ticket: str) -> str | None:
	return frappe.db.get_value(TICKET, ticket, "email_account") if ticket else None


def _last_used(ticket: str) -> str | None:
	mail = {"reference_doctype": TICKET, "reference_name": ticket, "email_account": ("is", "set")}
	return (
		frappe.db.get_value("Communication", mail, "email_account", order_by="creation desc")
		if ticket
		else None
	)


def last_message_id(ticket: str) -> str | None:
	"""The Message-ID of the ticket's last mail, to which the next one answers."""
	mail = {"reference_doctype": TICKET, "reference_name": ticket, "message_id": ("is", "set")}
	return (
		frappe.db.get_value("Communication", mail, "message_id", order_by="creation desc") if ticket else None
	)


def last_mail_of(ticket: str, address: str) -> str | None:
	"""The Message-ID of the last mail that came from this address."""
	mail = {"reference_doctype": TICKET, "reference_name": ticket, "message_id": ("is", "set")}
	own = {**mail, "sender": address, "sent_or_received": "Received"}
	return frappe.db.get_value("Communication", own, "message_id", order_by="creation desc")
