"""Delivery: by the job, by the sweep, by many at once, and what each kind of failure leads to."""

import threading
import time
from datetime import timedelta

import frappe
import pytest
import redis
from frappe.utils.background_jobs import get_queue
from rq.job import JobStatus

from customer_portal import timeline
from customer_portal.channels import base
from customer_portal.channels.base import PermanentFailure, TemporaryFailure, UnknownResult
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, messages, outbox, wake
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure

real_ring, real_write = wake.ring, outbox.write


@pytest.fixture(autouse=True)
def quiet(site, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	configure(send_email=0)
	yield
	events.clear()
	configure(send_email=1, portal_url="")


@pytest.fixture
def ticket(channel):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return events.change_status(ticket)


def only_row(ticket):
	(row,) = events.notifications(ticket)
	return row


def test_what_is_due_is_sent_once(ticket, channel):
	assert dispatch.deliver_due() == 0
	events.make_due(ticket)
	assert dispatch.deliver_due() == 1
	assert dispatch.deliver_due() == 0
	row = only_row(ticket)
	assert (row.state, row.provider_id, row.attempts) == ("Sent", "receipt-1", 1)
	assert row.sent_at
	((recipient, message),) = channel.sent
	assert recipient == row.recipient
	assert "/t/" in message.text


@pytest.mark.parametrize(
	("failure", "state", "marked"),
	[
		(TemporaryFailure("Busy"), "Queued", 0),
		(TemporaryFailure("Busy", 120), "Queued", 0),
		(PermanentFailure("No such number"), "Failed", 0),
		(UnknownResult("No answer"), "Queued", 1),
	],
)
def test_each_failure_leads_to_its_state(ticket, channel, failure, state, marked):
	channel.failures = [failure]
	events.make_due(ticket)
	dispatch.deliver_due()
	row = only_row(ticket)
	assert (row.state, row.may_be_repeated, row.reason) == (state, marked, failure.reason)


def test_a_temporary_failure_is_made_good_later(ticket, channel):
	channel.failures = [TemporaryFailure("Busy"), TemporaryFailure("Busy")]
	for _attempt in range(3):
		events.make_due(ticket)
		dispatch.sweep()
	row = only_row(ticket)
	assert (row.state, row.attempts, row.reason, row.may_be_repeated) == ("Sent", 3, None, 0)
	assert len(channel.sent) == 1


def test_a_bug_in_a_channel_ends_in_a_final_state(ticket, channel):
	"""Nobody knows whether it was sent, so it is tried once more."""
	channel.failures = [ZeroDivisionError(), ZeroDivisionError()]
	for _attempt in range(2):
		events.make_due(ticket)
		dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"


def test_a_revoked_link_is_not_sent(ticket, channel):
	from customer_portal import links

	links.revoke(str(ticket.name), "Lost phone")
	events.make_due(ticket)
	dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"
	assert not channel.sent


def test_the_same_link_each_time(ticket, channel):
	from customer_portal import links

	for _change in range(2):
		events.make_due(ticket)
		dispatch.deliver_due()
		events.change_status(ticket)
	address = links.url(str(ticket.name))
	assert all(message.text.endswith(address) for _recipient, message in channel.sent)


def test_a_channel_that_was_removed_fails_with_a_reason(ticket, monkeypatch):
	events.make_due(ticket)
	monkeypatch.delitem(base.registry, "SMS")
	dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"


def test_a_defect_in_one_message_keeps_no_other_waiting(ticket, channel):
	other = make_ticket(saudi_mobile())
	events.make_due(ticket)
	events.make_due(other)
	channel.failures = [TypeError("with a secret")]
	dispatch.deliver_due()
	assert only_row(other).state == "Sent"
	row = only_row(ticket)
	assert (row.state, row.reason) == ("Queued", "Unexpected TypeError while sending")
	assert not frappe.db.exists("Error Log", {"error": ("like", "%with a secret%")})


def test_a_defect_before_the_claim_keeps_no_other_waiting_either(ticket, channel, monkeypatch):
	other = events.change_status(make_ticket(saudi_mobile()))
	real = outbox.courtesy.verdict

	def verdict(row):
		if row.ticket == str(ticket.name):
			raise TypeError("with a secret")
		return real(row)

	monkeypatch.setattr(outbox.courtesy, "verdict", verdict)
	for one in (ticket, other):
		events.make_due(one)
	dispatch.deliver_due()
	assert events.notifications(other)[-1].state == "Sent"
	row = only_row(ticket)
	assert (row.state, row.reason) == ("Queued", "Unexpected TypeError before sending")
	assert row.due_at > utc_now()
	frappe.db.set_value("Portal Notification", row.name, "occurred_at", utc_now() - timedelta(hours=25))
	events.make_due(ticket)
	dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"
	assert not frappe.db.exists("Error Log", {"error": ("like", "%with a secret%")})


def fail_times(function, error, times):
	"""The function, which raises first."""
	left = [error] * times

	def wrapper(*arguments):
		if left:
			raise left.pop()
		return function(*arguments)

	return wrapper


@pytest.mark.parametrize("error", [frappe.QueryDeadlockError("secret"), ZeroDivisionError("secret")])
def test_what_fails_before_the_message_is_handed_over_is_tried_again(ticket, channel, monkeypatch, error):
	monkeypatch.setattr(messages, "status_message", fail_times(messages.status_message, error, 3))
	for attempt in range(1, 4):
		events.make_due(ticket)
		dispatch.deliver_due()
		row = only_row(ticket)
		assert (row.state, row.attempts, row.may_be_repeated) == ("Queued", attempt, 0)
		assert row.reason == f"Unexpected {type(error).__name__} before sending"
	events.make_due(ticket)
	dispatch.deliver_due()
	assert (only_row(ticket).state, only_row(ticket).may_be_repeated) == ("Sent", 0)
	assert not frappe.db.exists("Error Log", {"error": ("like", "%secret%")})
	assert frappe.db.exists("Error Log", {"reference_name": row.name, "error": ("like", f"%{row.reason}%")})


def test_a_lost_database_connection_while_rendering_is_made_anew(ticket, channel, monkeypatch):
	render = messages.status_message

	def lose_connection(*arguments):
		monkeypatch.setattr(messages, "status_message", render)
		(connection,) = frappe.db.sql("SELECT CONNECTION_ID()")[0]
		frappe.db.sql(f"KILL {connection}")

	monkeypatch.setattr(messages, "status_message", lose_connection)
	events.make_due(ticket)
	dispatch.deliver_due()
	row = only_row(ticket)
	assert (row.state, row.may_be_repeated) == ("Queued", 0)
	assert row.reason.endswith("before sending")


@pytest.fixture
def bad_event(ticket, monkeypatch):
	"""The name of an event whose messages cannot be written, older than one that can."""
	dispatch.announce()
	events.change_status(ticket)
	(bad,) = frappe.get_all(timeline.LEDGER, {"ticket": str(ticket.name), "awaits_messages": 1}, pluck="name")

	def broken(event):
		if event == bad:
			raise ZeroDivisionError("secret")
		return real_write(event)

	monkeypatch.setattr(outbox, "write", broken)
	yield bad
	monkeypatch.setattr(outbox, "write", real_write)
	frappe.db.set_value(timeline.LEDGER, bad, {"awaits_messages": 0, "messages_after": None})
	frappe.db.commit()


@pytest.fixture
def logged(bad_event):
	"""What the Error Log says about the bad event."""
	return lambda: frappe.get_all("Error Log", {"reference_name": bad_event}, ["method", "error"])


def test_an_event_that_cannot_be_announced_stops_no_other(bad_event, logged, channel):
	other = events.change_status(make_ticket(saudi_mobile()))
	events.make_due(other)
	dispatch.sweep()
	assert "Sent" in {row.state for row in events.notifications(other)}
	event = frappe.db.get_value(
		timeline.LEDGER, bad_event, ["awaits_messages", "messages_after"], as_dict=True
	)
	assert event.awaits_messages
	assert event.messages_after > outbox.utc_now()
	assert len(logged()) == 1
	assert "secret" not in str(logged())


def test_an_event_that_could_not_be_announced_is_tried_again(bad_event, monkeypatch):
	dispatch.announce()
	monkeypatch.setattr(outbox, "write", real_write)
	set_event(bad_event, messages_after=outbox.utc_now())
	dispatch.announce()
	assert frappe.db.exists(outbox.DOCTYPE, {"event": bad_event})


def test_an_event_that_can_never_be_announced_is_given_up_after_a_day(bad_event, logged):
	for hours, is_kept in ((1, 1), (23, 1), (25, 0)):
		occurred_at = outbox.utc_now() - outbox.timedelta(hours=hours)
		set_event(bad_event, occurred_at=occurred_at, messages_after=outbox.utc_now())
		dispatch.announce()
		assert frappe.db.get_value(timeline.LEDGER, bad_event, "awaits_messages") == is_kept
	assert sum("given up" in str(entry) for entry in logged()) == 1


def test_an_old_event_is_not_given_up_at_its_first_failure(bad_event):
	"""The workers may have stood still for longer than a day."""
	occurred_at = outbox.utc_now() - outbox.timedelta(hours=60)
	set_event(bad_event, occurred_at=occurred_at, messages_after=None)
	dispatch.announce()
	kept = frappe.db.get_value(timeline.LEDGER, bad_event, ["awaits_messages", "messages_after"])
	assert kept[0] == 1
	assert kept[1] - outbox.utc_now() <= outbox.SHORTEST_PAUSE


def set_event(name, **values):
	frappe.db.set_value(timeline.LEDGER, name, values, update_modified=False)
	frappe.db.commit()


def test_sweeps_that_overlap_send_each_message_once(site, channel):
	tickets = [make_ticket(saudi_mobile()) for _number in range(6)]
	events.clear()
	for ticket in tickets:
		events.make_due(events.change_status(ticket))
		events.change_status(ticket)
	errors = []

	def work():
		frappe.init(site, sites_path=".")
		frappe.connect()
		try:
			dispatch.sweep()
		except frappe.db.Error as error:
			errors.append(error)
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=work) for _number in range(4)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert not errors
	assert len(channel.sent) == len({recipient for recipient, _message in channel.sent}) == 6


