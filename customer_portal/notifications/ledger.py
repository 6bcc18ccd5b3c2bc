"""What became of a ticket's messages, for its agents: one entry for each row of the outbox, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import statuses, timeline
from customer_portal.notifications import drafts, outbox

PAGE = 20  # entries

_ENTRIES = """SELECT message.name, message.kind, message.event, message.channel, message.masked_recipient,
		message.language, message.state, message.reason, message.attempts, message.may_be_repeated,
		message.occurred_at, message.due_at, message.sent_at, message.delivered_at, message.sub_status,
		event.seen_at, event.to_main_status, failed.channel AS in_place_of
	FROM `tabPortal Notification` message
	LEFT JOIN `tabPortal Status Event` event ON event.name = message.event
	LEFT JOIN `tabPortal Notification` failed ON failed.name = message.fallback_of
	WHERE message.ticket = %(ticket)s AND {older}
	ORDER BY message.occurred_at DESC, message.creation DESC, message.name DESC LIMIT %(limit)s"""
_OLDER = """(message.occurred_at, message.creation, message.name) < (SELECT last.occurred_at, last.creation, last.name
	FROM `tabPortal Notification` last WHERE last.name = %(after)s AND last.ticket = %(ticket)s)"""
_COUNTS = "SELECT state, COUNT(*) FROM `tabPortal Notification` WHERE ticket = %(ticket)s GROUP BY state"


@dataclass(frozen=True)
class Entry:
	"""Times are naive UTC. ``label`` is what customers read of the state that it told.

	``seen_at`` is when the customer saw that state on the ticket's page; ``in_place_of`` the channel that failed.
	"""

	name: str
	kind: str
	is_resent: bool
	channel: str
	recipient: str
	language: str | None
	label: str
	state: str
	reason: str
	attempts: int
	may_be_repeated: bool
	occurred_at: datetime
	due_at: datetime | None
	sent_at: datetime | None
	delivered_at: datetime | None
	seen_at: datetime | None
	in_place_of: str | None

	@property
	def may_be_resent(self) -> bool:
		return self.state in outbox.RESENDABLE and self.kind != outbox.REPLY


@dataclass(frozen=True)
class Ledger:
	"""A page of entries. ``counts`` has all messages of the ticket by state; ``last`` is where older ones begin."""

	entries: tuple[Entry, ...]
	counts: Mapping[str, int]
	last: str | None

	@property
	def total(self) -> int:
		return sum(self.counts.values())


def read(ticket: str, language: str, after: str = "") -> Ledger:
	"""The entries that are older than the one named ``after``, else the newest. Three SELECTs beside the template."""
	values = {"ticket": ticket, "after": after, "limit": PAGE + 1}
	query = _ENTRIES.format(older=_OLDER if after else "TRUE")
	rows = frappe.db.sql(query, values, as_dict=True)
	template = statuses.template_of(ticket)
	entries = tuple(_entry(row, ticket, template, language) for row in rows[:PAGE])
	counts = dict(frappe.db.sql(_COUNTS, values))
	return Ledger(entries, counts, entries[-1].name if len(rows) > PAGE else None)


def _entry(row: frappe._dict, ticket: str, template: statuses.TicketTemplate, language: str) -> Entry:
	"""What is no event's message told the state of its sub-status, which has one main status."""
	told, sub_status = row.pop("to_main_status"), row.pop("sub_status")
	main_status = told or timeline.main_status_of(template, sub_status, ticket)
	label = statuses.customer_label(template, sub_status, language, main_status)
	is_resent = drafts.is_resent(row)
	recipient, reason = row.pop("masked_recipient") or "", row.pop("reason") or ""
	row.pop("event")
	return Entry(label=label, is_resent=is_resent, recipient=recipient, reason=reason, **row)
