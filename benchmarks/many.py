"""Very many tickets changed at once: how long the agent waits, and whether each customer hears of it exactly once.

``python -m benchmarks.many``, with the environment of ``benchmarks.site``. It takes a quarter of an hour, so
``make bench`` leaves it out.
"""

import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import frappe

from benchmarks import dataset, workers
from benchmarks.pages import PASSWORD, Visitor
from benchmarks.report import Figure, table
from benchmarks.site import SITE, SITES, connected
from benchmarks.timing import beside
from customer_portal import statuses
from tests import events
from tests.factories import make_agent
from tests.gateways import configure
from tests.servers import background_worker, web_server

TICKETS, PER_REQUEST, WORKERS = 10_000, 500, 2  # Frappe takes 500 in one request
EDIT = "/api/method/frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs"
LONGEST_SECONDS = 3600
IN_PROGRESS = 2


def main() -> int:
	with connected() as logs:
		configure(burst_seconds=0, send_email=0, notification_sms_per_hour=1_000_000)
		events.clear()
		with workers.gateway() as gateway:
			figures = _measure(logs, gateway)
	print(table(figures))
	return 0 if all(figure.holds for figure in figures) else 1


def _measure(logs: Path, gateway: workers.Gateway) -> list[Figure]:
	tickets = dataset.with_phones(TICKETS)
	with ExitStack() as stack:
		visitor = Visitor(stack.enter_context(web_server(SITE, SITES, logs / "web.log")), SITE)
		visitor.sign_in(make_agent(password=PASSWORD).name)
		for number in range(WORKERS):
			stack.enter_context(background_worker(SITES, logs / f"worker-{number}.log"))
		parts = [tickets[start : start + PER_REQUEST] for start in range(0, TICKETS, PER_REQUEST)]
		taken = [_edit(visitor, part) for part in parts]
		_wait_for_end(tickets)
	return [_requests(taken), *_messages(tickets, gateway.clocked())]


def _edit(visitor: Visitor, tickets: list[str]) -> float:
	"""Seconds of the request that the Desk's list sends when an agent edits a field of many."""
	choices = statuses.choices(statuses.template_named(None))
	wanted = [row.name for row in choices if row.main_status == IN_PROGRESS][-1]
	body = {"doctype": "HD Ticket", "docnames": frappe.as_json(tickets), "action": "update"}
	started = time.perf_counter()
	answer = visitor.post(EDIT, {**body, "data": frappe.as_json({"sub_status": wanted})})
	answer.raise_for_status()
	return time.perf_counter() - started


def _wait_for_end(tickets: list[str]) -> None:
	deadline = time.monotonic() + LONGEST_SECONDS
	while _states(tickets)["Sent"] < len(tickets):
		if time.monotonic() > deadline:
			raise RuntimeError(f"Not all were sent in time: {_states(tickets)}")
		time.sleep(2)


def _states(tickets: list[str]) -> Counter:
	frappe.db.rollback()
	query = "SELECT state, COUNT(*) FROM `tabPortal Notification` WHERE ticket IN %s GROUP BY state"
	return Counter(dict(frappe.db.sql(query, (tickets,))))


def _requests(taken: list[float]) -> Figure:
	"""The last request comes when thousands of messages wait, the first one when none does."""
	what = f"The agent's last request of {len(taken)} / first, {PER_REQUEST} tickets each"
	return Figure(what, taken[-1] / taken[0], 2.0, detail=beside(taken[-1], taken[0]))


def _messages(tickets: list[str], received: list[tuple[float, str]]) -> list[Figure]:
	moments = [moment for moment, _number in received]
	rate = (len(moments) - 1) / (moments[-1] - moments[0])
	numbers = Counter(number for _moment, number in received)
	wrong = len(tickets) - sum(count == 1 for count in numbers.values())
	detail = f"{len(moments):,} by {WORKERS} workers, {rate:.0f} / s, changes included"
	return [Figure(f"Of {len(tickets):,} customers, not told exactly once", wrong, 0, "", detail)]


if __name__ == "__main__":
	sys.exit(main())
