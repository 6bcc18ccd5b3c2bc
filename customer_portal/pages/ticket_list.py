"""The list of tickets that a member sees: what narrows it, its order, and its pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from customer_portal import statuses, ticket_filters, ticket_list, timezones
from customer_portal.constants import DEFAULT_TEMPLATE, MAIN_STATUSES
from customer_portal.exceptions import PortalError
from customer_portal.pages import forms, list_address, members, times, views
from customer_portal.pages.members import MemberVisitor
from customer_portal.pages.texts import translate as _
from customer_portal.ticket_filters import NEWEST, OLDEST, OPEN, PRIORITY, UPDATED, Filters
from customer_portal.ticket_forms import offered
from customer_portal.ticket_list import Page, Query

SCRIPT, STYLE = "js/ticket_list.js", "css/ticket_list.css"


@dataclass(frozen=True)
class Choice:
	"""One of a menu; ``is_part`` belongs below the one before that is not."""

	value: str
	text: str
	is_part: bool = False


@dataclass(frozen=True)
class Choices:
	"""What the form offers. A menu with one form only, or none, is not shown."""

	statuses: Sequence[Choice]
	forms: Sequence[Choice]
	priorities: Sequence[Choice]
	sorts: Sequence[Choice]
	requesters: Sequence[str]


@dataclass(frozen=True)
class Chip:
	"""A filter that is on, and the address of the list without it."""

	text: str
	address: str


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	try:
		query = query_of(visitor)
		places = {name: forms.query(request, name) for name in ("after", "before")}
		page = ticket_list.read(query, visitor.language, **places)
	except PortalError as problem:
		return views.error(problem, members.TICKETS)
	choices = _choices(visitor, page)
	return views.page(
		"tickets.html",
		visitor,
		scripts=(SCRIPT,),
		styles=(STYLE,),
		place="tickets",
		page=page,
		is_first=not any(places.values()),
		filters=query.filters,
		choices=choices,
		chips=_chips(query.filters, choices, visitor.language),
		address=lambda **cursors: list_address.write(query.filters, **cursors),
		zone=query.zone.key,
	)


def query_of(visitor: MemberVisitor) -> Query:
	"""What the address asks for, on the member's own clock. Raises what ``list_address.read`` raises."""
	return Query(visitor.member, list_address.read(visitor.request), timezones.own(visitor.member.time_zone))


def _choices(visitor: MemberVisitor, page: Page) -> Choices:
	shown = offered.names(visitor.member)
	people = {visitor.member.address, *(line.requester for line in page.lines if line.requester)}
	return Choices(
		statuses=_statuses((DEFAULT_TEMPLATE, *shown), visitor.language),
		forms=[Choice(name, name) for name in shown] if len(shown) > 1 else (),
		priorities=[Choice(name, _(name)) for name in ticket_filters.priorities()],
		sorts=_sorts(),
		requesters=sorted(people),
	)


def _statuses(templates: Sequence[str], language: str) -> list[Choice]:
	"""Each main status, then what customers read of its steps where that is more than the status itself."""
	default = statuses.template_named(DEFAULT_TEMPLATE)
	labels = ticket_filters.labels(templates, language)
	found = [Choice(OPEN, _("Not resolved yet"))]
	for position in range(1, MAIN_STATUSES + 1):
		main = statuses.main_label(default, position, language)
		own = [label for label in labels if label.main_status == position and label.text != main]
		found += [Choice(str(position), main), *(Choice(label.key, label.text, True) for label in own)]
	return found


def _sorts() -> list[Choice]:
	return [
		Choice(NEWEST, _("Newest first")),
		Choice(OLDEST, _("Oldest first")),
		Choice(UPDATED, _("Last update first")),
		Choice(PRIORITY, _("Most urgent first")),
	]


def _chips(filters: Filters, choices: Choices, language: str) -> list[Chip]:
	texts = {
		"search": _("Search: {0}").format(f"\u2068{filters.search}\u2069"),
		"status": _text(choices.statuses, filters.status),
		"form": filters.form,
		"requester": _("From: {0}").format(f"\u2068{filters.requester}\u2069"),
		"priority": _("Priority: {0}").format(_text(choices.priorities, filters.priority)),
		"start": filters.start and _("Since {0}").format(times.day(filters.start, language)),
		"end": filters.end and _("Until {0}").format(times.day(filters.end, language)),
	}
	return [Chip(texts[field], list_address.without(filters, field)) for field in filters.active]


def _text(choices: Sequence[Choice], value: str) -> str:
	"""What is not offered any more, in an old address, is shown as it stands there."""
	return next((choice.text for choice in choices if choice.value == value), value)
