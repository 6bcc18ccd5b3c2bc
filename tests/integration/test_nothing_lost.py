"""Nothing is lost and nothing is sent twice, with real processes that are really killed and servers that really fail.

Each test ends with every notification in a final state, and counts what the gateway really got.
"""

import os
import signal
import time

import pytest

from customer_portal.notifications import dispatch, outbox
from tests import events, processes
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure

FINAL = {"Sent", "Delivered", "Failed", "Superseded"}


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(burst_seconds=20)
	yield
	configure(burst_seconds=20, send_email=1)


@pytest.fixture
def ticket(sms_gateway):
	"""A ticket with one SMS that is due."""
	configure(send_email=0)
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	events.change_status(ticket)
	events.make_due(ticket)
	return ticket


def only_row(ticket):
	(row,) = events.notifications(ticket)
	return row


def other_sub_status(ticket) -> str:
	return next(name for name in events.sub_statuses(ticket) if name != ticket.sub_status)


def sweep_until_final(ticket, most=20):
	"""What the scheduler does each minute, with the pauses and leases between cut short."""
	for _minute in range(most):
		rows = events.notifications(ticket)
		if all(row.state in FINAL for row in rows):
			return rows
		events.make_due(ticket)
		events.expire_claims(ticket)
		dispatch.sweep()
	raise AssertionError(f"Not final: {[(row.state, row.reason) for row in rows]}")


def save_in(environment, ticket) -> None:
	"""An agent's save in a process of its own."""
	command = ("save", str(ticket.name), other_sub_status(ticket))
	processes.finish(processes.start(*command, environment=environment))


def got(gateway, ticket):
	return gateway.texts_to(only_row(ticket).recipient)


@pytest.mark.parametrize(
	("mode", "state", "messages"),
	[
		("500", "Failed", 0),
		("429", "Failed", 0),
		("error in body", "Failed", 0),
		("hang", "Failed", 2),
		("drop", "Failed", 2),
	],
)
def test_an_outage_that_never_ends(ticket, sms_gateway, mode, state, messages):
	sms_gateway.mode = mode
	(row,) = sweep_until_final(ticket)
	assert row.state == state
	assert row.reason
	assert len(got(sms_gateway, ticket)) == messages
	assert row.may_be_repeated == (messages > 0)


@pytest.mark.parametrize(("mode", "extra"), [("500", 0), ("429", 0), ("hang", 1), ("drop", 1)])
def test_an_outage_that_ends(ticket, sms_gateway, mode, extra):
	sms_gateway.mode = mode
	dispatch.sweep()
	assert only_row(ticket).state == "Queued"
	sms_gateway.mode = "ok"
	(row,) = sweep_until_final(ticket)
	assert row.state == "Sent"
	assert len(got(sms_gateway, ticket)) == 1 + extra
	assert row.may_be_repeated == extra


def test_a_gateway_that_refuses_connections(ticket, sms_gateway):
	sms_gateway.stop()
	dispatch.sweep()
	assert only_row(ticket).state == "Queued"
	sms_gateway.start()
	(row,) = sweep_until_final(ticket)
	assert (row.state, row.may_be_repeated) == ("Sent", 0)
	assert len(got(sms_gateway, ticket)) == 1


@pytest.mark.parametrize(("death", "messages"), [("die_before_the_call", 1), ("die_after_the_call", 2)])
def test_a_worker_killed_before_or_after_the_call(ticket, sms_gateway, death, messages):
	process = processes.start(death)
	process.communicate(timeout=300)
	assert process.returncode == -signal.SIGKILL
	assert only_row(ticket).state == "Sending"
	(row,) = sweep_until_final(ticket)
	assert (row.state, row.may_be_repeated) == ("Sent", 1)
	assert len(got(sms_gateway, ticket)) == messages


def test_a_worker_killed_during_the_call(ticket, sms_gateway):
	process = processes.start("deliver")
	sms_gateway.before_answer = process.kill
	process.communicate(timeout=300)
	assert process.returncode == -signal.SIGKILL
	sms_gateway.before_answer = lambda: None
	(row,) = sweep_until_final(ticket)
	assert (row.state, row.may_be_repeated) == ("Sent", 1)
	assert len(got(sms_gateway, ticket)) == 2


def test_two_workers_killed_during_the_call_end_it(ticket, sms_gateway):
	"""At most one extra message, whatever happens."""
	for _death in range(2):
		events.make_due(ticket)
		process = processes.start("deliver")
		sms_gateway.before_answer = process.kill
		process.communicate(timeout=300)
		events.expire_claims(ticket)
		outbox.release_expired()
		events.make_due(ticket)
	assert only_row(ticket).state == "Failed"
	assert len(got(sms_gateway, ticket)) == 2


def test_before_its_lease_is_over_nobody_takes_a_dead_workers_row(ticket, sms_gateway):
	processes.start("die_before_the_call").communicate(timeout=300)
	dispatch.sweep()
	assert only_row(ticket).state == "Sending"
	assert not sms_gateway.received


