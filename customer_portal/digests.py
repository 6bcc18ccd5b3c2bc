"""A member's week: how many of the tickets that they see are open, came, were resolved, and wait for the customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe

from customer_portal import access, open_tickets, statuses, timeline, timezones
from customer_portal.access import Member
from customer_portal.clock import utc_now

SHOWN = 10  # tickets that wait, by name
_OPEN = """SELECT ticket.name, ticket.subject, ticket.template, ticket.sub_status, status.category
	FROM `tabHD Ticket` ticket LEFT JOIN `tabHD Ticket Status` status ON status.name = ticket.status
	WHERE ({seen}) AND ticket.sub_status IN %(open)s AND ticket.is_merged = 0 AND ticket.portal_archived = 0
	ORDER BY ticket.creation DESC, ticket.name DESC"""
_COUNT = """SELECT COUNT(*) FROM `tabHD Ticket` ticket WHERE ({seen}) AND ticket.is_merged = 0
	AND ticket.{moment} >= %(since)s AND ticket.{moment} < %(until)s"""


@dataclass(frozen=True)
class Waiting:
	"""``label`` is what customers read of the state."""

	ticket: str
	subject: str
	label: str


@dataclass(frozen=True)
class Digest:
	"""``waiting`` names the newest ``SHOWN`` of ``waiting_count`` tickets."""

	open_count: int
	new_count: int
	resolved_count: int
	waiting_count: int
	waiting: tuple[Waiting, ...]

	def __bool__(self) -> bool:
		return bool(self.open_count or self.new_count or self.resolved_count)


def monday(zone: ZoneInfo) -> datetime:
	"""When this week began on the clocks of ``zone``: a naive time there."""
	today = timezones.local(utc_now(), zone).date()
	return datetime.combine(today - timedelta(days=today.weekday()), time())


def read(member: Member, zone: ZoneInfo, language: str) -> Digest:
	"""What is open now, and the week before this one on the clocks of ``zone``."""
	condition, values = _seen(member)
	until = monday(zone)
	week = {"since": _site_time(until - timedelta(days=7), zone), "until": _site_time(until, zone)}
	new, resolved = (
		frappe.db.sql(_COUNT.format(seen=condition, moment=moment), {**values, **week})[0][0]
		for moment in ("creation", "resolution_date")
	)
	found = list(_open(condition, values))
	waiting = [row for row in found if open_tickets.waits_for_customer(row)]
	return Digest(
		len(found), new, resolved, len(waiting), tuple(_named(row, language) for row in waiting[:SHOWN])
	)


def _seen(member: Member) -> tuple[str, dict[str, object]]:
	"""The policy as one condition."""
	values: dict[str, object] = {}
	parts = []
	for number, (condition, own) in enumerate(access.sources(member)):
		for name in own:
			condition = condition.replace(f"%({name})s", f"%({name}_{number})s")
		values |= {f"{name}_{number}": value for name, value in own.items()}
		parts.append(f"({condition})")
	return " OR ".join(parts), values


def _open(condition: str, values: dict[str, object]) -> Iterator[frappe._dict]:
	names = open_tickets.sub_statuses()
	query = _OPEN.format(seen=condition)
	rows = frappe.db.sql(query, {**values, "open": names}, as_dict=True) if names else []
	return (row for row in rows if open_tickets.is_open(row))


def _named(row: frappe._dict, language: str) -> Waiting:
	template = statuses.template_of(row)
	main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
	label = statuses.customer_label(template, row.sub_status, language, main_status)
	return Waiting(str(row.name), " ".join((row.subject or "").split()), label)


def _site_time(moment: datetime, zone: ZoneInfo) -> datetime:
	"""As Frappe stores times: naive, on the site's clocks."""
	return timezones.local(timezones.to_utc(moment, zone), timezones.of_site())
