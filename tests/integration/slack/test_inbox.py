"""What Slack has told waits in the order of its thread, which keeps neither workers nor other threads waiting."""

import time
from datetime import timedelta

import frappe
import pytest

from customer_portal import rows as table
from customer_portal.clock import utc_now
from customer_portal.slack import inbox, intake, outbox
from customer_portal.slack.posts import CLOSE
from tests.factories import unique
from tests.gateways.slack.events import VERIFICATION_TOKEN
from tests.integration.slack.conftest import replies
from tests.integration.slack.test_many_rows import reads

EVENT = inbox.DOCTYPE
MANY = 5000
DAY = timedelta(days=1, minutes=1)


@pytest.fixture
def quiet(desk, ticket):
	"""Slack tells nothing by itself; what happened is in ``slack.events``."""
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	return desk


def tell(desk) -> None:
	"""Each as Slack tells it, a second after the one before: no two have one signature."""
	now = int(time.time())
	for place, event in enumerate(desk.slack.events):
		assert desk.slack.deliver(event, at=now - place)[0] == 200
	del desk.slack.events[:]
	frappe.db.rollback()


def say(desk, ticket, *texts: str) -> None:
	for text in texts:
		desk.slack.say(desk.user, desk.channel, text, thread_ts=desk.post(ticket)["ts"])
	tell(desk)


def put_off_the_first() -> None:
	first = frappe.get_all(EVENT, {"state": "Waiting"}, pluck="name", order_by="received_at, name")[0]
	frappe.db.set_value(EVENT, first, "due_at", utc_now() + timedelta(minutes=10))
	frappe.db.commit()


def make_old() -> None:
	"""They were told a day ago, and are due."""
	shifted = {"received_at": utc_now() - DAY, "due_at": utc_now()}
	frappe.db.set_value(EVENT, {"state": "Waiting"}, shifted)
	frappe.db.commit()


def of_thread(thread: str, number: int) -> dict:
	now = utc_now()
	return {
		"event_id": unique("Ev"),
		"signature": unique("signature"),
		"kind": "message",
		"subject": thread,
		"payload": "{}",
		"state": "Waiting",
		"received_at": now + timedelta(microseconds=number),
		"due_at": now + timedelta(hours=1),
		"attempts": 0,
	}


def fill(threads: int) -> None:
	places = [unique("C") for _thread in range(threads)]
	table.insert(EVENT, *(of_thread(places[number % threads], number) for number in range(MANY)))
	frappe.db.commit()
	frappe.db.sql_ddl(f"ANALYZE TABLE `tab{EVENT}`")  # as InnoDB does by itself in time


# Order


def test_an_event_that_was_put_off_keeps_no_worker_busy(quiet, ticket):
	"""What is behind it in its thread waits with it, and starts no job either."""
	say(quiet, ticket, "One", "Two")
	put_off_the_first()
	started = time.monotonic()
	assert intake.work_off(30) == 0
	assert time.monotonic() - started < 15
	assert 500 < inbox.next_due_in() <= 600


def test_a_thread_that_waits_keeps_no_other_waiting(quiet, organisation, sara, ticket):
	other = organisation.ticket(sara)
	quiet.run()
	say(quiet, ticket, *(f"{number}" for number in range(inbox.CANDIDATES + 2)))
	put_off_the_first()
	say(quiet, other, "For the other")
	assert intake.work_off(4) == 1
	assert [one.content for one in replies(other)] == ["<p>For the other</p>"]


def test_an_event_that_is_worked_on_keeps_its_thread_waiting(quiet, ticket):
	say(quiet, ticket, "One", "Two")
	first = inbox.claim()
	assert first and inbox.claim() is None
	assert inbox.next_due_in() is None
	assert inbox.put_off(first, "Later", 30)
	assert inbox.claim() is None
	assert 25 < inbox.next_due_in() <= 30


def test_what_is_in_no_thread_waits_for_nothing(slack):
	now = utc_now()
	table.insert(EVENT, *({**of_thread("", number), "due_at": now} for number in range(3)))
	frappe.db.set_value(EVENT, {"event_id": ("like", "Ev%")}, "subject", "")
	put_off_the_first()
	claimed = [inbox.claim(), inbox.claim(), inbox.claim()]
	assert [bool(one) for one in claimed] == [True, True, False]


# Many


@pytest.mark.parametrize("threads", [1, 500])
def test_claiming_reads_each_waiting_event_a_few_times(slack, threads):
	frappe.db.delete(EVENT)
	fill(threads)
	before = reads()
	assert 3500 < inbox.next_due_in() <= 3600
	assert inbox.claim() is None
	assert reads() - before < 12 * MANY
	frappe.db.sql(f"UPDATE `tab{EVENT}` SET due_at = %s", utc_now())
	before = reads()
	assert {bool(inbox.claim()) for _worker in range(min(threads, 8))} == {True}
	assert reads() - before < 8 * 12 * MANY
	frappe.db.delete(EVENT)
	frappe.db.commit()


