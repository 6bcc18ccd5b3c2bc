"""What of a ticket a member has seen: the only writer of Portal Ticket View.

Seen is what a page with the messages showed, or what the person has answered. Times are naive UTC.
"""

from datetime import datetime

import frappe

from customer_portal import keys
from customer_portal.clock import utc_now

DOCTYPE = "Portal Ticket View"
_NOTE = """INSERT INTO `tabPortal Ticket View`
		(name, creation, modified, owner, modified_by, ticket, user, seen_at)
	VALUES (%(name)s, %(stamp)s, %(stamp)s, %(user)s, %(user)s, %(ticket)s, %(user)s, %(now)s)
	ON DUPLICATE KEY UPDATE seen_at = %(now)s"""


def note_seen(ticket: str, user: str) -> None:
	"""Up to this moment. The caller commits."""
	name = keys.digest("ticket-view", ticket, user)[:20]
	values = {"name": name, "ticket": ticket, "user": user, "now": utc_now(), "stamp": frappe.utils.now()}
	frappe.db.sql(_NOTE, values)


def seen_at(ticket: str, user: str) -> datetime | None:
	pair = {"ticket": ticket, "user": user}
	return frappe.db.get_value(DOCTYPE, pair, "seen_at", order_by="seen_at desc")


def forget(ticket: str) -> None:
	"""Of a ticket that is deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})


def erase(user: str) -> None:
	"""Of a person whose data is erased."""
	frappe.db.delete(DOCTYPE, {"user": user})
