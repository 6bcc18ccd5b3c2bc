"""News without a change of status: of tickets of which nothing was heard, and of promises that were not kept."""

from datetime import datetime, timedelta

import frappe
import pytest
from freezegun import freeze_time

from customer_portal import archive, links, open_tickets, statuses, tasks, timezones
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, drafts, news, outbox, wake
from customer_portal.notifications.outbox import NO_NEWS, SLIPPED
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.integration.test_merged_links import merge
from tests.ledger import named

DAYS = 5


@pytest.fixture(autouse=True)
def told_after_five_days(site, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	configure(send_email=0, send_whatsapp=0, no_news_days=DAYS, tell_slipped=1, quiet_from="", quiet_until="")
	yield
	events.clear()
	configure(send_email=1, no_news_days=0, tell_slipped=0)


@pytest.fixture
def ticket(channel):
	"""In progress since now."""
	ticket = make_ticket(saudi_mobile())
	events.change_status(ticket, named("In progress"))
	events.forget_told(ticket)
	return ticket


def after(**units):
	"""The clock stands still so much later."""
	frappe.db.commit()
	return freeze_time(utc_now() + timedelta(**units))


def look(**units) -> None:
	with after(**units):
		tasks.tell_news()


def told(ticket) -> list[str]:
	return [row.kind for row in events.notifications(ticket) if row.kind in (NO_NEWS, SLIPPED)]


def write(ticket, direction: str, kind: str = "Communication", **units) -> None:
	"""A message of the conversation, so much later."""
	with after(**units):
		stamp = timezones.local(utc_now(), timezones.of_site())
		message = frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_type": kind,
				"communication_medium": "Email",
				"sent_or_received": direction,
				"sender": ticket.raised_by,
				"subject": "About it",
				"content": "Words",
				"reference_doctype": "HD Ticket",
				"reference_name": str(ticket.name),
			}
		)
		message.db_insert()
		message.db_set("creation", stamp, update_modified=False)
		frappe.db.commit()


# No news
def test_nothing_before_its_time(ticket):
	look(days=DAYS, seconds=-5)
	assert told(ticket) == []


def test_once_for_each_silence(ticket):
	for hours in (0, 1, 2, 24, 48, 71):
		look(days=DAYS, hours=hours, seconds=5)
	assert told(ticket) == [NO_NEWS]
	write(ticket, "Sent", days=8)
	look(days=8 + DAYS, seconds=5)
	assert told(ticket) == [NO_NEWS, NO_NEWS]


@pytest.mark.parametrize("direction", ["Sent", "Received"])
def test_a_message_from_either_side_ends_the_silence(ticket, direction):
	write(ticket, direction, days=3)
	look(days=DAYS, seconds=5)
	assert told(ticket) == []
	look(days=DAYS + 3, seconds=5)
	assert told(ticket) == [NO_NEWS]


def test_an_automatic_message_does_not(ticket):
	write(ticket, "Sent", "Automated Message", days=3)
	look(days=DAYS, seconds=5)
	assert told(ticket) == [NO_NEWS]


def test_a_change_does(ticket):
	with after(days=3):
		events.change_status(ticket, named("Part ordered"))
	look(days=DAYS, seconds=5)
	assert told(ticket) == []


def test_old_silences_are_not_told_when_it_is_switched_on(ticket):
	look(days=DAYS + 4)
	assert told(ticket) == []


def test_a_scheduler_that_stood_still_over_a_weekend_misses_nothing(ticket):
	look(days=DAYS + 2)
	assert told(ticket) == [NO_NEWS]


@pytest.mark.parametrize("label", ["Waiting for you", "Resolved", "Closed"])
def test_only_while_it_is_not_the_customers_turn(ticket, label):
	events.change_status(ticket, named(label))
	look(days=DAYS, seconds=5)
	assert told(ticket) == []


@pytest.mark.parametrize(("label", "kinds"), [("In progress", []), ("Part ordered", [NO_NEWS])])
def test_a_paused_ticket_waits_for_the_customer_unless_for_a_third_party(ticket, label, kinds):
	paused = frappe.get_all("HD Ticket Status", {"category": "Paused"}, pluck="name")[0]
	events.change_status(ticket, named(label))
	ticket.reload()
	ticket.status = paused
	ticket.save()
	frappe.db.commit()
	assert ticket.sub_status == named(label)
	look(days=DAYS, seconds=5)
	assert told(ticket) == kinds


def test_neither_archived_nor_merged_ones(ticket):
	other = make_ticket(saudi_mobile())
	archive.archive([str(ticket.name)])
	merge(str(other.name), str(make_ticket().name))
	look(days=DAYS, seconds=5)
	assert (told(ticket), told(other)) == ([], [])


def test_switched_off_it_asks_nothing(ticket):
	configure(no_news_days=0, tell_slipped=0)
	look(days=DAYS, seconds=5)
	assert told(ticket) == []


def test_a_muted_ticket_stays_silent(ticket, channel):
	links.mute(str(ticket.name), True)
	look(days=DAYS, seconds=5)
	with after(days=DAYS, minutes=1):
		claim_all()
	assert not sent(channel, ticket)
	assert told(ticket) == [NO_NEWS]


def sent(channel, ticket) -> list[str]:
	return [message.text for _recipient, message in channel.sent if message.ticket == str(ticket.name)]


def claim_all() -> None:
	while notification := outbox.claim():
		dispatch._send(notification)


