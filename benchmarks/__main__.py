"""Measures everything once, prints one table; exits with 1 when a limit is not held.

``FRAPPE_BENCH`` is the bench's folder, ``CUSTOMER_PORTAL_SITE`` a site of it that is made for this: it is filled
with 100,000 tickets.
"""

import os
import sys
import tempfile
from pathlib import Path

import frappe

from benchmarks import bulk, codes, dataset, lists, pages, saves
from benchmarks.report import Figure, table
from tests.processes import own_redis
from tests.servers import background_worker, web_server

SITES = Path(os.environ["FRAPPE_BENCH"]) / "sites"
SITE = os.environ["CUSTOMER_PORTAL_SITE"]
FEW, MANY = 1_000, 100_000
ROUNDS = 300
BULK = 200  # tickets, and messages


def main() -> int:
	os.chdir(SITES)
	with tempfile.TemporaryDirectory() as folder, own_redis(Path(folder)) as (_process, environment):
		os.environ.update(environment)
		frappe.init(SITE, sites_path=str(SITES))
		frappe.connect()
		frappe.set_user("Administrator")
		figures = _measure(Path(folder))
	print(table(figures))
	return 0 if all(figure.holds for figure in figures) else 1


def _measure(logs: Path) -> list[Figure]:
	dataset.grow(FEW)
	bare = web_server(SITE, SITES, logs / "bare.log", 1, 1, "benchmarks.bare:application")
	with web_server(SITE, SITES, logs / "web.log", 1, 1) as port, bare as bare_port:
		guest, reader = pages.Visitor(port, SITE), pages.Visitor(port, SITE)
		door = pages.open_door()
		reader.sign_in(pages.make_reader(door))
		figures = [
			*pages.against_ping(guest, door, ROUNDS),
			pages.against_helpdesk(guest, reader, door, ROUNDS),
			*_selects(guest, door),
			*pages.first_view(guest, door),
			saves.measure(pages.Visitor(port, SITE), pages.Visitor(bare_port, SITE), ROUNDS // 3),
			bulk.saves(pages.Visitor(port, SITE), BULK, 5),
			*bulk.messages(BULK * 3),
		]
		with background_worker(SITES, logs / "worker.log"):
			figures.append(codes.measure(guest, ROUNDS // 3))
		manager = pages.Visitor(port, SITE)
		return [*figures, *_growth(guest, door, manager, port)]


def _selects(guest: pages.Visitor, door: pages.Door) -> list[Figure]:
	long_door = pages.open_door(messages=50)
	with_10, with_50 = pages.selects(guest, door), pages.selects(guest, long_door)
	return [
		Figure("SELECTs of a ticket page with 10 messages", with_10, 8, ""),
		Figure("SELECTs of a ticket page with 50 messages", with_50, with_10, ""),
	]


def _growth(guest: pages.Visitor, door: pages.Door, manager: pages.Visitor, port: int) -> list[Figure]:
	lists.take_over()
	manager.sign_in(lists.make_manager())
	few = pages.median_seconds(guest, door, ROUNDS)
	few_lists = lists.measure(manager, port, FEW, ROUNDS // 3)
	dataset.grow(MANY)
	lists.take_over()
	many = pages.median_seconds(guest, door, ROUNDS)
	many_lists = lists.measure(manager, port, MANY, ROUNDS // 3)
	detail = pages.beside(many, few)
	return [
		Figure(f"Ticket page at {MANY:,} tickets / at {FEW:,}", many / few, 1.2, detail=detail),
		*lists.figures(few_lists, many_lists),
		*lists.at_many(manager, ROUNDS // 3),
	]


if __name__ == "__main__":
	sys.exit(main())
