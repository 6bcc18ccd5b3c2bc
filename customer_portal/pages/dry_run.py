"""What last week's changes would have sent, for those who look after the helpdesk: a System or an Agent Manager."""

from dataclasses import dataclass
from datetime import date

import frappe
from babel.dates import format_date
from werkzeug.wrappers import Request, Response

from customer_portal import agents, timezones
from customer_portal.channels import base
from customer_portal.exceptions import ManagersOnly, PortalError
from customer_portal.notifications import dry_run
from customer_portal.notifications.dry_run import Report
from customer_portal.numerals import digits
from customer_portal.pages import forms, languages, staff, views

HOME = "/portal/staff/dry-run"
STYLE = "css/template_preview.css"
DAYS = 7
MOST_DAYS = 31


@dataclass(frozen=True)
class Cell:
	"""One channel on one day."""

	sent: int
	segments: int
	kept: int


@dataclass(frozen=True)
class Row:
	"""``text`` is the day in the reader's words, empty for the sum of all."""

	text: str
	cells: tuple[Cell, ...]


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	person = staff.receive(request)
	if not agents.is_manager():
		raise ManagersOnly
	days = _days(forms.query(request, "days"))
	zone = timezones.of_user(person.user)
	report = dry_run.run(days, zone)
	channels = [channel.name for channel in base.ranked() if channel.is_on()]
	return views.staff_page(
		"dry_run.html",
		person,
		styles=(STYLE,),
		home=HOME,
		most_days=MOST_DAYS,
		report=report,
		zone=zone.key,
		channels=channels,
		rows=_rows(report, channels),
		total=Row("", tuple(_sum(report, name) for name in channels)),
	)


def _days(asked: str) -> int:
	"""Raises ``PortalError`` for anything but a whole number of days from 1 to MOST_DAYS."""
	if not asked:
		return DAYS
	if not (asked.isascii() and asked.isdigit() and len(asked) <= len(str(MOST_DAYS))):
		raise PortalError
	if not 1 <= int(asked) <= MOST_DAYS:
		raise PortalError
	return int(asked)


def _rows(report: Report, channels: list[str]) -> list[Row]:
	days = sorted({day for day, channel in (*report.sent, *report.kept) if channel})
	return [Row(_text(day), tuple(_cell(report, day, name) for name in channels)) for day in days]


def _cell(report: Report, day: date, channel: str) -> Cell:
	place = (day, channel)
	return Cell(report.sent[place], report.segments[place], report.kept[place])


def _sum(report: Report, channel: str) -> Cell:
	found = (report.sent, report.segments, report.kept)
	return Cell(
		*(sum(count for (_day, name), count in counts.items() if name == channel) for counts in found)
	)


def _text(day: date) -> str:
	locale = languages.locale_of(frappe.local.lang)
	return digits(format_date(day, "full", locale=locale), locale)
