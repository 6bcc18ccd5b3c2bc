"""The tickets that a member of an organisation sees, a page at a time: the same that ``access.sees`` says of each.

Pages are found by keyset: a cursor holds where a ticket stands in the order, not how many come before it. So a page far
back costs what the first one costs, and tickets that come in meanwhile neither repeat nor hide others.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import frappe

from customer_portal import access, statuses, ticket_filters, timeline, timezones
from customer_portal.access import Member
from customer_portal.exceptions import ListUnreadable
from customer_portal.ticket_filters import OLDEST, Condition, Filters, Group

PAGE = 25  # tickets
FIELDS = (
	*("name", "subject", "template", "status", "sub_status", "raised_by", "contact", "customer", "priority"),
	*("creation", "portal_updated_on", "portal_private", "portal_archived"),
)
_CURSOR = re.compile(r"([0-9]{1,3})-([0-9]{1,17})-(\S{1,140})")
_BEGINNING = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Line:
	"""One ticket; ``created`` and ``updated`` are naive UTC, ``main_status`` 1 to 4.

	``requester`` is an address, ``requester_name`` empty where no user has it.
	"""

	ticket: str
	subject: str
	label: str
	main_status: int
	requester: str
	requester_name: str
	is_own: bool
	customer: str
	priority: str
	created: datetime
	updated: datetime | None
	is_private: bool
	is_archived: bool


@dataclass(frozen=True)
class Cursor:
	"""Where a ticket stands: its group in the order, its moment in the group's column, and its name."""

	group: int
	moment: datetime
	ticket: str

	def __str__(self) -> str:
		microseconds = (self.moment - _BEGINNING) // timedelta(microseconds=1)
		return f"{self.group}-{microseconds}-{self.ticket}"


@dataclass(frozen=True)
class Query:
	"""``zone`` is the member's, in which days begin."""

	member: Member
	filters: Filters
	zone: ZoneInfo


@dataclass(frozen=True)
class Page:
	"""``previous`` and ``next`` are the cursors of the pages before and after this one in its order; None at an end."""

	lines: tuple[Line, ...]
	previous: str | None
	next: str | None


def read_cursor(text: str) -> Cursor:
	"""Raises ``ListUnreadable`` for none of ours."""
	found = _CURSOR.fullmatch(text)
	if not found:
		raise ListUnreadable
	return Cursor(int(found[1]), _BEGINNING + timedelta(microseconds=int(found[2])), found[3])


def read(query: Query, language: str, after: str = "", before: str = "") -> Page:
	"""The first page, or the one after or before a cursor. Raises ``ListUnreadable`` for no cursor of ours."""
	if before and not after:
		return _read_back(query, language, read_cursor(before))
	found = find(query, read_cursor(after) if after else None, PAGE + 1)
	shown = found[:PAGE]
	previous = str(shown[0]) if shown and after else None
	return Page(_lines(shown, query, language), previous, str(shown[-1]) if len(found) > PAGE else None)


def _read_back(query: Query, language: str, cursor: Cursor) -> Page:
	"""At the beginning it is the first page, as full as any other."""
	found = find(query, cursor, PAGE + 1, backwards=True)
	if len(found) <= PAGE:
		return read(query, language)
	shown = found[-PAGE:]
	return Page(_lines(shown, query, language), str(shown[0]), str(shown[-1]))


def find(query: Query, cursor: Cursor | None, most: int, backwards: bool = False) -> list[Cursor]:
	"""Where the next tickets after ``cursor`` stand, or the last ones before it, in the order of the list."""
	statement, values = select(query, cursor, most, backwards)
	found = [
		Cursor(int(place), moment, str(name)) for place, moment, name in frappe.db.sql(statement, values)
	]
	return found[::-1] if backwards else found


