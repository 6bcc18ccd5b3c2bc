"""When a customer can expect the result, and who has to act until then.

The date is Helpdesk's ``resolution_by``: the service level agreement's, with the time on hold already added. While a
ticket is on hold Helpdesk keeps the date of before, which will move: then there is none.
"""

from collections.abc import Mapping
from datetime import datetime

import frappe
from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from customer_portal import statuses, timezones
from customer_portal.clock import utc_now
from customer_portal.numerals import digits
from customer_portal.statuses import TicketTemplate
from customer_portal.texts import translate as _

FIELDS = ("resolution_by", "resolution_date", "on_hold_since", "sla", "_assign")
AGREEMENT = "HD Service Level Agreement"


def expected_by(ticket: Mapping, template: TicketTemplate, sub_status: str | None) -> datetime | None:
	"""Naive UTC; None when the sub-status shows no date, and when there is none to show.

	``ticket`` is anything with ``FIELDS``.
	"""
	row = template.sub_status(sub_status)
	due = ticket.get("resolution_by")
	if row is None or not row.show_expected or not due or not _is_running(ticket):
		return None
	return timezones.to_utc(frappe.utils.get_datetime(due))


def is_broken(ticket: str) -> bool:
	"""Whether the date that the ticket shows has passed."""
	fields = ("template", "sub_status", *FIELDS)
	row = frappe.db.get_value("HD Ticket", ticket, fields, as_dict=True)
	return bool(row) and is_past(expected_by(row, statuses.template_of(row), row.sub_status))


def is_past(moment: datetime | None) -> bool:
	"""Whether a date of ``expected_by`` has passed."""
	return moment is not None and moment <= utc_now()


def _is_running(ticket: Mapping) -> bool:
	"""Neither done nor on hold, nor under an agreement that is about the first answer alone."""
	if ticket.get("resolution_date") or ticket.get("on_hold_since"):
		return False
	agreement = ticket.get("sla")
	if not agreement:
		return True
	return bool(frappe.db.get_value(AGREEMENT, agreement, "apply_sla_for_resolution", cache=True))


def sentence(ticket: str | Mapping, template: TicketTemplate, sub_status: str | None, language: str) -> str:
	"""For messages: the day on the clocks of the ticket's time zone; empty when there is none to come.

	``ticket`` is its name, or anything with ``FIELDS``.
	"""
	row = template.sub_status(sub_status)
	if row is None or not row.show_expected:
		return ""
	is_name = isinstance(ticket, str | int)
	ticket_row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True) or {} if is_name else ticket
	moment = expected_by(ticket_row, template, sub_status)
	if moment is None or is_past(moment):
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
