"""Shortcuts to the door of a ticket link, for tests of what lies behind it."""

from datetime import timedelta

import frappe

from customer_portal import links, rows, sessions
from customer_portal.clock import utc_now
from customer_portal.otp import keyed_codes
from customer_portal.pages import cookies
from tests.client import Client, hidden_fields

# What guests could change. Background workers write other columns and the outbox meanwhile.
WRITTEN = {
	"links": "select group_concat(name, is_revoked, opens, failures_in_a_row, version order by name) from `tabPortal Access Link`",
	"sessions": "select count(*), sum(tries), sum(state = 'Verified'), sum(state = 'Pending') from `tabPortal OTP Session`",
	"counted acts": "select count(*), max(name) from `tabPortal Throttle Event`",
	"status events": "select count(*) from `tabPortal Status Event`",
	"tickets": "select count(*), max(modified) from `tabHD Ticket`",
	"communications": "select count(*) from `tabCommunication`",
}


def home_of(ticket) -> str:
	"""The path of the ticket's link."""
	home = f"/t/{links.token(links.ensure(str(ticket.name)))}"
	frappe.db.commit()
	return home


def pending_challenge(
	ticket, channel: str, recipient: str, browser: str = "0" * 32, code: str = "2468"
) -> str:
	"""A code on its way, as if ``browser`` had asked for it; returns its name. Committed."""
	link = links.ensure(str(ticket.name))
	name = frappe.generate_hash(length=20)
	row = {
		"name": name,
		"state": "Pending",
		"link": link.name,
		"ticket": str(ticket.name),
		"channel": channel,
		"recipient": recipient,
		"masked_recipient": "+966 ••• 567" if channel == "SMS" else "s•••@example.com",
		"language": "en",
		"asked_at": utc_now(),
		"expires_at": utc_now() + timedelta(minutes=5),
		"digits": len(code),
		"delivery": "Sent",
		"code_digest": keyed_codes.digest(name, code),
		"browser_digest": keyed_codes.browser_digest(browser),
	}
	rows.insert("Portal OTP Session", row)
	frappe.db.commit()
	return name


def session_of(ticket, recipient: str | None = None) -> str:
	"""The cookie's value of a new session for this ticket."""
	name = pending_challenge(ticket, "Email", recipient or ticket.raised_by)
	opened = sessions.open(name, False, "tests")
	frappe.db.commit()
	return opened.token


def sign_in(client: Client, ticket, recipient: str | None = None) -> str:
	"""Gives the client a session for the ticket; returns the path of its link."""
	home = home_of(ticket)
	client.session.cookies.set(cookies.SESSION, session_of(ticket, recipient), path=home)
	return home


def submit(client: Client, home: str, action: str, **values: str):
	"""Loads the page and sends the form with the given action from it."""
	fields = hidden_fields(client.get(values.pop("page", home)).text, f"/{action}")
	return client.post(f"{home}/{action}", {**fields, **values})


def set_code(ticket, code: str) -> None:
	"""The newest pending code of the ticket becomes ``code``."""
	link = links.of_ticket(str(ticket.name))
	name = frappe.db.get_value(
		"Portal OTP Session", {"link": link.name, "state": "Pending"}, order_by="asked_at desc"
	)
	digest = keyed_codes.digest(name, code)
	frappe.db.set_value("Portal OTP Session", name, {"code_digest": digest, "digits": len(code)})
	frappe.db.commit()


def counts() -> dict[str, object]:
	"""What guests could have changed: equal before and after means that nothing was written."""
	frappe.db.rollback()
	return {what: frappe.db.sql(query) for what, query in WRITTEN.items()}
