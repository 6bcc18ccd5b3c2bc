"""Many tickets changed at once: what announcing costs the agent, and how fast the messages go out."""

import itertools
import json
import time
from statistics import median

import frappe

from benchmarks import dataset, workers
from benchmarks.pages import PASSWORD, Visitor
from benchmarks.report import Figure
from benchmarks.timing import beside
from customer_portal import statuses
from tests import events
from tests.factories import make_agent
from tests.gateways import configure

SAVE = "/api/method/frappe.client.bulk_update"
SAVE_LIMIT = 1.15
# Bare calls in the time in which one message is announced, claimed, counted, sent and recorded: some 50 statements, so
# that nothing is lost. A loopback gateway answers at once; a provider takes 100 ms and more.
BARE_LIMIT = 25
IN_PROGRESS = 2
DEFAULTS = {"burst_seconds": 20, "send_email": 1, "notification_sms_per_hour": 1000, "sms_provider": ""}


def saves(visitor: Visitor, count: int, rounds: int) -> Figure:
	"""One request that changes so many tickets, in turns with and without messages to be sent."""
	visitor.sign_in(make_agent(password=PASSWORD).name)
	tickets = dataset.with_phones(count)
	choices = statuses.choices(statuses.template_named(None))
	values = itertools.cycle([row.name for row in choices if row.main_status == IN_PROGRESS])
	taken: dict[bool, list[float]] = {True: [], False: []}
	for is_told in [True, False] * (rounds + 1):
		_tell(is_told)
		taken[is_told].append(_save(visitor, tickets, next(values)))
	_tell(True)
	events.clear()
	told, silent = (median(seconds[1:]) / count for seconds in taken.values())  # the first one warms up
	what = f"Each ticket of a bulk save of {count}, announced / not"
	return Figure(what, told / silent, SAVE_LIMIT, detail=beside(told, silent))


def _tell(is_told: bool) -> None:
	frappe.db.sql("UPDATE `tabPortal Template Sub-Status` SET notify = %s", (int(is_told),))
	statuses.forget_templates()
	frappe.db.commit()


def _save(visitor: Visitor, tickets: list[str], sub_status: str) -> float:
	docs = [{"doctype": "HD Ticket", "docname": name, "sub_status": sub_status} for name in tickets]
	start = time.perf_counter()
	answer = visitor.post(SAVE, {"docs": json.dumps(docs)})
	seconds = time.perf_counter() - start
	answer.raise_for_status()
	if answer.json()["message"]["failed_docs"]:
		raise RuntimeError("A ticket was not saved.")
	return seconds


def messages(count: int) -> list[Figure]:
	"""So many messages by one, two and four workers, each beside bare calls to the same gateway just before."""
	with workers.gateway() as gateway:
		configure(burst_seconds=0, send_email=0, notification_sms_per_hour=1_000_000)
		events.clear()
		try:
			pairs = {number: _pair(gateway, count, number) for number in (1, 2, 4)}
		finally:
			configure(**DEFAULTS)
	bare, one = pairs[1]
	calls = Figure(
		"Bare kept-alive calls / messages of one worker", bare / one, BARE_LIMIT, detail=_rates(bare, one)
	)
	return [calls, *(_scaling(pairs, number) for number in (2, 4))]


def _pair(gateway: workers.Gateway, count: int, number: int) -> tuple[float, float]:
	"""Bare calls a second, and messages a second by so many workers."""
	dataset.await_messages(dataset.with_phones(count))
	return gateway.rate(lambda: workers.call(gateway.url, count)), gateway.rate(
		lambda: workers.deliver(number)
	)


def _scaling(pairs: dict[int, tuple[float, float]], number: int) -> Figure:
	"""Against the bare calls of the same minute, so that a drift of the machine's speed meets both."""
	shares = {workers: rate / bare for workers, (bare, rate) in pairs.items()}
	detail = _rates(pairs[1][1], pairs[number][1])
	return Figure(f"Messages of one worker / of {number}", shares[1] / shares[number], 1.0, detail=detail)


def _rates(a: float, b: float) -> str:
	return f"{a:.0f} / s and {b:.0f} / s"
