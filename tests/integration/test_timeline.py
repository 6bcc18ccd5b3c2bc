"""The ledger and what is read from it."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from customer_portal import statuses, timeline, timezones
from customer_portal.exceptions import LedgerIsAppendOnly
from tests.factories import make_agent, make_ticket, unique
from tests.gateways import configure
from tests.ledger import default_of, events, mains, named, statements
from tests.threads import in_parallel

LEDGER = "Portal Status Event"


@pytest.fixture
def ticket():
	ticket = make_ticket()
	ticket.reload()
	return ticket


def move(ticket, *positions):
	for position in positions:
		ticket.reload()
		ticket.sub_status = default_of(position)
		ticket.save()
	return ticket


def test_a_save_without_a_change_appends_nothing(ticket):
	ticket.subject = unique("Other")
	ticket.save()
	ticket.reload()
	ticket.save()
	ticket.db_set("priority", ticket.priority)
	assert mains(ticket) == [1]


def test_a_save_without_a_change_costs_no_query_of_ours(ticket):
	configure(slack_enabled=0, slack_bot_token="")
	ticket.save()
	ticket.reload()
	seen = statements(ticket.save)
	ours = [query for query in seen if "tabPortal" in query and "`tabPortal Sub-Status`" not in query]
	assert ours == []


def test_the_same_document_saved_twice_appends_each_change_once(ticket):
	ticket.sub_status = default_of(2)
	ticket.save()
	ticket.db_set("priority", "High")
	ticket.sub_status = default_of(3)
	ticket.save()
	ticket.save()
	assert mains(ticket) == [1, 2, 3]


def test_a_document_that_is_reloaded_and_saved_again_is_recorded_again(ticket):
	"""Another process has changed it between."""
	move(ticket, 2)
	move(frappe.get_doc("HD Ticket", ticket.name), 3)
	ticket.reload()
	move(ticket, 2)
	assert mains(ticket)[-3:] == [2, 3, 2]


def test_a_save_that_was_rolled_back_is_recorded_when_it_is_made_again(ticket):
	frappe.db.commit()
	before = len(events(ticket))
	move(ticket, 2)
	frappe.db.rollback()
	ticket.reload()
	move(ticket, 2)
	assert len(events(ticket)) == before + 1


def test_a_change_inside_a_main_status_is_an_event_too(ticket):
	move(ticket, 2)
	ticket.reload()
	ticket.sub_status = named("Part ordered")
	ticket.save()
	last = events(ticket)[-1]
	assert (last.from_main_status, last.to_main_status) == (2, 2)
	assert (last.from_sub_status, last.to_sub_status) == (default_of(2), named("Part ordered"))
	assert timeline.read(ticket.name).last_update == last.occurred_at


def test_events_are_ordered_even_when_the_clock_stands_still(ticket, monkeypatch):
	monkeypatch.setattr(timeline.ledger, "utc_now", lambda: datetime(2020, 1, 1))
	move(ticket, 2, 3, 2)
	times = [event.occurred_at for event in events(ticket)]
	assert mains(ticket) == [1, 2, 3, 2]
	assert times == sorted(set(times))


def test_first_reached_is_stored_once(ticket):
	move(ticket, 2)
	first = timeline.read(ticket.name).steps[1].reached
	move(ticket, 3, 2, 4, 2)
	assert timeline.read(ticket.name).steps[1].reached == first
	keys = [event.first_key for event in events(ticket) if event.first_key]
	assert keys == [f"{ticket.name}:{position}" for position in (1, 2, 3, 4)]


def test_a_skipped_main_status_has_no_time(ticket):
	move(ticket, 4)
	read = timeline.read(ticket.name)
	assert [step.state for step in read.steps] == ["completed", "completed", "completed", "current"]
	assert [step.reached is None for step in read.steps] == [False, True, True, False]


def test_a_reopened_ticket_keeps_the_times_that_it_reached(ticket):
	move(ticket, 2, 3, 4, 2)
	read = timeline.read(ticket.name)
	assert [step.state for step in read.steps] == ["completed", "current", "upcoming", "upcoming"]
	assert all(step.reached for step in read.steps)
	assert read.current == 2
	assert read.last_update == events(ticket)[-1].occurred_at


def test_the_times_are_utc(ticket):
	reached = timeline.read(ticket.name).steps[0].reached
	assert abs((datetime.now(timezone.utc).replace(tzinfo=None) - reached).total_seconds()) < 60


def test_reading_takes_two_selects(ticket):
	move(ticket, 2, 3, 2, 3)
	statuses.template_named(None)
	assert len(statements(lambda: timeline.read(ticket.name))) == 2
	row = {"name": ticket.name, "template": None, "status": ticket.status, "sub_status": ticket.sub_status}
	assert len(statements(lambda: timeline.read(row))) == 1


def test_an_unknown_ticket():
	with pytest.raises(frappe.DoesNotExistError):
		timeline.read("no such ticket")


def test_the_ledger_is_append_only(ticket):
	event = frappe.get_doc(LEDGER, events(ticket)[0].name)
	event.occurred_at = datetime(2020, 1, 1)
	for change in (event.save, event.delete, lambda: event.db_set("source", "Agent")):
		with pytest.raises(LedgerIsAppendOnly):
			change()
	assert events(ticket)[0].source != "Agent"


def test_a_deleted_ticket_leaves_no_message_to_the_next_one_of_its_number(ticket):
	"""Frappe takes them away in a job, which does not run here."""
	written = {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name)}
	frappe.new_doc("Communication", **written, subject="Private", content="Private").insert()
	assert frappe.db.count("Communication", written)
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	assert not frappe.db.count("Communication", written)


def test_a_deleted_ticket_takes_its_rows_along(ticket):
	move(ticket, 2)
	frappe.delete_doc("HD Ticket", ticket.name)
	for doctype in (LEDGER, "Portal Access Link", "Portal OTP Session", "Portal Notification"):
		assert not frappe.db.exists(doctype, {"ticket": str(ticket.name)})


def test_a_notifying_change_awaits_its_messages_and_a_quiet_one_does_not(ticket):
	quiet = frappe.get_doc("Portal Ticket Template", "Default")
	next(row for row in quiet.sub_statuses if row.sub_status == named("Part ordered")).notify = 0
	quiet.save()
	ticket.sub_status = named("Part ordered")
	ticket.save()
	assert events(ticket)[-1].awaits_messages == 0
	move(ticket, 3)
	assert events(ticket)[-1].awaits_messages == 1


def test_the_first_one_to_reach_a_main_status_keeps_the_key(ticket, monkeypatch):
	"""Two transactions of which neither sees the other's row."""
	move(ticket, 2)
	ticket.reload()
	monkeypatch.setattr(timeline.ledger, "_read_last", lambda *asked: frappe._dict(to_main_status=1))
	event = timeline.ledger._append(ticket, statuses.template_of(ticket).default_of(2))
	assert frappe.db.get_value(LEDGER, event, "first_key") is None
	assert frappe.db.count(LEDGER, {"first_key": f"{ticket.name}:2"}) == 1