def test_many_workers_send_each_message_once(site, channel):
	tickets = [make_ticket(saudi_mobile()) for _number in range(10)]
	for ticket in tickets:
		outbox.forget(str(ticket.name))
		events.make_due(events.change_status(ticket))

	def work():
		frappe.init(site, sites_path=".")
		frappe.connect()
		dispatch.deliver_due()
		frappe.destroy()

	threads = [threading.Thread(target=work) for _number in range(5)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert len(channel.sent) == 10
	assert {recipient for recipient, _message in channel.sent} == {
		row.recipient for ticket in tickets for row in events.notifications(ticket)
	}


def test_the_job_waits_for_the_end_of_a_burst(ticket, channel, monkeypatch):
	rung = []
	monkeypatch.setattr(wake, "ring", lambda *slots, **options: rung.append((slots, options)))
	monkeypatch.setattr(wake, "others_wait", lambda: False)
	query = "UPDATE `tabPortal Notification` SET due_at = %s WHERE ticket = %s"
	dispatch.announce()
	soon = outbox.utc_now() + outbox.timedelta(seconds=2)
	frappe.db.sql(query, (soon, str(ticket.name)))
	frappe.db.commit()
	started = time.monotonic()
	dispatch.deliver()
	assert 1.5 < time.monotonic() - started < 4
	assert rung == [((), {})]
	dispatch.deliver()
	assert only_row(ticket).state == "Sent"


def test_the_job_leaves_the_worker_to_others(ticket, monkeypatch):
	monkeypatch.setattr(wake, "others_wait", lambda: True)
	started = time.monotonic()
	dispatch.deliver()
	assert time.monotonic() - started < 3


def test_much_to_do_starts_a_helper(ticket, channel, monkeypatch):
	rung = []
	monkeypatch.setattr(wake, "ring", lambda *slots, **options: rung.append(slots))
	events.make_due(ticket)
	events.make_due(events.change_status(make_ticket(saudi_mobile())))
	dispatch.deliver()
	assert (1,) in rung


@pytest.fixture
def bell(monkeypatch):
	"""The real bell, with an empty queue and nobody awake; returns the waiting delivery jobs."""
	monkeypatch.setattr(wake, "ring", real_ring)
	queue = get_queue(wake.QUEUE)

	def waiting():
		return [job_id for job_id in queue.job_ids if "customer_portal_deliver_" in job_id]

	def silence():
		for job_id in waiting():
			queue.remove(job_id)
		wake.fall_asleep()

	silence()
	yield waiting
	silence()


def test_many_changes_ring_once(bell):
	for _change in range(3):
		wake.ring_unless_awake()
	wake.fall_asleep()
	wake.ring_unless_awake()
	assert len(bell()) == 1


def test_a_bell_that_failed_rings_at_the_next_change(bell, monkeypatch):
	def broken(*arguments, **options):
		raise redis.ConnectionError("Connection refused")

	with monkeypatch.context() as patch:
		patch.setattr(frappe, "enqueue", broken)
		wake.ring_unless_awake()
	assert not bell()
	wake.ring_unless_awake()
	assert len(bell()) == 1


@pytest.mark.parametrize("status", [JobStatus.STARTED, JobStatus.QUEUED])
def test_the_record_of_a_job_whose_worker_died_does_not_silence_the_bell(bell, status):
	"""Its place in the queue is gone; its record stays for minutes."""
	wake.ring_unless_awake()
	(dead,) = bell()
	queue = get_queue(wake.QUEUE)
	queue.remove(dead)
	queue.fetch_job(dead).set_status(status)
	wake.fall_asleep()
	wake.ring_unless_awake()
	assert len(bell()) == 1
	assert bell() != [dead]


def test_the_mark_of_a_dead_job_ends_by_itself(bell):
	wake.ring_unless_awake()
	assert 0 < frappe.cache.ttl(frappe.cache.make_key(wake.AWAKE)) <= 60


def test_a_full_or_dead_job_queue_does_not_fail_the_save(monkeypatch, ticket):
	def broken(*arguments, **options):
		raise redis.ConnectionError("Connection refused")

	monkeypatch.setattr(wake, "ring", real_ring)
	monkeypatch.setattr(frappe, "enqueue", broken)
	events.change_status(ticket)
	assert len(events.notifications(ticket, state="Queued")) == 2
