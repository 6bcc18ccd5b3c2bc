"""What a member narrows the list of tickets down to, and in which order it comes, as conditions on `tabHD Ticket`.

They are added to those of ``access.sources`` and never widen them. A value that names nothing, such as a form that the
member may not see, finds nothing: the answer is the same whether or not it exists.

Words are looked for in the subject alone. Every condition here is answered from the ticket's own row; descriptions and
messages are long texts of other tables, which would have to be read for each of 100,000 tickets, internal notes among
them.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import frappe

from customer_portal import statuses, timezones
from customer_portal.access import Member
from customer_portal.constants import CLOSED, DEFAULT_TEMPLATE, MAIN_STATUSES, RECEIVED, RESOLVED, TICKET_KEY
from customer_portal.statuses import TicketTemplate
from customer_portal.ticket_forms import offered

NEWEST, OLDEST, UPDATED, PRIORITY = SORTS = ("newest", "oldest", "updated", "priority")
OPEN = "open"  # every main status before "resolved"
MOST_WORDS = 8
Condition = tuple[str, dict[str, object]]
NOTHING: Condition = ("1 = 0", {})


@dataclass(frozen=True)
class Filters:
	"""Empty fields narrow nothing. ``start`` and ``end`` are days on the member's calendar, both included.

	``status`` is ``OPEN``, "1" to "4", or the key of a customer label; ``form`` the name of an HD Ticket Template;
	``requester`` a part of the address; ``search`` a number or words of the subject.
	"""

	search: str = ""
	status: str = ""
	form: str = ""
	requester: str = ""
	priority: str = ""
	start: date | None = None
	end: date | None = None
	sort: str = NEWEST

	@property
	def active(self) -> tuple[str, ...]:
		"""The names of the fields that narrow the list."""
		return tuple(one.name for one in fields(self) if one.name != "sort" and getattr(self, one.name))


@dataclass(frozen=True)
class Label:
	"""What customers read of one or several sub-statuses; ``key`` is the same in every language."""

	key: str
	text: str
	main_status: int


@dataclass(frozen=True)
class Group:
	"""Tickets that stand together in an order, by ``column`` among themselves.

	Of a rare group, such as that of tickets without a priority, all are read and then sorted. Otherwise MariaDB would
	walk through everybody's tickets in their order, to find the few.
	"""

	condition: str
	values: dict[str, object]
	column: str = "creation"
	is_rare: bool = False

	@property
	def order(self) -> str:
		return f"ticket.{self.column} + INTERVAL 0 SECOND" if self.is_rare else f"ticket.{self.column}"


def conditions(filters: Filters, member: Member, zone: ZoneInfo) -> Iterator[Condition]:
	"""All of them must hold; ``zone`` is the member's."""
	if filters.status:
		yield of_status(filters.status)
	if filters.form:
		yield _of_form(filters.form, member)
	if filters.priority:
		yield "ticket.priority = %(priority)s", {"priority": filters.priority}
	if filters.requester:
		yield "ticket.raised_by LIKE %(requester)s", {"requester": _containing(filters.requester)}
	if filters.start:
		yield "ticket.creation >= %(start)s", {"start": _midnight(filters.start, zone)}
	if filters.end:
		yield "ticket.creation < %(end)s", {"end": _midnight(filters.end + timedelta(days=1), zone)}
	if filters.search:
		yield _of_search(filters.search)


def groups(sort: str) -> tuple[Group, ...]:
	"""In their order, which together are all tickets."""
	if sort == UPDATED:
		known = Group("ticket.portal_updated_on IS NOT NULL", {}, "portal_updated_on")
		return known, Group("ticket.portal_updated_on IS NULL", {}, is_rare=True)
	if sort == PRIORITY:
		names = frappe.get_all("HD Ticket Priority", order_by="integer_value, name", pluck="name")
		known = tuple(Group("ticket.priority = %(rank)s", {"rank": name}) for name in names)
		others = "(ticket.priority IS NULL OR ticket.priority NOT IN %(ranked)s)"
		return (*known, Group(others, {"ranked": tuple(names) or ("",)}, is_rare=True))
	return (Group("1 = 1", {}),)


def priorities() -> list[str]:
	return frappe.get_all("HD Ticket Priority", {"disabled": 0}, order_by="integer_value, name", pluck="name")


def labels(templates: Sequence[str], language: str) -> list[Label]:
	"""What tickets of these HD Ticket Templates may be labelled, by main status; equal ones once."""
	found: dict[str, Label] = {}
	for template in map(statuses.template_named, templates):
		for row in statuses.choices(template):
			text = statuses.customer_label(template, row.name, language, row.main_status)
			key = _key(row.main_status, row.customer_label)
			found.setdefault(key, Label(key, text, row.main_status))
	return sorted(found.values(), key=lambda label: label.main_status)