def is_saved(name, sub_status):
	"""An agent's save; False when Frappe asks to load the ticket again."""
	frappe.set_user("Administrator")
	try:
		ticket = frappe.get_doc("HD Ticket", name)
		ticket.sub_status = sub_status
		ticket.save()
		frappe.db.commit()
		return True
	except (frappe.TimestampMismatchError, frappe.QueryDeadlockError):
		return False


def test_agents_who_save_at_once_leave_one_unbroken_chain(ticket):
	wanted = [default_of(2), default_of(3), named("Part ordered"), default_of(4)]
	saved = in_parallel(lambda sub_status: is_saved(ticket.name, sub_status), wanted, workers=len(wanted))
	chain = events(ticket)
	assert len(chain) == 1 + sum(saved)
	assert [event.from_sub_status for event in chain[1:]] == [event.to_sub_status for event in chain[:-1]]


# Merged tickets


def merged_into(target):
	ticket = make_ticket()
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": target})
	return str(ticket.name)


def test_the_survivor_of_a_chain(ticket):
	assert timeline.surviving(merged_into(merged_into(ticket.name))) == str(ticket.name)


def test_a_loop_of_merges_ends(ticket):
	other = merged_into(ticket.name)
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": other})
	assert timeline.surviving(other) in {other, str(ticket.name)}


def test_a_merge_into_nothing_stays():
	lost = merged_into(None)
	gone = merged_into("999999999")
	assert timeline.surviving(lost) == lost
	assert timeline.surviving(gone) == gone


# Time zones


@pytest.mark.parametrize(
	("zone", "expected"), [("America/New_York", "America/New_York"), ("Mars/Base", None)]
)
def test_the_agents_zone_else_the_sites(zone, expected):
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "time_zone", zone)
	row = {"_assign": frappe.as_json([agent.name])}
	assert timezones.of_ticket(row) == (ZoneInfo(expected) if expected else timezones.of_site())


def test_nobody_assigned_is_the_sites_zone():
	assert timezones.of_ticket({"_assign": None}) == timezones.of_site()


@pytest.mark.parametrize(
	("utc", "local"),
	[
		("2026-03-29T00:59:59", "2026-03-29T01:59:59+01:00"),
		("2026-03-29T01:00:00", "2026-03-29T03:00:00+02:00"),
		("2026-10-25T00:30:00", "2026-10-25T02:30:00+02:00"),
		("2026-10-25T01:30:00", "2026-10-25T02:30:00+01:00"),
	],
)
def test_times_over_the_gap_and_the_fold(utc, local):
	moment = datetime.fromisoformat(utc).replace(tzinfo=timezone.utc)
	assert moment.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == local
