"""Many deliveries at once, how long a job stays, and the bell that starts one."""

import time
from datetime import timedelta

import frappe
import pytest
import redis
from frappe.utils.background_jobs import get_queue
from rq.job import JobStatus

from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, outbox, wake
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.integration.dispatch.conftest import only_row
from tests.threads import in_parallel

real_ring = wake.ring


def test_sweeps_that_overlap_send_each_message_once(channel):
	tickets = [make_ticket(saudi_mobile()) for _number in range(6)]
	events.clear()
	for ticket in tickets:
		events.make_due(events.change_status(ticket))
		events.change_status(ticket)
	for _minute in range(2):  # in the first one may have waited for a message in another's hands
		in_parallel(lambda _number: dispatch.sweep(), range(4), workers=4)
		for ticket in tickets:
			events.make_due(ticket)
	assert len(channel.sent) == len({recipient for recipient, _message in channel.sent}) == 6


def test_many_workers_send_each_message_once(channel):
	tickets = [make_ticket(saudi_mobile()) for _number in range(10)]
	for ticket in tickets:
		outbox.forget(str(ticket.name))
		events.make_due(events.change_status(ticket))
	in_parallel(lambda _number: dispatch.deliver_due(), range(5), workers=5)
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
	started = time.monotonic()
	soon = utc_now() + timedelta(seconds=2)
	frappe.db.sql(query, (soon, str(ticket.name)))
	frappe.db.commit()
	dispatch.deliver()
	assert 1.5 < time.monotonic() - started < 20
	assert rung == [((), {})]
	dispatch.deliver()
	assert only_row(ticket).state == "Sent"


def test_the_job_leaves_the_worker_to_others(ticket, monkeypatch):
	monkeypatch.setattr(wake, "others_wait", lambda: True)
	started = time.monotonic()
	dispatch.deliver()
	assert time.monotonic() - started < 12


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
