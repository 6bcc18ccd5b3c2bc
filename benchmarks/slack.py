"""Slack: how fast its events are answered while everything is full, and what a save costs with it."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

import frappe
from frappe.utils.background_jobs import get_redis_conn

from benchmarks import saves
from benchmarks.pages import PING, Visitor
from benchmarks.report import Figure
from benchmarks.site import SITE, SITES
from benchmarks.timing import beside, milliseconds
from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.slack import delivery, inbox, outbox
from tests.factories import make_agent, make_ticket
from tests.gateways import configure
from tests.gateways.slack import Slack, sign, use_slack
from tests.servers import web_server

EVENTS = "/portal/hooks/slack/events"
KEPT_EVENTS, WAITING_EVENTS, WAITING_MESSAGES, JOBS = 50_000, 5_000, 10_000, 5_000
AT_A_TIME = 4
ANSWER_LIMIT, SAVE_LIMIT = 300, 1.10  # milliseconds, ratio
TURNS = 20
QUEUES = ("short", "default", "long")


@contextmanager
def workspace() -> Iterator[Slack]:
	slack = Slack()
	use_slack(slack)
	try:
		yield slack
	finally:
		slack.stop()
		configure(slack_enabled=0, slack_bot_token="", slack_triage_channel="", slack_api_base="")
		_clear()


def answers(slack: Slack, logs: Path, rounds: int) -> Figure:
	"""Four at a time, each in turns with ``ping``: the 95th percentile over ``rounds`` events."""
	thread = _posted_ticket(slack)
	with _full(slack.triage), web_server(SITE, SITES, logs / "slack.log") as port:
		with ThreadPoolExecutor(AT_A_TIME) as pool:
			jobs = [pool.submit(_tell, slack, port, thread, rounds // AT_A_TIME) for _one in range(AT_A_TIME)]
			taken = [pair for job in jobs for pair in job.result()]
		_check(rounds // AT_A_TIME * AT_A_TIME)
	answered, pinged = (quantiles(seconds, n=20)[-1] for seconds in zip(*taken, strict=True))
	what = f"Slack's event answered, {AT_A_TIME} at a time, all queues full: p95"
	detail = f"{beside(answered, pinged)} (ping); p50 {milliseconds(median(one for one, _ping in taken))}"
	return Figure(what, round(answered * 1000, 1), ANSWER_LIMIT, "ms", detail)


def save(slack: Slack, visitor: Visitor, rounds: int) -> Figure:
	"""An agent's save of a ticket that is in Slack, in turns with Slack switched on and not set up at all."""
	agent_saves = saves.saver(visitor, make_agent(password=saves.PASSWORD).name)
	delivery.deliver_due(10)
	taken: dict[bool, list[float]] = {True: [], False: []}
	for is_on in [False, True] * TURNS:
		configure(slack_enabled=int(is_on), slack_bot_token="*" * 9 if is_on else "")
		agent_saves()  # reads the settings
		for _round in range(rounds // TURNS):
			_settle()
			taken[is_on].append(_seconds(agent_saves))
		_check_queued(int(is_on))
	with_slack, without = median(taken[True]), median(taken[False])
	detail = beside(with_slack, without)
	return Figure("Agent's save with Slack / without it", with_slack / without, SAVE_LIMIT, detail=detail)


def _settle() -> None:
	"""Everything is in Slack: the next change has to be queued."""
	frappe.db.sql(f"UPDATE `tab{outbox.DOCTYPE}` SET state = 'Sent'")
	frappe.db.commit()


def _check_queued(count: int) -> None:
	frappe.db.rollback()
	waiting = frappe.db.count(outbox.DOCTYPE, {"state": "Queued"})
	if waiting != count:
		raise RuntimeError(f"{waiting} changes were queued, and not {count}.")


def _posted_ticket(slack: Slack) -> str:
	"""Posted in the triage channel; the ``ts`` of its post."""
	ticket = make_ticket()
	delivery.deliver_due(10)
	return outbox.post_of(str(ticket.name), slack.triage).ts


def _tell(slack: Slack, port: int, thread: str, rounds: int) -> list[tuple[float, float]]:
	"""Seconds of each event and of the ``ping`` after it; the first ones warm up."""
	visitor = Visitor(port, SITE)
	pairs = []
	for number in range(-5, rounds):
		body = json.dumps(slack.envelope(_message(slack, thread))).encode()
		event = _seconds(lambda body=body: _post(visitor, body))
		ping = _seconds(lambda: visitor.get(PING))
		if number >= 0:
			pairs.append((event, ping))
	return pairs


def _message(slack: Slack, thread: str) -> dict:
	return {
		"type": "message",
		"channel": slack.triage,
		"channel_type": "channel",
		"user": "U0BENCHMRK",
		"text": "Please restart it. " * 20,
		"ts": slack.next_ts(),
		"thread_ts": thread,
	}


def _post(visitor: Visitor, body: bytes) -> None:
	answer = visitor.post(EVENTS, body, **sign(body), **{"Content-Type": "application/json"})
	answer.raise_for_status()


def _seconds(act) -> float:
	started = time.perf_counter()
	act()
	return time.perf_counter() - started


@contextmanager
def _full(channel: str) -> Iterator[None]:
	"""Events of weeks, of which some wait; messages that Slack has not taken; and more jobs than Frappe admits."""
	now = utc_now()
	_insert(inbox.DOCTYPE, KEPT_EVENTS, lambda number: _event(number, now))
	_insert(outbox.DOCTYPE, WAITING_MESSAGES, lambda number: _waiting(number, channel, now))
	connection = get_redis_conn()
	for name in QUEUES:
		connection.rpush(f"rq:queue:{name}", *(f"benchmark-{number}" for number in range(JOBS)))
	try:
		yield
	finally:
		for name in QUEUES:
			connection.delete(f"rq:queue:{name}")


def _insert(doctype: str, count: int, row_of) -> None:
	for start in range(0, count, rows.BATCH):
		rows.insert(doctype, *map(row_of, range(start, min(start + rows.BATCH, count))))
		frappe.db.commit()


def _event(number: int, now) -> dict[str, object]:
	is_waiting = number < WAITING_EVENTS
	return {
		"event_id": f"EvBenchmark{number}",
		"kind": "message",
		"subject": f"C0BENCHMRK:{number % 500}",
		"signature": f"benchmark-{number}",
		"payload": json.dumps({"event": {"text": "x" * 1000}}) if is_waiting else None,
		"state": "Waiting" if is_waiting else "Done",
		"received_at": now - timedelta(seconds=number),
		"due_at": now + timedelta(hours=1),
		"attempts": 0,
	}


def _waiting(number: int, channel: str, now) -> dict[str, object]:
	return {
		"ticket": str(10_000_000 + number),
		"kind": "Message",
		"channel": channel,
		"source": f"benchmark-{number}",
		"state": "Queued",
		"queued_at": now + timedelta(microseconds=number),
		"due_at": now + timedelta(hours=1),
		"key": f"benchmark-{number}",
	}


def _check(least: int) -> None:
	frappe.db.rollback()
	new = frappe.db.count(inbox.DOCTYPE, {"event_id": ("not like", "EvBenchmark%")})
	if new < least:
		raise RuntimeError(f"Only {new} events were stored.")


def _clear() -> None:
	for doctype in (outbox.DOCTYPE, inbox.DOCTYPE):
		frappe.db.delete(doctype)
	frappe.db.commit()
