"""The ledger of tickets that are older than the app."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from customer_portal import backfill, history, timeline, timezones
from tests.factories import make_ticket
from tests.ledger import default_of, events, mains, of_kind, statements


@pytest.mark.parametrize(
	("local", "utc"),
	[("2026-03-29T02:30:00", "2026-03-29T01:30:00"), ("2026-10-25T02:30:00", "2026-10-25T00:30:00")],
)
def test_helpdesks_times_in_the_gap_and_the_fold_become_utc(monkeypatch, local, utc):
	monkeypatch.setattr(timezones, "of_site", lambda: ZoneInfo("Europe/Berlin"))
	assert history._in_utc(datetime.fromisoformat(local)).isoformat() == utc


def older_ticket(status="Open", changes=(), **values):
	"""A ticket as it was before the install: no sub-status, no events; ``changes`` are days ago and status."""
	ticket = make_ticket()
	frappe.db.delete(timeline.LEDGER, {"ticket": str(ticket.name)})
	frappe.db.delete("HD Ticket Activity", {"ticket": str(ticket.name)})
	created = add_days(now_datetime(), -30)
	frappe.db.set_value(
		"HD Ticket",
		ticket.name,
		{"sub_status": None, "status": status, "creation": created, **values},
		update_modified=False,
	)
	for days, to in changes:
		row = frappe.get_doc(
			{"doctype": "HD Ticket Activity", "ticket": ticket.name, "action": f"set status to {to}"}
		)
		row.insert()
		frappe.db.set_value(
			row.doctype, row.name, "creation", add_days(now_datetime(), -days), update_modified=False
		)
	ticket.reload()
	return ticket


def fill():
	backfill.run()


@pytest.mark.parametrize(
	("status", "changes", "expected"),
	[
		("Open", (), [1]),
		("Open", ((9, "Replied"), (8, "Open")), [1, 2]),
		("Closed", ((9, "Replied"), (8, "Resolved"), (7, "Open"), (6, "Closed")), [1, 2, 3, 2, 4]),
		("Resolved", (), [1, 3]),
		("Resolved", ((5, "Long gone"),), [1, 3]),
	],
)
def test_back_fill_from_history(status, changes, expected):
	ticket = older_ticket(status, changes)
	fill()
	assert mains(ticket) == expected
	assert {event.source for event in events(ticket)} == {"Back-fill"}
	assert frappe.db.get_value("HD Ticket", ticket.name, "sub_status") == default_of(expected[-1])


def test_back_fill_takes_the_first_answer_as_the_start_of_work():
	answered = add_days(now_datetime(), -3).replace(microsecond=0)
	ticket = older_ticket(first_responded_on=answered)
	fill()
	local = timeline.read(ticket.name).steps[1].reached.replace(tzinfo=timezone.utc)
	assert local.astimezone(timezones.of_site()).replace(tzinfo=None) == answered


def test_back_fill_changes_neither_modified_nor_outbox():
	ticket = older_ticket("Closed")
	before = frappe.db.get_value("HD Ticket", ticket.name, ["modified", "modified_by", "status"])
	sent = frappe.db.count("Portal Notification")
	fill()
	assert frappe.db.get_value("HD Ticket", ticket.name, ["modified", "modified_by", "status"]) == before
	assert frappe.db.count("Portal Notification") == sent


def test_back_fill_again_writes_nothing():
	ticket = older_ticket("Closed")
	fill()
	once = events(ticket)
	fill()
	assert events(ticket) == once
	assert backfill.remaining() == 0


def test_a_change_before_the_back_fill_is_recorded_after_the_history():
	ticket = older_ticket("Open", ((9, "Replied"), (8, "Open")))
	ticket.sub_status = default_of(3)
	ticket.save()
	assert [event.source for event in events(ticket)] == ["Back-fill", "Back-fill", "System"]
	assert mains(ticket) == [1, 2, 3]


def test_an_older_ticket_shows_where_it_stands_before_the_back_fill():
	read = timeline.read(older_ticket("Resolved").name)
	assert (read.current, read.last_update) == (3, None)
	assert not any(step.reached for step in read.steps)


def test_the_job_shows_its_progress():
	older_ticket()
	backfill.run()
	assert frappe.db.get_single_value("Customer Portal Settings", "backfill_progress") == "Done"
	assert backfill.remaining() == 0


def test_back_fill_of_a_batch_needs_few_statements():
	for _ in range(5):
		older_ticket("Closed", ((9, "Replied"),))
	seen = statements(lambda: backfill._fill_batch(""))
	assert len(of_kind(seen, "insert")) == 1
	assert len(seen) < 12