def of_status(wanted: str) -> Condition:
	"""By the sub-statuses that mean it in each template, and as ``timeline.read`` does where none is known.

	Written so that an index of template and sub-status finds the few among many: no function around a column.
	"""
	templates, places = _templates(), _places(wanted)
	values: dict[str, object] = {
		"templates": tuple(name for _template, names in templates for name in names),
		"places": places,
	}
	parts = []
	for number, (template, names) in enumerate(templates):
		values |= {f"of_{number}": names, f"all_{number}": tuple(row.name for row in template.sub_statuses)}
		of_template = f"ticket.template IN %(of_{number})s"
		if DEFAULT_TEMPLATE in names:
			of_template = (
				f"({of_template} OR ticket.template IS NULL OR ticket.template NOT IN %(templates)s)"
			)
		if known := _sub_statuses(wanted, template):
			values[f"known_{number}"] = known
			parts.append(f"({of_template} AND ticket.sub_status IN %(known_{number})s)")
		if places:
			is_unknown = f"(ticket.sub_status IS NULL OR ticket.sub_status NOT IN %(all_{number})s)"
			place = f"COALESCE(({_LAST_PLACE}), {_by_status(template, number, values)})"
			parts.append(f"({of_template} AND {is_unknown} AND {place} IN %(places)s)")
	return (f"({' OR '.join(parts)})", values) if parts else NOTHING


_LAST_PLACE = f"""SELECT event.to_main_status FROM `tabPortal Status Event` event
	WHERE event.ticket = {TICKET_KEY} ORDER BY event.occurred_at DESC LIMIT 1"""


def _by_status(template: TicketTemplate, number: int, values: dict[str, object]) -> str:
	"""The main status that fits and is nearest to the first one, as SQL; ``values`` gets what it needs."""
	names: dict[int, list[str]] = {}
	for status in set().union(*(main.fits for main in template.main_statuses)):
		names.setdefault(template.nearest_main(status, RECEIVED) or RECEIVED, []).append(status)
	cases = []
	for position, fitting in names.items():
		values[f"fits_{number}_{position}"] = tuple(fitting)
		cases.append(f"WHEN ticket.status IN %(fits_{number}_{position})s THEN {position}")
	return f"CASE {' '.join(cases)} ELSE {RECEIVED} END"


def _templates() -> list[tuple[TicketTemplate, tuple[str, ...]]]:
	"""Each portal template, and the HD Ticket Templates that have it; the Default one stands for the nameless too."""
	own = frappe.get_all("Portal Ticket Template", pluck="ticket_template", order_by="name")
	others = frappe.get_all("HD Ticket Template", {"name": ("not in", own or [""])}, pluck="name")
	found = [(statuses.template_named(name), (name,)) for name in own if name != DEFAULT_TEMPLATE]
	return [*found, (statuses.template_named(DEFAULT_TEMPLATE), (DEFAULT_TEMPLATE, "", *others))]


def _places(wanted: str) -> tuple[int, ...]:
	if wanted == OPEN:
		return tuple(range(RECEIVED, RESOLVED))
	is_main = wanted in {str(position) for position in range(RECEIVED, CLOSED + 1)}
	return (int(wanted),) if is_main else ()


def _sub_statuses(wanted: str, template: TicketTemplate) -> tuple[str, ...]:
	places = _places(wanted)
	return tuple(
		row.name
		for row in template.sub_statuses
		if row.main_status in places or _key(row.main_status, row.customer_label) == wanted
	)


def _key(main_status: int, label: str) -> str:
	"""The same for all sub-statuses that customers cannot tell apart."""
	return f"{main_status}-{sha256(label.encode()).hexdigest()[:12]}"


def is_status(text: str) -> bool:
	"""Whether it has the form of a status, be there one or not."""
	main_status, _dash, digest = text.partition("-")
	if main_status not in {str(position) for position in range(1, MAIN_STATUSES + 1)}:
		return text == OPEN
	return text == main_status or (len(digest) == 12 and set(digest) <= set("0123456789abcdef"))


def _of_form(form: str, member: Member) -> Condition:
	if form not in offered.names(member):
		return NOTHING
	own = f"COALESCE(NULLIF(ticket.template, ''), '{DEFAULT_TEMPLATE}') = %(form)s"
	return own, {"form": form}


def _of_search(text: str) -> Condition:
	"""Every word, or the number of the ticket; with # it can only be the number."""
	number, has_sign = _ticket_number(text), text.startswith("#")
	by_number = ("ticket.name = %(number)s", {"number": number})
	if number and has_sign:
		return by_number
	words = {f"word_{place}": _containing(word) for place, word in enumerate(text.split()[:MOST_WORDS])}
	subject = " AND ".join(f"ticket.subject LIKE %({name})s" for name in words)
	if number is None:
		return f"({subject})", words
	return f"({subject} OR {by_number[0]})", {**words, **by_number[1]}


def _ticket_number(text: str) -> str | None:
	"""``#1234``, in the digits of any script."""
	digits = text.removeprefix("#").strip()
	is_number = 0 < len(digits) < 19 and all(unicodedata.category(sign) == "Nd" for sign in digits)
	return str(int(digits)) if is_number else None


def _containing(text: str) -> str:
	escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
	return f"%{escaped}%"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
	"""The beginning of a day in ``zone``, as the site's clocks show it: that is how tickets store their creation."""
	return timezones.local(timezones.to_utc(datetime.combine(day, time()), zone), timezones.of_site())
