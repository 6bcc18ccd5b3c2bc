"""What the ledger says of a ticket, or of a period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import statuses
from customer_portal.constants import MAIN_STATUSES, RECEIVED
from customer_portal.statuses import TicketTemplate
from customer_portal.timeline.ledger import BACKFILL, LEDGER


@dataclass(frozen=True)
class Step:
	"""One main status of a ticket: ``reached`` is naive UTC, None when it was skipped or is yet to come."""

	position: int
	state: str  # "completed", "current" or "upcoming"
	reached: datetime | None


@dataclass(frozen=True)
class Timeline:
	"""``last_update`` is the naive UTC time of the last change, None for a ticket without history.

	``has_unseen``: something happened since the customer last looked.
	"""

	ticket: str
	sub_status: str | None
	current: int
	steps: tuple[Step, ...]
	last_update: datetime | None
	has_unseen: bool = False


def main_status_of(template: TicketTemplate, sub_status: str | None, ticket: str) -> int:
	"""The main status of a sub-status; where the ticket stands, when the template does not have the sub-status."""
	row = template.sub_status(sub_status)
	return row.main_status if row else read(ticket).current


def read(ticket: str | Mapping) -> Timeline:
	"""The timeline of a ticket, given by its name or by a row with name, template, status and sub_status.

	At most two SELECTs beside the cached template; one when the row is given.
	"""
	row = _ticket_row(ticket)
	template = statuses.template_of(row)
	reached, last_update, has_unseen = _reached(str(row["name"]))
	current = _current(row, template, last_update and max(reached, key=lambda p: reached[p][1]))
	first = {position: first for position, (first, _last) in reached.items()}
	passed = steps(current, first)
	return Timeline(str(row["name"]), row.get("sub_status"), current, passed, last_update, has_unseen)


def _ticket_row(ticket: str | Mapping) -> Mapping:
	if not isinstance(ticket, str | int):
		return ticket
	row = frappe.db.get_value("HD Ticket", ticket, ["name", "template", "status", "sub_status"], as_dict=True)
	if not row:
		raise frappe.DoesNotExistError
	return row


def _reached(ticket: str) -> tuple[dict[int, tuple[datetime | None, datetime]], datetime | None, bool]:
	"""For each main status when it was first and last entered; when anything last changed; whether it is unseen."""
	rows = frappe.db.sql(
		"""select to_main_status, min(if(first_key is null, null, occurred_at)), max(occurred_at),
			sum(seen_at is null)
		from `tabPortal Status Event` where ticket = %s group by to_main_status""",
		(ticket,),
	)
	reached = {position: (first, last) for position, first, last, _unseen in rows}
	last_update = max((last for _first, last in reached.values()), default=None)
	return reached, last_update, any(unseen for *_columns, unseen in rows)


def _current(row: Mapping, template: TicketTemplate, last_recorded: int | None) -> int:
	known = template.sub_status(row.get("sub_status"))
	if known:
		return known.main_status
	return last_recorded or template.nearest_main(row.get("status"), RECEIVED) or RECEIVED


def steps(current: int, first_reached: Mapping[int, datetime | None]) -> tuple[Step, ...]:
	"""All main statuses of a ticket that stands in ``current``; times are naive UTC."""
	return tuple(_step(place, current, first_reached.get(place)) for place in range(1, MAIN_STATUSES + 1))


def _step(position: int, current: int, reached: datetime | None) -> Step:
	state = "current" if position == current else "completed" if position < current else "upcoming"
	return Step(position, state, reached)


def count_since(moment: datetime) -> int:
	"""How many changes there were, without those that were taken from an older ticket's history."""
	query = f"SELECT COUNT(*) FROM `tab{LEDGER}` WHERE occurred_at >= %(since)s AND source != %(backfill)s"
	return frappe.db.sql(query, {"since": moment, "backfill": BACKFILL})[0][0]


def by_tickets(since: datetime, tickets_at_once: int) -> Iterator[list[frappe._dict]]:
	"""The same changes, of so many tickets at a time; ordered by ticket and time."""
	of_period = "occurred_at >= %(since)s AND source != %(backfill)s"
	next_tickets = f"""SELECT DISTINCT ticket FROM `tab{LEDGER}` WHERE {of_period} AND ticket > %(last)s
		ORDER BY ticket LIMIT {int(tickets_at_once)}"""
	events = f"""SELECT name, ticket, to_sub_status, to_main_status, occurred_at, seen_at FROM `tab{LEDGER}`
		WHERE {of_period} AND ticket IN %(tickets)s ORDER BY ticket, occurred_at, name"""
	values = {"since": since, "backfill": BACKFILL, "last": ""}
	while tickets := frappe.db.sql(next_tickets, values, pluck=True):
		yield frappe.db.sql(events, {**values, "tickets": tuple(tickets)}, as_dict=True)
		values["last"] = tickets[-1]


def surviving(ticket: str) -> str:
	"""The ticket into which this one was merged, over any number of merges; itself when it was not.

	A chain that loops or ends at a missing ticket gives the last ticket that exists.
	"""
	seen = {str(ticket)}
	while True:
		target = frappe.db.get_value("HD Ticket", {"name": ticket, "is_merged": 1}, "merged_with")
		if not target or str(target) in seen or not frappe.db.exists("HD Ticket", target):
			return str(ticket)
		ticket = str(target)
		seen.add(ticket)
