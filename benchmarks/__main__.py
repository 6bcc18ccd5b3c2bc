"""Measures everything once, prints one table; exits with 1 when a limit is not held.

``FRAPPE_BENCH`` is the bench's folder, ``CUSTOMER_PORTAL_SITE`` a site of it that is made for this: it is filled
with 100,000 tickets.
"""

import sys
from pathlib import Path

from benchmarks import bulk, codes, dataset, lists, pages, saves, slack
from benchmarks.report import Figure, table
from benchmarks.site import SITE, SITES, connected
from tests.servers import background_worker, web_server

FEW, MANY = 1_000, 100_000
ROUNDS = 300
BULK = 200  # tickets, and messages


def main() -> int:
	with connected() as logs:
		figures = _measure(logs)
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
			saves.measure(pages.Visitor(port, SITE), pages.Visitor(bare_port, SITE), ROUNDS),
			bulk.saves(pages.Visitor(port, SITE), BULK, 5),
			*bulk.messages(BULK * 3),
		]
		with slack.workspace() as workspace:
			figures.append(slack.save(workspace, pages.Visitor(port, SITE), ROUNDS // 3))
			figures.append(slack.answers(workspace, logs, ROUNDS))
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
	"""The ticket's page beside ``ping`` of the same minute, so that a drift of the machine's speed meets both."""
	lists.take_over()
	manager.sign_in(lists.make_manager())
	few, ping_at_few = pages.beside_ping(guest, door, ROUNDS)
	few_lists = lists.measure(manager, port, FEW, ROUNDS // 3)
	dataset.grow(MANY)
	lists.take_over()
	many, ping_at_many = pages.beside_ping(guest, door, ROUNDS)
	many_lists = lists.measure(manager, port, MANY, ROUNDS // 3)
	detail = f"{many / ping_at_many:.2f} / {few / ping_at_few:.2f} pings"
	ratio = (many / ping_at_many) / (few / ping_at_few)
	return [
		Figure(f"Ticket page at {MANY:,} tickets / at {FEW:,}", ratio, 1.2, detail=detail),
		*lists.figures(few_lists, many_lists),
		*lists.at_many(manager, ROUNDS // 3),
	]


if __name__ == "__main__":
	sys.exit(main())
