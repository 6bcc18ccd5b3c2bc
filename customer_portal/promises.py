"""When a customer can expect the result, and who has to act until then.

The date is Helpdesk's ``resolution_by``: the service level agreement's, with the time on hold already added, and
empty while the ticket is on hold.
"""

from collections.abc import Mapping
from datetime import datetime

import frappe
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from frappe import _

from customer_portal import statuses, timezones
from customer_portal.numerals import digits
from customer_portal.statuses import TicketTemplate

FIELDS = ("resolution_by", "resolution_date", "_assign")


def expected_by(ticket: Mapping, template: TicketTemplate, sub_status: str | None) -> datetime | None:
	"""Naive UTC; None when the sub-status shows no date, and when there is none to show.

	``ticket`` is anything with ``FIELDS``.
	"""
	row = template.sub_status(sub_status)
	if row is None or not row.show_expected or ticket.get("resolution_date"):
		return None
	due = ticket.get("resolution_by")
	return timezones.to_utc(frappe.utils.get_datetime(due)) if due else None


def sentence(ticket: str, template: TicketTemplate, sub_status: str | None, language: str) -> str:
	"""For messages: the day on the clocks of the ticket's time zone; empty when there is none."""
	row = template.sub_status(sub_status)
	if row is None or not row.show_expected:
		return ""
	ticket_row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True) or {}
	moment = expected_by(ticket_row, template, sub_status)
	if moment is None:
		return ""
	day = timezones.local(moment, timezones.of_ticket(ticket_row))
	return _("We expect to be done by {0}.", language).format(_day(day, language))


def ball_sentence(template: TicketTemplate, sub_status: str | None, language: str) -> str:
	"""Who has to act; empty when the template does not say."""
	sentences = {
		"Us": _("It is our turn.", language),
		"You": _("We are waiting for you.", language),
		"A third party": _("We are waiting for a third party.", language),
	}
	return sentences.get(statuses.ball(template, sub_status), "")


def _day(moment: datetime, language: str) -> str:
	try:
		locale = Locale.parse(language, sep="-")
	except (UnknownLocaleError, ValueError):
		locale = Locale.parse("en")
	return digits(format_date(moment, "long", locale=locale), locale)