@pytest.mark.parametrize("threads", [1, 500])
def test_no_look_goes_through_the_table(slack, threads):
	frappe.db.delete(EVENT)
	fill(threads)
	for query in (inbox._DUE, inbox._NEXT):
		plan = frappe.db.sql(f"EXPLAIN {query}", {"now": utc_now()}, as_dict=True)
		assert {step.table: step.key for step in plan} == {
			"head": "slack_received",
			"busy": "slack_thread",
			"older": "slack_thread",
		}
		assert not [step for step in plan if step.type in ("ALL", "index")]
	frappe.db.delete(EVENT)
	frappe.db.commit()


# What is kept


def test_nothing_is_stored_that_lets_somebody_speak_for_slack(quiet, ticket):
	payload = quiet.slack.click(quiet.user, quiet.channel, quiet.post(ticket)["ts"], CLOSE)
	assert quiet.slack.deliver({**payload, "token": VERIFICATION_TOKEN})[0] == 200
	quiet.slack.say(quiet.user, quiet.channel, "Hello", thread_ts=quiet.post(ticket)["ts"])
	assert {"token", "authorizations"} <= set(quiet.slack.events[-1])
	tell(quiet)
	stored = frappe.get_all(EVENT, {"state": "Waiting"}, pluck="payload")
	assert len(stored) == 2
	for secret in (VERIFICATION_TOKEN, payload["response_url"], "response_url", "authorizations"):
		assert secret not in "".join(stored)


def test_what_is_given_up_keeps_who_and_where_and_not_what(quiet, ticket):
	quiet.slack.fail("users.info", "internal_error", times=9)
	frappe.db.delete("Notification Log")
	frappe.db.commit()
	say(quiet, ticket, "My words")
	make_old()
	intake.work_off(1)
	(event,) = frappe.get_all(EVENT, {"state": "Failed"}, ["*"])
	assert event.payload is None and event.reason
	assert event.slack_user == quiet.user
	assert event.subject == f"{quiet.channel}:{quiet.post(ticket)['ts']}"
	told = frappe.get_all("Notification Log", pluck="subject")
	assert told and all(event.reason in one for one in told)


def test_an_answer_that_does_not_come_is_no_defect(quiet, ticket):
	"""Slack takes the question, and says nothing: asked again, without a word in the Error Log."""
	before = frappe.db.count("Error Log")
	quiet.slack.fail("users.info", "drop", times=1)
	say(quiet, ticket, "Hello")
	assert intake.work_off(1) == 1
	(event,) = frappe.get_all(EVENT, {"state": "Waiting"}, ["reason", "attempts"])
	assert event.attempts == 1 and "Unexpected" not in event.reason
	frappe.db.set_value(EVENT, {"state": "Waiting"}, "due_at", utc_now())
	frappe.db.commit()
	intake.work_off(1)
	assert [one.content for one in replies(ticket)] == ["<p>Hello</p>"]
	assert frappe.db.count("Error Log") == before


def test_a_defect_is_logged_once(slack):
	"""An event that nobody can read, tried three times."""
	frappe.db.delete("Error Log")
	table.insert(EVENT, {**of_thread(unique("C"), 0), "due_at": utc_now()})
	for attempt in range(1, 4):
		frappe.db.set_value(EVENT, {"state": "Waiting"}, "due_at", utc_now())
		intake.work_off(1)
		(event,) = frappe.get_all(EVENT, {"state": "Waiting"}, ["reason", "attempts"])
		assert (event.reason, event.attempts) == ("Unexpected KeyError", attempt)
	assert frappe.get_all("Error Log", pluck="error") == ["KeyError"]


@pytest.mark.parametrize(("age", "seconds", "attempts"), [(0, 3, 0), (90, 5, 1)])
def test_a_post_in_doubt_keeps_only_what_is_fresh_close_by(quiet, monkeypatch, age, seconds, attempts):
	"""A thread that is none of ours would be looked at each three seconds for a day."""
	monkeypatch.setattr(outbox, "has_unanswered_post", lambda _channel: True)
	monkeypatch.setattr(intake, "LONGEST_SLEEP_SECONDS", 0)
	root = quiet.slack.say(quiet.user, quiet.channel, "Lunch?")
	quiet.slack.say(quiet.user, quiet.channel, "Pizza", thread_ts=root["ts"])
	quiet.slack.events[-1]["event_time"] -= age
	tell(quiet)
	assert intake.work_off(1) == 1
	(event,) = frappe.get_all(EVENT, {"state": "Waiting"}, ["due_at", "attempts"])
	assert event.attempts == attempts
	assert seconds - 2 < (event.due_at - utc_now()).total_seconds() <= seconds


def test_slack_keeps_events_back(quiet):
	"""https://docs.slack.dev/apis/events-api/#rate-limits"""
	told = {"type": "app_rate_limited", "token": VERIFICATION_TOKEN, "team_id": "T0123456789"}
	told |= {"minute_rate_limited": 1518467820, "api_app_id": "A0123456789"}
	assert quiet.slack.deliver(told)[0] == 200
	frappe.db.rollback()
	(event,) = frappe.get_all(EVENT, {"kind": "app_rate_limited"}, ["state", "payload"])
	assert (event.state, event.payload) == ("Done", None)