def test_its_words(ticket, channel):
	look(days=DAYS, seconds=5)
	with after(days=DAYS, minutes=1):
		claim_all()
	(text,) = sent(channel, ticket)
	assert f"We are still working on your ticket {ticket.name}. It is: In progress" in text


@pytest.mark.parametrize("overtaken", ["written", "changed", "none"])
def test_news_that_waited_is_told_only_while_it_is_true(ticket, channel, overtaken):
	look(days=DAYS, seconds=5)
	if overtaken == "written":
		write(ticket, "Sent", days=DAYS, minutes=1)
	if overtaken == "changed":
		with after(days=DAYS, minutes=1):
			events.change_status(ticket, named("Being checked"))
	with after(days=DAYS, minutes=30):
		dispatch.announce()
		claim_all()
	kinds = {row.kind: row.state for row in events.notifications(ticket)}
	assert kinds[NO_NEWS] == ("Sent" if overtaken == "none" else "Superseded")


def test_one_ticket_that_fails_keeps_no_other_waiting(ticket, channel, monkeypatch):
	other = make_ticket(saudi_mobile())
	events.forget_told(other)
	language_of = drafts.languages.of_ticket

	def broken(name):
		if name == str(ticket.name):
			raise ZeroDivisionError("secret")
		return language_of(name)

	monkeypatch.setattr(drafts.languages, "of_ticket", broken)
	look(days=DAYS, seconds=30)
	assert told(other) == [NO_NEWS]
	(logged,) = frappe.get_all("Error Log", {"reference_name": str(ticket.name)}, ["error"])
	assert logged.error == "ZeroDivisionError"


# Slipped
@pytest.fixture
def promised(ticket):
	"""A ticket whose sub-status shows a date that is two days away: naive UTC."""
	template = frappe.get_doc("Portal Ticket Template", "Default")
	rows = [row for row in template.sub_statuses if row.sub_status == named("In progress")]
	rows[0].show_expected = 1
	template.save()
	promise(ticket, days=2)
	yield ticket
	rows[0].db_set("show_expected", 0)
	statuses.forget_templates()
	frappe.db.commit()


def promise(ticket, **units) -> datetime:
	due = utc_now() + timedelta(**units)
	on_site_clocks = timezones.local(due, timezones.of_site())
	frappe.db.set_value("HD Ticket", ticket.name, {"resolution_by": on_site_clocks, "resolution_date": None})
	frappe.db.commit()
	return due


def test_once_for_each_date(promised, channel):
	look(days=2, seconds=-10)
	assert told(promised) == []
	for hours in (0, 1, 24):
		look(days=2, hours=hours, seconds=10)
	assert told(promised) == [SLIPPED]
	with after(days=2, minutes=1):
		claim_all()
	(text,) = sent(channel, promised)
	assert f"Your ticket {promised.name} takes longer than we said. It is: In progress" in text
	promise(promised, days=4)
	look(days=4, seconds=10)
	assert told(promised) == [SLIPPED, SLIPPED]


def test_it_ends_the_silence(promised):
	look(days=2, seconds=10)
	look(days=DAYS, hours=1)
	assert told(promised) == [SLIPPED]
	look(days=2 + DAYS, hours=1)
	assert told(promised) == [SLIPPED, NO_NEWS]


def test_not_what_slipped_long_ago(promised):
	configure(no_news_days=0)
	look(days=6)
	assert told(promised) == []


def test_not_when_something_was_told_after_the_date(promised):
	configure(no_news_days=0)
	with after(days=2, minutes=1):
		events.change_status(promised, named("Being checked"))
		events.change_status(promised, named("In progress"))
	look(days=2, minutes=5)
	assert told(promised) == []


@pytest.mark.parametrize(
	"values",
	[
		{"resolution_by": None},
		{"on_hold_since": "2026-01-01 00:00:00"},
		{"resolution_date": "2026-01-01 00:00:00"},
		{"portal_archived": 1},
	],
	ids=str,
)
def test_not_without_a_promise(promised, values):
	configure(no_news_days=0)
	frappe.db.set_value("HD Ticket", promised.name, values)
	look(days=2, seconds=10)
	assert told(promised) == []


def test_not_where_no_date_is_shown(promised):
	configure(no_news_days=0)
	events.change_status(promised, named("Part ordered"))
	look(days=2, seconds=10)
	assert told(promised) == []


def test_a_date_that_was_moved_meanwhile_is_not_told(promised, channel):
	look(days=2, seconds=10)
	promise(promised, days=9)
	with after(days=2, hours=1):
		claim_all()
	assert not sent(channel, promised)


def test_switched_off(promised):
	configure(no_news_days=0, tell_slipped=0)
	look(days=2, seconds=10)
	assert told(promised) == []


# Cost
def test_it_walks_in_batches(ticket, monkeypatch):
	monkeypatch.setattr(news, "_BATCH", news._BATCH.replace(f"LIMIT {news.BATCH}", "LIMIT 2"))
	others = [make_ticket(saudi_mobile()) for _number in range(5)]
	for other in others:
		events.forget_told(other)
	look(days=DAYS, seconds=30)
	assert [told(other) for other in (ticket, *others)] == [[NO_NEWS]] * 6


def test_every_look_up_can_go_by_an_index(site):
	"""Otherwise each of 100,000 tickets would read a whole table."""
	values = {"after": "", "open": open_tickets.sub_statuses()}
	plan = frappe.db.sql(f"EXPLAIN {news._BATCH}", values, as_dict=True)
	assert {row.table for row in plan} == {"ticket", "status", "event", "mail", "told"}
	assert all(row.possible_keys for row in plan)
