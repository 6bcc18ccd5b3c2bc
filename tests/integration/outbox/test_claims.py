"""The state machine of a row: claimed once, recorded by its holder, repeated when that is safe."""

import contextlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from customer_portal.clock import utc_now
from customer_portal.notifications import outbox
from customer_portal.notifications.outbox import claims, results
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.integration.outbox.conftest import claim_for, queued
from tests.threads import in_parallel


def test_nothing_is_claimed_before_the_burst_is_over(ticket):
	events.change_status(ticket)
	assert outbox.claim() is None
	events.make_due(ticket)
	assert outbox.claim()


def test_a_burst_becomes_one_message_with_the_last_state(ticket):
	first, second, third = events.sub_statuses(ticket)[:3]
	for name in (second, third, first, third):
		events.change_status(ticket, name)
	oldest = queued(ticket)[0]
	frappe.db.set_value(outbox.DOCTYPE, oldest.name, "due_at", utc_now())
	frappe.db.commit()
	claimed = outbox.claim()
	assert claimed.sub_status == third
	states = [row.state for row in events.notifications(ticket, channel="SMS")]
	assert states.count("Sending") == 1
	assert "Queued" not in states


def test_a_burst_ends_a_fixed_time_after_its_first_change(ticket):
	"""Else changes each few seconds would keep the customer waiting for ever."""
	first, second = events.sub_statuses(ticket)[:2]
	events.change_status(ticket, second)
	due = queued(ticket)[0].due_at
	events.change_status(ticket, first)
	frappe.db.set_value(outbox.DOCTYPE, queued(ticket)[0].name, "due_at", utc_now())
	frappe.db.commit()
	assert outbox.claim().sub_status == first
	assert due > utc_now()


def test_a_state_that_passed_to_a_silent_one_is_not_told(ticket):
	events.change_status(ticket)
	frappe.db.set_value("HD Ticket", ticket.name, "sub_status", None)
	events.make_due(ticket)
	assert outbox.claim() is None
	assert {row.state for row in events.notifications(ticket)} == {"Superseded"}


def test_a_newer_message_replaces_one_that_waits_for_a_retry(ticket):
	events.change_status(ticket)
	outbox.mark_for_retry(claim_for(ticket), "Busy", None)
	events.change_status(ticket)
	events.make_due(ticket)
	claimed = claim_for(ticket)
	assert claimed.sub_status == ticket.sub_status
	states = sorted(row.state for row in events.notifications(ticket, channel="SMS"))
	assert states == ["Sending", "Superseded"]


def test_a_newer_message_waits_while_an_older_one_is_on_its_way(ticket):
	events.change_status(ticket)
	older = claim_for(ticket)
	events.change_status(ticket)
	assert claim_for(ticket) is None
	assert queued(ticket)[0].due_at > utc_now()
	outbox.mark_sent(older, "id")
	assert claim_for(ticket)


@pytest.mark.parametrize("finish", ["mark_sent", "mark_failed"])
def test_a_final_state_stays_final(ticket, finish):
	events.change_status(ticket)
	claimed = claim_for(ticket)
	getattr(outbox, finish)(claimed, "first")
	final = events.notifications(ticket, name=claimed.name)[0]
	outbox.mark_sent(claimed, "again")
	outbox.mark_failed(claimed, "again")
	outbox.mark_for_retry(claimed, "again", None)
	outbox.mark_unknown(claimed, "again")
	events.expire_claims(ticket)
	outbox.release_expired()
	assert events.notifications(ticket, name=claimed.name)[0] == final


@contextlib.contextmanager
def another_worker(site):
	"""A second connection to the site's database, in a thread of its own."""
	with ThreadPoolExecutor(max_workers=1) as pool:

		def connect():
			frappe.init(site, sites_path=".")
			frappe.connect()

		def query(statement, *values):
			return pool.submit(lambda: frappe.db.sql(statement, values)).result()

		pool.submit(connect).result()
		try:
			yield query
		finally:
			pool.submit(frappe.destroy).result()


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_newer_message_waits_for_an_older_one_that_another_worker_just_took(
	site, ticket, monkeypatch, is_committed
):
	second, third = events.sub_statuses(ticket)[1:3]
	events.change_status(ticket, second)
	events.change_status(ticket, third)
	events.make_due(ticket)
	older, newer = (row.name for row in queued(ticket))
	start = f"UPDATE `tab{outbox.DOCTYPE}` SET state = 'Sending' WHERE name = %s"
	with another_worker(site) as query:

		def take_older():
			"""The names are read, and then the other worker is faster."""
			frappe.db.sql("SELECT name FROM `tabPortal Notification` LIMIT 1")
			query(start, older)
			if is_committed:
				query("COMMIT")
			return [newer]

		monkeypatch.setattr(claims, "due_names", once(take_older))
		assert outbox.claim() is None
		query("ROLLBACK" if not is_committed else "SELECT 1")
	assert events.notifications(ticket, name=newer)[0].state == "Queued"
	assert events.notifications(ticket, name=newer)[0].due_at > utc_now()