def select(query: Query, cursor: Cursor | None, most: int, backwards: bool) -> Condition:
	"""The statement of ``find`` and its values.

	A part for each source and group: each has an index for its condition and order, and is read no further than it must
	be.
	"""
	values: dict[str, object] = {}
	narrowing = ticket_filters.conditions(query.filters, query.member, query.zone)
	narrowed = " AND ".join(["1 = 1", *(_bound(one, values) for one in narrowing)])
	sources = [_bound(one, values) for one in access.sources(query.member)]
	direction = "DESC" if _is_descending(query, backwards) else "ASC"
	parts = [
		f"""(SELECT ticket.name, {place} AS place, ticket.{group.column} AS moment FROM `tabHD Ticket` ticket
		WHERE {source} AND {condition} AND {narrowed}
		ORDER BY {group.order} {direction}, ticket.name {direction} LIMIT {int(most)})"""
		for place, group, condition in _groups(query, cursor, backwards, values)
		for source in sources
	]
	order = f"place {'DESC' if backwards else 'ASC'}, moment {direction}, name {direction}"
	found = " UNION ".join(parts)
	return f"SELECT place, moment, name FROM ({found}) found ORDER BY {order} LIMIT {int(most)}", values


def _is_descending(query: Query, backwards: bool) -> bool:
	return (query.filters.sort != OLDEST) != backwards


def rows(places: Sequence[Cursor]) -> list[frappe._dict]:
	"""``FIELDS`` of the tickets that stand there, in their order; without those that are gone."""
	names = [place.ticket for place in places]
	if not names:
		return []
	found = frappe.get_all("HD Ticket", filters={"name": ("in", names)}, fields=list(FIELDS))
	by_name = {str(row.name): row for row in found}
	return [by_name[name] for name in names if name in by_name]


def _groups(
	query: Query, cursor: Cursor | None, backwards: bool, values: dict[str, object]
) -> Iterator[tuple[int, Group, str]]:
	"""Place, group and condition of what the cursor has not passed; ``values`` gets what the conditions need.

	Raises ``ListUnreadable`` for a cursor of another order, in which there are more groups.
	"""
	groups = ticket_filters.groups(query.filters.sort)
	if cursor and cursor.group >= len(groups):
		raise ListUnreadable
	for place, group in enumerate(groups):
		if cursor and (place > cursor.group if backwards else place < cursor.group):
			continue
		condition = _bound((group.condition, group.values), values)
		if cursor and place == cursor.group:
			beyond = _beyond(cursor, group.column, _is_descending(query, backwards))
			condition += f" AND {_bound(beyond, values)}"
		yield place, group, condition


def _beyond(cursor: Cursor, column: str, is_descending: bool) -> Condition:
	"""Not a comparison of whole rows, ``(creation, name) < (…)``, for which MariaDB uses no index."""
	sign = "<" if is_descending else ">"
	condition = f"""ticket.{column} {sign}= %(moment)s
		AND (ticket.{column} {sign} %(moment)s OR ticket.name {sign} %(ticket)s)"""
	return condition, {"moment": cursor.moment, "ticket": cursor.ticket}


def _bound(condition: Condition, values: dict[str, object]) -> str:
	"""The condition with parameters of its own in ``values``, whatever others are called."""
	text, own = condition
	number = len(values)
	for name, value in own.items():
		text = text.replace(f"%({name})s", f"%({name}_{number})s")
		values[f"{name}_{number}"] = value
	return text


def _lines(places: Sequence[Cursor], query: Query, language: str) -> tuple[Line, ...]:
	found = rows(places)
	names = _names({row.raised_by for row in found if row.raised_by})
	return tuple(_line(row, query.member, language, names.get(row.raised_by, "")) for row in found)


def _names(users: Collection[str]) -> dict[str, str]:
	"""Full names by user, without those for which Frappe has taken the address."""
	if not users:
		return {}
	found = frappe.get_all("User", {"name": ("in", users)}, ["name", "full_name"], as_list=True)
	return {user: name for user, name in found if name and "@" not in name}


def _line(row: frappe._dict, member: Member, language: str, requester_name: str) -> Line:
	template = statuses.template_of(row)
	main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
	return Line(
		ticket=str(row.name),
		subject=row.subject or "",
		label=statuses.customer_label(template, row.sub_status, language, main_status),
		main_status=main_status,
		requester=row.raised_by or "",
		requester_name=requester_name,
		is_own=access.is_own(member, row),
		customer=row.customer or "",
		priority=row.priority or "",
		created=timezones.to_utc(row.creation),
		updated=row.portal_updated_on,
		is_private=bool(row.portal_private),
		is_archived=bool(row.portal_archived),
	)
