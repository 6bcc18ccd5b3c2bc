"""One ticket as its customer may see it: nothing that is not here reaches a page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import (
	conversations,
	html,
	links,
	promises,
	settings,
	statuses,
	ticket_files,
	timeline,
	timezones,
)
from customer_portal.conversations import Conversation
from customer_portal.exceptions import SignedOut
from customer_portal.html import CleanHtml
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient
from customer_portal.sessions import Session
from customer_portal.statuses import TicketTemplate
from customer_portal.ticket_files import StoredFile
from customer_portal.timeline import Timeline

FIELDS = (
	*("name", "template", "status", "sub_status", "description", "is_merged"),
	*("portal_archived", "feedback_rating", *promises.FIELDS),
	*ticket_files.FIELDS,
	*recipients.FIELDS,
)


@dataclass(frozen=True)
class Step:
	"""A main status: ``state`` is "completed", "current" or "upcoming"; ``reached`` naive UTC or None."""

	label: str
	state: str
	reached: datetime | None


@dataclass(frozen=True)
class State:
	"""Where a ticket stands. ``ball`` is "", "Us", "You" or "A third party"; ``time_zone`` an IANA name.

	``expected_by`` is naive UTC. ``has_unseen``: the customer has not looked since the last change.
	"""

	ticket: str
	label: str
	main_status: int
	next_step: str
	ball: str
	expected_by: datetime | None
	steps: tuple[Step, ...]
	last_update: datetime | None
	time_zone: str
	is_archived: bool
	merged_from: str | None
	has_unseen: bool = False

	@property
	def is_late(self) -> bool:
		"""Whether ``expected_by`` has passed."""
		return promises.is_past(self.expected_by)


@dataclass(frozen=True)
class Viewer:
	"""Somebody without a session, in whose place an agent looks; ``recipient`` may be empty."""

	ticket: str
	channel: str
	recipient: str


def visible_row(session: Session | Viewer) -> frappe._dict | None:
	"""The ticket that this session may see: its own or, once merged, the surviving one that knows the person too.

	None when it was merged into a ticket that does not, or whose own link an agent revoked or has expired.
	Raises ``SignedOut`` when the ticket does not know the person any more.
	"""
	row = _row(session.ticket)
	person = Recipient(session.channel, session.recipient)
	if not recipients.knows(row, person):
		raise SignedOut
	if not row.is_merged:
		return row
	survivor = timeline.surviving(session.ticket)
	if survivor == session.ticket or not recipients.match(survivor, person.channel, person.key):
		return None
	link = links.of_ticket(survivor)
	return _row(survivor) if link is None or link.keeps_sessions else None


def row_for_preview(viewer: Viewer) -> frappe._dict | None:
	"""The same for an agent who looks at the ticket as its customer, whether or not it knows one yet."""
	return visible_row(viewer) if viewer.recipient else _row(viewer.ticket)


def state(row: frappe._dict, session: Session | Viewer, language: str) -> State:
	merged_from = session.ticket if str(row.name) != session.ticket else None
	return state_at(row, statuses.template_of(row), timeline.read(row), language, merged_from)


def state_at(
	row: frappe._dict, template: TicketTemplate, line: Timeline, language: str, merged_from: str | None = None
) -> State:
	"""The same of what is known already; ``row`` need not be in the database."""
	steps = (
		Step(statuses.main_label(template, step.position, language), step.state, step.reached)
		for step in line.steps
	)
	return State(
		ticket=str(row.name),
		label=statuses.customer_label(template, row.sub_status, language, line.current),
		main_status=line.current,
		next_step=statuses.next_step(template, row.sub_status, language),
		ball=statuses.ball(template, row.sub_status),
		expected_by=promises.expected_by(row, template, row.sub_status),
		steps=tuple(steps),
		last_update=line.last_update,
		time_zone=timezones.of_ticket(row).key,
		is_archived=bool(row.portal_archived),
		merged_from=merged_from,
		has_unseen=line.has_unseen,
	)


def description(row: frappe._dict, address_of: Callable[[str], str]) -> CleanHtml:
	"""The description, harmless; ``address_of`` makes the address that serves the file of a given name."""
	files = ticket_files.shown(row)
	return html.clean(row.description, {file.path: address_of(file.name) for file in files})


def shown_file(row: frappe._dict, name: str) -> StoredFile | None:
	"""A file by its name, only when it belongs to the ticket, and its description or a visible message shows it."""
	found = next((file for file in ticket_files.shown(row) if file.name == name), None)
	if found or not settings.get().show_conversation:
		return found
	file = conversations.shown_file(str(row.name), name)
	return StoredFile(file.name, file.path) if file else None


def conversation(
	row: frappe._dict, session: Session | Viewer, address_of: Callable[[str], str], before: str = ""
) -> Conversation | None:
	"""A page of the messages; None while the settings show none. ``before`` as in ``conversations.read``."""
	if not settings.get().show_conversation:
		return None
	return conversations.read(row, Recipient(session.channel, session.recipient), address_of, before)


def _row(ticket: str) -> frappe._dict:
	row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True)
	if not row:
		raise frappe.DoesNotExistError
	return row
