"""Reads from Helpdesk's own records what happened before this app was there. Writes nothing."""

from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import groupby

import frappe
from frappe.utils import get_datetime

from customer_portal import statuses, timezones
from customer_portal.constants import IN_PROGRESS, RECEIVED
from customer_portal.statuses import TicketTemplate

FIELDS = (
	"name",
	"template",
	"status",
	"creation",
	"modified",
	"first_responded_on",
	"resolution_date",
	"owner",
)
STATUS_ACTION = "set status to "  # how HD Ticket Activity words a change


@dataclass(frozen=True)
class PastStep:
	"""A main status that was entered; ``at`` is naive UTC."""

	main_status: int
	sub_status: str
	at: datetime
	actor: str | None


@dataclass(frozen=True)
class _Hint:
	at: datetime  # naive, in the site's time zone, as Helpdesk stores it
	status: str | None  # None: an agent answered for the first time
	actor: str | None


def likely_main_status(ticket) -> int:
	"""Where a ticket without a sub-status stands, as far as its status leaves a choice."""
	return IN_PROGRESS if ticket.get("first_responded_on") else RECEIVED


def row_before(doc):
	"""The row of ``FIELDS`` of a ticket that is being saved, as it was before the save.

	``until`` is when this save began: Helpdesk has logged the change of status already.
	"""
	before = doc.get_doc_before_save() or doc
	row = frappe._dict({fieldname: before.get(fieldname) for fieldname in FIELDS})
	return frappe._dict(row, until=get_datetime(doc.modified))


def steps_of(tickets: list) -> dict[str, list[PastStep]]:
	"""The steps of each ticket, by its name, in order; at least one each. One SELECT for all."""
	changes = _status_changes([str(ticket.name) for ticket in tickets])
	return {str(ticket.name): _steps(ticket, _before(ticket, changes)) for ticket in tickets}


def _before(ticket, changes: dict[str, list[_Hint]]) -> list[_Hint]:
	own = changes.get(str(ticket.name), [])
	return [change for change in own if not ticket.until or change.at < ticket.until]


def _status_changes(tickets: list[str]) -> dict[str, list[_Hint]]:
	rows = frappe.get_all(
		"HD Ticket Activity",
		filters={"ticket": ("in", tickets), "action": ("like", f"{STATUS_ACTION}%")},
		fields=["ticket", "action", "owner", "creation"],
		order_by="ticket asc, creation asc",
	)
	return {
		str(ticket): [
			_Hint(row.creation, row.action.removeprefix(STATUS_ACTION), row.owner) for row in changes
		]
		for ticket, changes in groupby(rows, key=lambda row: row.ticket)
	}


def _steps(ticket, changes: list[_Hint]) -> list[PastStep]:
	template = statuses.template_named(ticket.template)
	position = RECEIVED
	steps = [_step(template, RECEIVED, ticket.creation, ticket.owner)]
	for hint in sorted([*changes, *_first_answer(ticket)], key=lambda hint: hint.at):
		entered = _entered(template, hint, position)
		if entered != position:
			position = entered
			steps.append(_step(template, position, max(hint.at, ticket.creation), hint.actor))
	ending = template.nearest_main(ticket.status, position)
	if ending and ending != position:
		steps.append(_step(template, ending, _time_of_ending(ticket, changes), None))
	return steps


def _first_answer(ticket) -> list[_Hint]:
	return [_Hint(ticket.first_responded_on, None, None)] if ticket.first_responded_on else []


def _entered(template: TicketTemplate, hint: _Hint, position: int) -> int:
	if hint.status is None:
		return max(position, IN_PROGRESS)
	return template.nearest_main(hint.status, position) or position


def _time_of_ending(ticket, changes: list[_Hint]) -> datetime:
	"""The best that Helpdesk knows about the entry into the present status, which it did not log."""
	known = [moment for moment in (ticket.resolution_date, *(change.at for change in changes)) if moment]
	return max(known, default=ticket.modified)


def _step(template: TicketTemplate, position: int, at: datetime, actor: str | None) -> PastStep:
	return PastStep(position, template.default_of(position).name, _in_utc(at), actor)


def _in_utc(at: datetime) -> datetime:
	"""Helpdesk's times are naive, in the site's zone; an hour that came twice in autumn is the first one."""
	return at.replace(tzinfo=timezones.of_site()).astimezone(timezone.utc).replace(tzinfo=None)