def test_a_worker_that_was_only_slow_records_nothing(ticket, sms_gateway):
	"""Its lease is over, another worker has sent: the record of that one stays."""
	process = processes.start("deliver")
	stopped = []

	def pause():
		if not stopped:
			stopped.append(os.kill(process.pid, signal.SIGSTOP))

	sms_gateway.before_answer = pause
	sms_gateway.wait_for(1)
	while not stopped:
		time.sleep(0.01)
	(row,) = sweep_until_final(ticket)
	assert row.state == "Sent"
	os.kill(process.pid, signal.SIGCONT)
	process.communicate(timeout=300)
	assert only_row(ticket) == row
	assert len(got(sms_gateway, ticket)) == 2


def test_many_processes_send_each_message_once(sms_gateway):
	configure(send_email=0)
	tickets = [make_ticket(saudi_mobile()) for _number in range(15)]
	for ticket in tickets:
		events.forget_told(ticket)
		events.change_status(ticket)
		events.make_due(ticket)
	for process in [processes.start("deliver") for _number in range(4)]:
		processes.finish(process)
	rows = [only_row(ticket) for ticket in tickets]
	assert {row.state for row in rows} == {"Sent"}
	assert sorted(message["to"] for message in sms_gateway.received) == sorted(row.recipient for row in rows)


@pytest.mark.parametrize(
	"environment", [processes.WITHOUT_QUEUE, processes.WITHOUT_REDIS], ids=["no queue", "no Redis at all"]
)
def test_an_agent_saves_while_redis_is_down(ticket, sms_gateway, environment):
	wanted = other_sub_status(ticket)
	save = processes.start("save", str(ticket.name), wanted, environment=environment)
	processes.finish(save)
	ticket.reload()
	assert ticket.sub_status == wanted
	rows = sweep_until_final(ticket)
	assert [row.state for row in rows if row.sub_status == wanted] == ["Sent"]


@pytest.mark.parametrize("mode", ["500", "hang"])
def test_an_agents_save_does_not_ask_the_gateway(ticket, sms_gateway, mode):
	sms_gateway.mode = mode
	save = processes.start("save", str(ticket.name), other_sub_status(ticket))
	processes.finish(save)
	assert not sms_gateway.received


def test_a_change_reaches_the_customer_by_a_real_worker(ticket, sms_gateway, tmp_path):
	"""From the agent's commit to the gateway, without a sweep."""
	configure(burst_seconds=4)
	events.clear()
	with processes.queue_and_worker(tmp_path) as (environment, _worker):
		save_in(environment, ticket)
		assert sms_gateway.wait_for(1)
		_wait_for_state(ticket, "Sent")
	assert len(sms_gateway.received) == 1


def test_a_worker_killed_with_its_job(ticket, sms_gateway, tmp_path):
	configure(burst_seconds=0)
	events.clear()
	with processes.queue_and_worker(tmp_path) as (environment, worker):
		sms_gateway.before_answer = lambda: processes.kill_tree(worker)
		save_in(environment, ticket)
		sms_gateway.wait_for(1)
		worker.wait(10)
	sms_gateway.before_answer = lambda: None
	rows = sweep_until_final(ticket)
	assert sorted(row.state for row in rows) == ["Sent", "Superseded"]
	assert len(sms_gateway.received) == 2


def test_a_flushed_queue(ticket, sms_gateway, tmp_path):
	"""The job is gone with Redis' memory; the row is not."""
	events.clear()
	with processes.own_redis(tmp_path) as (redis, environment):
		save_in(environment, ticket)
		redis.kill()
	rows = sweep_until_final(ticket)
	assert sorted(row.state for row in rows) == ["Sent", "Superseded"]
	assert len(sms_gateway.received) == 1


@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_mail_that_may_have_arrived_is_repeated_once_under_one_id(mail_server, mode):
	configure(sms_provider="")
	ticket = make_ticket()
	events.forget_told(ticket)
	events.change_status(ticket)
	mail_server.mode = mode
	(row,) = sweep_until_final(ticket)
	mails = mail_server.mails_to(row.recipient)
	assert (row.state, row.may_be_repeated, len(mails)) == ("Failed", 1, 2)
	assert len({mail["Message-ID"] for mail in mails}) == 1


def test_mail_that_was_sent_but_not_recorded_is_not_repeated(mail_server):
	"""The Email Queue row remembers what the outbox could not."""
	configure(sms_provider="")
	ticket = make_ticket()
	events.forget_told(ticket)
	events.change_status(ticket)
	events.make_due(ticket)
	processes.start("die_after_the_call").communicate(timeout=300)
	(row,) = sweep_until_final(ticket)
	assert row.state == "Sent"
	assert len(mail_server.mails_to(row.recipient)) == 1


def _wait_for_state(ticket, state, seconds=60):
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		if state in [row.state for row in events.notifications(ticket)]:
			return
		time.sleep(0.1)
	raise AssertionError([row.state for row in events.notifications(ticket)])
