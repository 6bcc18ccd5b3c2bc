"""What of a ticket a member has seen: the only writer of Portal Ticket View.

Seen is what a page with the messages showed, or what the person has answered: messages by name, not all up to a
moment, because one whose transaction is still open has an earlier time and is on no page. Times are naive UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import keys
from customer_portal.clock import utc_now

DOCTYPE = "Portal Ticket View"
_NOTE = """INSERT INTO `tabPortal Ticket View`
		(name, creation, modified, owner, modified_by, ticket, user, seen_at, messages)
	VALUES (%(name)s, %(stamp)s, %(stamp)s, %(user)s, %(user)s, %(ticket)s, %(user)s, %(now)s, %(messages)s)
	ON DUPLICATE KEY UPDATE seen_at = %(now)s, messages = %(messages)s"""


@dataclass(frozen=True)
class Seen:
	"""``messages`` are the names of the Communications on the newest page; ``at`` is naive UTC."""

	at: datetime
	messages: frozenset[str]


def note_seen(ticket: str, user: str, messages: Iterable[str]) -> None:
	"""``messages`` are the names of those on the newest page. The caller commits."""
	name = keys.digest("ticket-view", ticket, user)[:20]
	values = {"name": name, "ticket": ticket, "user": user, "now": utc_now(), "stamp": frappe.utils.now()}
	frappe.db.sql(_NOTE, {**values, "messages": "\n".join(messages)})


def last(ticket: str, user: str) -> Seen | None:
	pair = {"ticket": ticket, "user": user}
	found = frappe.db.get_value(DOCTYPE, pair, ("seen_at", "messages"), order_by="seen_at desc")
	return Seen(found[0], frozenset((found[1] or "").split("\n")) - {""}) if found else None


def forget(ticket: str) -> None:
	"""Of a ticket that is deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})


def erase(user: str) -> None:
	"""Of a person whose data is erased."""
	frappe.db.delete(DOCTYPE, {"user": user})
