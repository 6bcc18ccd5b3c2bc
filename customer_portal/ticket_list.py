"""The tickets that a member of an organisation sees, a page at a time: the same that ``access.sees`` says of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import access, statuses, timeline, timezones
from customer_portal.access import Member
from customer_portal.exceptions import PortalError

PAGE = 25  # tickets
_FIELDS = ("name", "subject", "template", "status", "sub_status", "raised_by", "customer", "creation")
_FLAGS = ("portal_private", "portal_archived", "contact")


@dataclass(frozen=True)
class Line:
	"""One ticket; ``created`` is naive UTC, ``main_status`` 1 to 4."""

	ticket: str
	subject: str
	label: str
	main_status: int
	requester: str
	is_own: bool
	customer: str
	created: datetime
	is_private: bool
	is_archived: bool


@dataclass(frozen=True)
class Page:
	"""``next`` is the cursor of the page after this one; None when this is the last."""

	lines: tuple[Line, ...]
	next: str | None


def read(member: Member, language: str, after: str = "") -> Page:
	"""The newest first; ``after`` is the cursor of an earlier page. Raises ``PortalError`` for none of ours."""
	names = _names(member, after)
	rows = _rows(names[:PAGE])
	lines = tuple(_line(row, member, language) for row in rows)
	return Page(lines, names[PAGE - 1] if len(names) > PAGE else None)


def _names(member: Member, after: str) -> list[str]:
	"""One more than a page. Each source has an index for its condition and order, so each is read no further."""
	values: dict[str, object] = _cursor(after) if after else {}
	parts = []
	for number, (condition, own) in enumerate(access.sources(member)):
		for name in own:
			condition = condition.replace(f"%({name})s", f"%({name}_{number})s")
		values |= {f"{name}_{number}": value for name, value in own.items()}
		parts.append(_part(condition, after))
	query = f"""SELECT name FROM ({" UNION ".join(parts)}) found
		ORDER BY creation DESC, name DESC LIMIT {PAGE + 1}"""
	return [str(name) for name in frappe.db.sql(query, values, pluck=True)]


def _part(condition: str, after: str) -> str:
	"""A comparison of rows alone would read an index from its start."""
	row = "(ticket.creation, ticket.name) < (%(created)s, %(after)s)"
	following = f" AND ticket.creation <= %(created)s AND {row}" if after else ""
	return f"""(SELECT ticket.name, ticket.creation FROM `tabHD Ticket` ticket WHERE {condition}{following}
		ORDER BY ticket.creation DESC, ticket.name DESC LIMIT {PAGE + 1})"""


def _cursor(ticket: str) -> dict[str, object]:
	row = frappe.db.get_value("HD Ticket", ticket, ["name", "creation"])
	if row is None or str(row[0]) != ticket:
		raise PortalError
	return {"after": row[0], "created": row[1]}


def _rows(names: Sequence[str]) -> list[frappe._dict]:
	if not names:
		return []
	fields = [*_FIELDS, *_FLAGS]
	found = frappe.get_all("HD Ticket", filters={"name": ("in", names)}, fields=fields)
	by_name = {str(row.name): row for row in found}
	return [by_name[name] for name in names if name in by_name]


def _line(row: frappe._dict, member: Member, language: str) -> Line:
	template = statuses.template_of(row)
	main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
	return Line(
		ticket=str(row.name),
		subject=row.subject or "",
		label=statuses.customer_label(template, row.sub_status, language, main_status),
		main_status=main_status,
		requester=row.raised_by or "",
		is_own=access.is_own(member, row),
		customer=row.customer or "",
		created=timezones.to_utc(row.creation),
		is_private=bool(row.portal_private),
		is_archived=bool(row.portal_archived),
	)
