"""The tickets of a list as rows of a table, however many, a batch at a time.

Each batch asks the policy anew, in a transaction of its own that has ended before the reader gets the rows: whoever is
taken off a list, disabled or signed out in the middle gets no more, a slow reader holds no snapshot open, and memory
holds one batch. Rows come by creation, which never changes: by an order that changes while the export runs, a ticket
could be missing or come twice. Tickets that come in after its start are not part of one with the newest first.

A member has one export at a time, and so many an hour. The mark of a running one outlives a process that dies, and
counts no longer than an export may run. That is less than the server's own limit: Frappe's gunicorn ends a whole worker,
with everybody's requests in it, when one request takes longer.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import cint

from customer_portal import (
	access,
	accounts,
	statuses,
	throttle,
	ticket_list,
	timeline,
	timezones,
)
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.exceptions import ExportRunning, ExportTooLong, MembersOnly, TooManyExports
from customer_portal.texts import translate as _
from customer_portal.throttle import EXPORT, HOUR, Limit
from customer_portal.ticket_filters import NEWEST, OLDEST, Filters
from customer_portal.ticket_forms import offered
from customer_portal.ticket_list import Cursor, Query

BATCH = 500  # tickets
SERVER_SECONDS = (
	120  # that a request may take where ``http_timeout`` is not set: what bench and frappe_docker configure
)
MOST_PER_HOUR = 30
Cell = str | int | datetime | None


@dataclass(frozen=True)
class Export:
	"""``session`` is the id of the member's session in Frappe; times are on the clocks of ``zone``."""

	user: str
	session: str
	filters: Filters
	zone: ZoneInfo
	language: str


def begin(user: str) -> None:
	"""Counts one more export. Raises ``ExportRunning`` and ``TooManyExports``."""
	running, asked = throttle.export_subject(user), throttle.user_subject(user)
	with throttle.hold(running):
		if throttle.wait_seconds(EXPORT, running, Limit(1, longest_seconds())):
			raise ExportRunning
		if seconds := throttle.wait_seconds(EXPORT, asked, Limit(MOST_PER_HOUR, HOUR)):
			raise TooManyExports(seconds)
		throttle.record(EXPORT, running, asked)


def end(user: str) -> None:
	"""Whether it came to its end or was broken off: the next one may begin."""
	frappe.db.rollback()
	running = throttle.export_subject(user)
	with throttle.hold(running):
		throttle.forget(running)


def longest_seconds() -> int:
	return (cint(frappe.conf.get("http_timeout")) or SERVER_SECONDS) * 5 // 6


def head(zone: ZoneInfo) -> list[str]:
	"""The columns' names, in the language of the request."""
	return [
		_("Ticket"),
		_("Subject"),
		_("Status"),
		_("Main status"),
		_("Form"),
		_("Priority"),
		_("Requester"),
		_("Organisation"),
		_("Created ({0})").format(zone.key),
		_("Last update ({0})").format(zone.key),
	]


def batches(export: Export) -> Iterator[list[list[Cell]]]:
	"""Raises ``MembersOnly`` in the middle, and ``ExportTooLong`` past its time."""
	started = time.monotonic()
	sort = OLDEST if export.filters.sort == OLDEST else NEWEST
	ordered = replace(export, filters=replace(export.filters, sort=sort))
	cursor: Cursor | None = None
	while True:
		places, cells = _batch(ordered, cursor)
		if places:
			yield cells
		if len(places) < BATCH:
			return
		if time.monotonic() - started > longest_seconds():
			raise ExportTooLong
		cursor = places[-1]


def _batch(export: Export, cursor: Cursor | None) -> tuple[list[Cursor], list[list[Cell]]]:
	frappe.db.rollback()  # a new snapshot: rights and tickets as they are now
	member = access.member(export.user)
	if member is None or not accounts.is_signed_in(export.session):
		raise MembersOnly
	places = ticket_list.find(Query(member, export.filters, export.zone), cursor, BATCH)
	write = _Writer(export, frozenset(offered.names(member)))
	cells = [write.row(row) for row in ticket_list.rows(places)]
	frappe.db.rollback()  # nothing is held open while the reader takes its time
	return places, cells


class _Writer:
	"""Remembers what most rows of a batch have in common."""

	def __init__(self, export: Export, forms: frozenset[str]):
		self.export, self.forms = export, forms
		self.site_zone = timezones.of_site()
		self.known: dict[tuple[str | None, str | None], tuple[str, str]] = {}

	def row(self, row: frappe._dict) -> list[Cell]:
		form = row.template or DEFAULT_TEMPLATE
		label, main_label = self._labels(row)
		return [
			int(row.name) if str(row.name).isdecimal() else str(row.name),
			row.subject or "",
			label,
			main_label,
			form if form in self.forms else "",
			_(row.priority) if row.priority else "",
			row.raised_by or "",
			row.customer or "",
			self._local(row.creation, self.site_zone),
			self._local(row.portal_updated_on, timezones.UTC),
		]

	def _labels(self, row: frappe._dict) -> tuple[str, str]:
		template = statuses.template_of(row)
		key = (row.template, row.sub_status)
		if key in self.known:
			return self.known[key]
		main_status = timeline.main_status_of(template, row.sub_status, str(row.name))
		language = self.export.language
		found = (
			statuses.customer_label(template, row.sub_status, language, main_status),
			statuses.main_label(template, main_status, language),
		)
		if template.sub_status(row.sub_status):  # else it is the ticket's own history that tells
			self.known[key] = found
		return found

	def _local(self, moment: datetime | None, zone: ZoneInfo) -> datetime | None:
		if moment is None:
			return None
		return moment.replace(tzinfo=zone).astimezone(self.export.zone).replace(tzinfo=None)
