"""The organisation portal's list and export at few and at many tickets of one organisation, all through HTTP."""

import re
import time
from dataclasses import dataclass

import frappe
import psutil

from benchmarks import dataset
from benchmarks.pages import PASSWORD, PING, Visitor
from benchmarks.report import Figure
from benchmarks.timing import beside, medians, milliseconds
from customer_portal.ticket_list import PAGE, Cursor

CUSTOMER = "Benchmark"
TICKETS = "/portal/tickets"
PEOPLE = 500
QUERIES = {
	"newest": "",
	"oldest": "?sort=oldest",
	"last update": "?sort=updated",
	"priority": "?sort=priority",
	"not resolved": "?status=open",
	"one priority": "?priority=High",
	"words": "?q=leaks",
	"one day": "?from=2025-01-01&to=2025-01-01",
}
RARE = {
	"a status that no ticket has": "?status=1",
	"a number": "?q=%23{0}",
	"words that no subject has": "?q=nosuchword",
	"the same by last update": "?q=nosuchword&sort=updated",
}
DEEP = 2_000  # pages
NO_SLOWER = 1.2
FIRST_BYTE = 1.0  # seconds
SLOWEST_SEARCH = 1.0  # seconds


@dataclass(frozen=True)
class Transfer:
	"""``first`` and ``whole`` in seconds from the request; ``memory`` is the most that the server had, in bytes."""

	first: float
	whole: float
	size: int
	memory: int


def take_over() -> None:
	"""All tickets of the data set become those of one organisation, of many people, with all priorities."""
	if not frappe.db.exists("HD Customer", CUSTOMER):
		frappe.get_doc({"doctype": "HD Customer", "customer_name": CUSTOMER}).insert(ignore_permissions=True)
	frappe.db.sql(
		f"""UPDATE `tabHD Ticket` SET customer = %s, portal_private = 0,
			raised_by = CONCAT('person', CAST(name AS UNSIGNED) %% {PEOPLE}, '@benchmark.example'),
			priority = ELT(1 + CAST(name AS UNSIGNED) %% 4, 'Low', 'Medium', 'High', 'Urgent'),
			subject = CONCAT(ELT(1 + CAST(name AS UNSIGNED) %% 3, 'The machine leaks', 'No power', 'Invoice'), ' ', name),
			creation = '2025-01-01' + INTERVAL CAST(name AS UNSIGNED) %% 1000000 MINUTE,
			portal_updated_on = '2025-01-01' + INTERVAL CAST(name AS UNSIGNED) * 7919 %% 100000 MINUTE
		WHERE CAST(name AS UNSIGNED) > %s""",
		(CUSTOMER, dataset.FIRST),
	)
	frappe.db.commit()
	frappe.db.sql("ANALYZE TABLE `tabHD Ticket`")


def make_manager() -> str:
	"""A manager of that organisation, who may sign in with ``PASSWORD``."""
	address = "manager@benchmark.example"
	if not frappe.db.exists("Portal Customer Access", {"customer": CUSTOMER}):
		access = frappe.new_doc("Portal Customer Access")
		access.update({"customer": CUSTOMER, "domains": [{"domain": "benchmark.example"}]})
		access.append("people", {"email": address, "role": "Manager"})
		access.insert()
	if not frappe.db.exists("User", address):
		user = frappe.new_doc("User")
		user.update(
			{"email": address, "first_name": "Manager", "send_welcome_email": 0, "new_password": PASSWORD}
		)
		user.flags.ignore_password_policy = True
		user.insert(ignore_permissions=True)
	frappe.db.commit()
	return address


@dataclass(frozen=True)
class Measured:
	"""``pages`` are medians of ``QUERIES`` in pings of the same minute, so that a drift of the machine's speed meets both;
	``exports`` by kind of file.
	"""

	tickets: int
	pages: list[float]
	exports: dict[str, Transfer]


def measure(visitor: Visitor, port: int, tickets: int, rounds: int) -> Measured:
	"""``visitor`` is the manager, signed in at the server that listens on ``port``."""
	server = next(child for child in psutil.Process().children() if f"127.0.0.1:{port}" in child.cmdline())
	acts = [lambda query=query: visitor.get(TICKETS + query) for query in QUERIES.values()]
	ping, *seconds = medians(rounds, lambda: visitor.get(PING), *acts)
	pages = [one / ping for one in seconds]
	return Measured(tickets, pages, {kind: transfer(visitor, server, kind) for kind in ("csv", "xlsx")})


def figures(few: Measured, many: Measured) -> list[Figure]:
	sizes = f"at {many.tickets:,} / {few.tickets:,}"
	found = [
		Figure(f"List, {name}, {sizes}", b / a, NO_SLOWER, detail=f"{b:.2f} / {a:.2f} pings")
		for name, a, b in zip(QUERIES, few.pages, many.pages, strict=True)
	]
	for kind, large in many.exports.items():
		small = few.exports[kind]
		memory = f"{large.memory / 1e6:.1f} MB / {small.memory / 1e6:.1f} MB"
		what = f"Export as {kind}, memory {sizes}"
		found.append(Figure(what, large.memory / small.memory, NO_SLOWER, detail=memory))
		size = f"{large.size / 1e6:.1f} MB in {large.whole:.1f} s"
		what = f"Export as {kind}, first byte at {many.tickets:,}"
		found.append(Figure(what, round(large.first, 3), FIRST_BYTE, "s", size))
	return found


def at_many(visitor: Visitor, rounds: int) -> list[Figure]:
	"""What has to look at every ticket of the organisation, and a page far back."""
	query = "SELECT creation, name FROM `tabHD Ticket` WHERE customer = %s ORDER BY creation DESC LIMIT 1 OFFSET %s"
	ticket = frappe.db.sql(query, (CUSTOMER, DEEP * PAGE))[0]
	cursor = Cursor(0, ticket[0], str(ticket[1]))
	first, deep = _seconds(visitor, rounds, "", f"?after={cursor}")
	rare = _seconds(visitor, max(rounds // 10, 3), *(query.format(ticket[1]) for query in RARE.values()))
	return [
		Figure(f"List, page {DEEP:,} / first page", deep / first, NO_SLOWER, detail=beside(deep, first)),
		*(
			Figure(f"List, {name}", round(one, 3), SLOWEST_SEARCH, "s", milliseconds(one))
			for name, one in zip(RARE, rare, strict=True)
		),
	]


def _seconds(visitor: Visitor, rounds: int, *queries: str) -> list[float]:
	return medians(rounds, *(lambda query=query: visitor.get(TICKETS + query) for query in queries))


def transfer(visitor: Visitor, server: psutil.Process, kind: str, query: str = "") -> Transfer:
	page = visitor.get(TICKETS).text
	form = {name: value for name, value in re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', page)}
	started, most, size, first = time.perf_counter(), 0, 0, 0.0
	with visitor.session.post(
		f"{visitor.base}{TICKETS}/export{query}", {**form, "kind": kind}, stream=True, timeout=600
	) as answer:
		answer.raise_for_status()
		for part in answer.iter_content(64 * 1024):
			first = first or time.perf_counter() - started
			size += len(part)
			most = max(most, _memory(server))
	return Transfer(first, time.perf_counter() - started, size, max(most, _memory(server)))


def _memory(server: psutil.Process) -> int:
	"""Of the workers, which are its children."""
	return sum(child.memory_info().rss for child in server.children(recursive=True))