def once(look):
	"""Looks once; after that nothing is due."""
	looks = iter([look])
	return lambda: next(looks, list)()


def test_only_the_holder_of_the_claim_records(ticket):
	events.change_status(ticket)
	slow = claim_for(ticket)
	events.expire_claims(ticket)
	outbox.release_expired()
	fresh = claim_for(ticket)
	assert fresh.name == slow.name
	outbox.mark_sent(slow, "slow")
	assert events.notifications(ticket, name=slow.name)[0].state == "Sending"
	outbox.mark_sent(fresh, "fresh")
	assert events.notifications(ticket, name=slow.name)[0].provider_id == "fresh"


def test_pauses_double_and_then_it_fails(ticket):
	events.change_status(ticket)
	pauses = []
	for _attempt in range(outbox.MAX_ATTEMPTS - 1):
		outbox.mark_for_retry(claim_for(ticket), "Busy", None)
		pauses.append((queued(ticket)[0].due_at - utc_now()).total_seconds())
	assert 22 < pauses[0] < 38
	assert all(later > sooner for sooner, later in itertools.pairwise(pauses) if later < 14000)
	assert max(pauses) <= outbox.LONGEST_PAUSE_SECONDS
	last = claim_for(ticket)
	outbox.mark_for_retry(last, "Busy", None)
	row = events.notifications(ticket, name=last.name)[0]
	assert (row.state, row.reason, row.attempts) == ("Failed", "Busy", outbox.MAX_ATTEMPTS)


def test_the_providers_retry_after_is_obeyed(ticket):
	events.change_status(ticket)
	outbox.mark_for_retry(claim_for(ticket), "Busy", 600)
	assert (queued(ticket)[0].due_at - utc_now()).total_seconds() > 590


def test_an_unknown_result_is_repeated_once_and_marked(ticket):
	events.change_status(ticket)
	outbox.mark_unknown(claim_for(ticket), "No answer")
	assert queued(ticket)[0].may_be_repeated == 1
	second = claim_for(ticket)
	outbox.mark_unknown(second, "No answer")
	assert events.notifications(ticket, name=second.name)[0].state == "Failed"


def test_a_dead_workers_row_is_repeated_once_and_marked(ticket):
	events.change_status(ticket)
	claim_for(ticket)
	outbox.release_expired()
	assert not queued(ticket)
	events.expire_claims(ticket)
	outbox.release_expired()
	assert queued(ticket)[0].may_be_repeated == 1
	claim_for(ticket)
	events.expire_claims(ticket)
	outbox.release_expired()
	assert [row.state for row in events.notifications(ticket, channel="SMS")] == ["Failed"]


def test_a_record_survives_a_lost_database_connection(ticket, monkeypatch):
	monkeypatch.setattr(results, "RECONNECT_PAUSES", (0, 0))
	events.change_status(ticket)
	claimed = claim_for(ticket)
	(connection,) = frappe.db.sql("SELECT CONNECTION_ID()")[0]
	with pytest.raises(frappe.db.OperationalError):
		frappe.db.sql(f"KILL {connection}")
	outbox.mark_sent(claimed, "kept")
	assert events.notifications(ticket, name=claimed.name)[0].provider_id == "kept"


def test_eight_workers_claim_each_row_once():
	tickets = [make_ticket(saudi_mobile()) for _number in range(12)]
	events.clear()
	for ticket in tickets:
		events.change_status(ticket)
		events.make_due(ticket)
	claimed = []

	def work(_number):
		while notification := outbox.claim():
			claimed.append(notification.name)

	in_parallel(work, range(8), workers=8)
	assert len(claimed) == len(set(claimed)) == 24
