"""One ticket as its customer may see it: nothing that is not here reaches a page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import frappe

from customer_portal import (
	access,
	conversations,
	html,
	links,
	mentions,
	promises,
	sessions,
	settings,
	statuses,
	ticket_files,
	timeline,
	timezones,
)
from customer_portal.access import Member
from customer_portal.conversations import Conversation
from customer_portal.exceptions import SignedOut, TicketNotFound
from customer_portal.html import CleanHtml
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.sessions import Session
from customer_portal.statuses import TicketTemplate
from customer_portal.ticket_files import StoredFile
from customer_portal.timeline import Timeline

FIELDS = (
	*("name", "subject", "template", "status", "sub_status", "description", "is_merged", "creation"),
	*("portal_archived", "feedback_rating", *promises.FIELDS),
	*ticket_files.FIELDS,
	*recipients.FIELDS,
	*access.FIELDS,
	*mentions.FIELDS,
	"priority",
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


@dataclass(frozen=True)
class Participant:
	"""A member of an organisation at one ticket."""

	ticket: str
	member: Member
	channel: str = EMAIL

	@property
	def recipient(self) -> str:
		return self.member.address


Person = Session | Viewer | Participant


def visible_row(person: Person) -> frappe._dict | None:
	"""The ticket that this person may see: their own or, once merged, the surviving one that they may see too.

	None when it was merged into a ticket that they may not see, or whose own link an agent revoked or has expired.
	Raises ``SignedOut`` when the ticket does not know the person any more, and ``TicketNotFound`` for a member.
	"""
	row = _row(person.ticket)
	if not _may_see(person, row):
		raise TicketNotFound if isinstance(person, Participant) else SignedOut
	if not row.is_merged:
		return row
	survivor = timeline.surviving(person.ticket)
	if survivor == person.ticket or not _may_see(person, survivor_row := _row(survivor)):
		return None
	return survivor_row if isinstance(person, Participant) or _keeps_sessions(survivor) else None


def renewed(person: Session | Participant) -> Session | Participant | None:
	"""The same person with the rights of this moment; None when they are not signed in or admitted any more."""
	if not isinstance(person, Participant):
		return person if sessions.is_open(person) else None
	member = access.member(person.member.user)
	return replace(person, member=member) if member else None


def _may_see(person: Person, row: frappe._dict) -> bool:
	if isinstance(person, Participant):
		return access.sees(person.member, row)
	return recipients.knows(row, Recipient(person.channel, person.recipient))


def _keeps_sessions(ticket: str) -> bool:
	link = links.of_ticket(ticket)
	return link is None or link.keeps_sessions


def shows_conversation(person: Person) -> bool:
	"""Members always read it; on the page behind a ticket's link it is a setting."""
	return isinstance(person, Participant) or bool(settings.get().show_conversation)


def row_for_preview(viewer: Viewer) -> frappe._dict | None:
	"""The same for an agent who looks at the ticket as its customer, whether or not it knows one yet."""
	return visible_row(viewer) if viewer.recipient else _row(viewer.ticket)


def state(row: frappe._dict, session: Person, language: str) -> State:
	merged_from = session.ticket if str(row.name) != session.ticket else None
	zone = timezones.named(session.member.time_zone) if isinstance(session, Participant) else None
	return state_at(row, statuses.template_of(row), timeline.read(row), language, merged_from, zone)


def state_at(
	row: frappe._dict,
	template: TicketTemplate,
	line: Timeline,
	language: str,
	merged_from: str | None = None,
	zone: ZoneInfo | None = None,
) -> State:
	"""The same of what is known already; ``row`` need not be in the database. ``zone`` is the reader's own choice."""
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
		time_zone=(zone or timezones.of_ticket(row)).key,
		is_archived=bool(row.portal_archived),
		merged_from=merged_from,
		has_unseen=line.has_unseen,
	)


def description(row: frappe._dict, address_of: Callable[[str], str]) -> CleanHtml:
	"""The description, harmless; ``address_of`` makes the address that serves the file of a given name."""
	files = ticket_files.shown(row)
	return html.clean(row.description, {file.path: address_of(file.name) for file in files})


def shown_file(row: frappe._dict, person: Person, name: str) -> StoredFile | None:
	"""A file by its name, only when it belongs to the ticket, and its description or a visible message shows it."""
	found = next((file for file in ticket_files.shown(row) if file.name == name), None)
	if found or not shows_conversation(person):
		return found
	file = conversations.shown_file(str(row.name), name)
	return StoredFile(file.name, file.path) if file else None


def conversation(
	row: frappe._dict, person: Person, address_of: Callable[[str], str], before: str = ""
) -> Conversation | None:
	"""A page of the messages; None where none are shown. ``before`` as in ``conversations.read``."""
	if not shows_conversation(person):
		return None
	return conversations.read(row, Recipient(person.channel, person.recipient), address_of, before)


def _row(ticket: str) -> frappe._dict:
	"""A column takes other spellings of a name for it, such as "12x" for the number 12."""
	row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True)
	if not row or str(row.name) != ticket:
		raise TicketNotFound
	return row
