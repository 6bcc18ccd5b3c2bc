"""When a customer can expect the result: by Helpdesk's own service level agreement, with time on hold."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import get_datetime
from freezegun import freeze_time

from customer_portal import promises, statuses, tickets, timezones
from customer_portal.clock import utc_now
from tests import events
from tests.door import sign_in
from tests.factories import make_agent, make_ticket, unique
from tests.ledger import named

YEAR = utc_now().year + 1
HOUR = 3600


def monday(hour: int) -> datetime:
	"""The first Monday of March on the clocks of the site."""
	first = datetime(YEAR, 3, 1)
	return first + timedelta(days=-first.weekday() % 7, hours=hour)


def on_site_clocks(moment: datetime):
	frappe.db.commit()
	return freeze_time(timezones.to_utc(moment))


@pytest.fixture
def agreement():
	"""Answer within 2 hours, result within 8, in working time: Monday to Friday, 8 to 18 o'clock.

	For the tickets whose subject is its name.
	"""
	document = frappe.copy_doc(frappe.get_doc("HD Service Level Agreement", {"default_sla": 1}))
	name = unique("Agreement")
	document.update({"service_level": name, "default_sla": 0, "condition": f"doc.subject == '{name}'"})
	document.update({"condition_json": None, "support_and_resolution": []})
	for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
		row = {"workday": day, "start_time": "08:00:00", "end_time": "18:00:00"}
		document.append("support_and_resolution", row)
	for row in document.priorities:
		row.update({"response_time": 2 * HOUR, "resolution_time": 8 * HOUR})
	document.apply_sla_for_resolution = 1
	return document.insert()


@pytest.fixture
def shows_dates():
	template = frappe.get_doc("Portal Ticket Template", "Default")
	shown = [
		row for row in template.sub_statuses if row.sub_status in (named("In progress"), named("Resolved"))
	]
	for row in shown:
		row.db_set("show_expected", 1)
	statuses.forget_templates()
	frappe.db.commit()
	yield
	for row in shown:
		row.db_set("show_expected", 0)
	statuses.forget_templates()
	frappe.db.commit()


@pytest.fixture
def ticket(agreement, shows_dates):
	"""Filed on Monday at 9, in progress since."""
	with on_site_clocks(monday(9)):
		ticket = make_ticket(subject=agreement.name)
		events.change_status(ticket, named("In progress"))
	return ticket


def expected(ticket) -> datetime | None:
	"""On the clocks of the site."""
	row = frappe.db.get_value("HD Ticket", ticket.name, ["sub_status", *promises.FIELDS], as_dict=True)
	moment = promises.expected_by(row, statuses.template_of(ticket), row.sub_status)
	return moment and timezones.local(moment, timezones.of_site())


def set_status(ticket, moment: datetime, category: str) -> None:
	with on_site_clocks(moment):
		ticket.reload()
		ticket.status = next(
			name
			for name in frappe.get_all("HD Ticket Status", {"category": category, "enabled": 1}, pluck="name")
			if name != "Closed"
		)
		ticket.save()
		frappe.db.commit()


def test_it_is_the_agreements_date(ticket):
	assert expected(ticket) == monday(17)
	assert get_datetime(frappe.db.get_value("HD Ticket", ticket.name, "resolution_by")) == monday(17)


def test_there_is_none_on_hold_and_the_hold_time_is_added_after(ticket):
	set_status(ticket, monday(10), "Paused")
	assert ticket.sub_status == named("In progress")
	assert expected(ticket) is None
	set_status(ticket, monday(13), "Open")
	assert ticket.sub_status == named("In progress")
	assert expected(ticket) == monday(24 + 10)  # 17 o'clock and 3 hours, of which 2 are on Tuesday


def test_time_on_hold_outside_working_hours_does_not_count(ticket):
	set_status(ticket, monday(17), "Paused")
	set_status(ticket, monday(24 + 9), "Open")
	assert expected(ticket) == monday(24 + 9)


def test_there_is_none_after_it_is_done_and_again_after_it_is_reopened(ticket):
	set_status(ticket, monday(11), "Resolved")
	assert expected(ticket) is None
	set_status(ticket, monday(12), "Open")
	assert expected(ticket) is not None


def test_there_is_none_where_the_agreement_is_about_the_answer_alone(ticket, agreement):
	agreement.db_set("apply_sla_for_resolution", 0)
	frappe.db.value_cache.clear()
	assert expected(ticket) is None


def test_there_is_none_where_the_sub_status_shows_none(ticket):
	with on_site_clocks(monday(10)):
		events.change_status(ticket, named("Part ordered"))
	assert expected(ticket) is None


def test_a_date_that_has_passed_is_no_promise_in_a_message(ticket):
	template, sub_status = statuses.template_of(ticket), named("In progress")
	with on_site_clocks(monday(16)):
		text = promises.sentence(str(ticket.name), template, sub_status, "en")
		assert text == f"We expect to be done by {monday(0):%B} {monday(0).day}, {YEAR}."
	with on_site_clocks(monday(17)):
		assert promises.sentence(str(ticket.name), template, sub_status, "en") == ""


def test_the_day_is_that_of_the_agents_clocks(ticket):
	"""17 o'clock on the site's clocks may be the next day on theirs."""
	agent = make_agent()
	agent.db_set("time_zone", "Pacific/Kiritimati")
	frappe.db.set_value("HD Ticket", ticket.name, "_assign", frappe.as_json([agent.name]))
	zone = timezones.named("Pacific/Kiritimati")
	day = timezones.local(timezones.to_utc(monday(17)), zone)
	with on_site_clocks(monday(10)):
		text = promises.sentence(str(ticket.name), statuses.template_of(ticket), named("In progress"), "en")
	assert f"{day:%B} {day.day}, {YEAR}" in text


def test_the_page_shows_day_and_time(ticket, client):
	page = client.get(sign_in(client, ticket)).text
	assert "We expect to be done by" in page
	assert timezones.to_utc(monday(17)).strftime("%Y-%m-%dT%H:%M:%SZ") in page


def test_the_page_says_that_it_takes_longer(ticket, client):
	frappe.db.set_value("HD Ticket", ticket.name, "resolution_by", "2026-01-05 17:00:00")
	frappe.db.commit()
	page = client.get(sign_in(client, ticket)).text
	assert "It takes longer than we said" in page
	assert "We expect to be done by" not in page


def test_late_is_decided_by_the_clock(ticket):
	row = frappe.db.get_value("HD Ticket", ticket.name, ["name", *tickets.FIELDS], as_dict=True)
	viewer = tickets.Viewer(str(ticket.name), "Email", ticket.raised_by)
	state = tickets.state(row, viewer, "en")
	with on_site_clocks(monday(16)):
		assert not state.is_late
	with on_site_clocks(monday(17)):
		assert state.is_late
