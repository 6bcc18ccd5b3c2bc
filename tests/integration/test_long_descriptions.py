"""A description may be as long as a mail: what a page does with it does not grow with it."""

import time

import frappe
import pytest

from customer_portal import html, ticket_files, tickets
from tests.door import sign_in
from tests.factories import attach_file, make_ticket

MEGABYTE = 1_000_000
LONGEST_SECONDS = 60  # a pattern that is not linear takes minutes


def describe(ticket, description: str):
	frappe.db.set_value("HD Ticket", ticket.name, "description", description)
	frappe.db.commit()
	return frappe.db.get_value("HD Ticket", ticket.name, tickets.FIELDS, as_dict=True)


def paths(count: int) -> str:
	return "".join(f"/files/{number:x} <" for number in range(count))


def test_only_what_is_shown_is_searched_for_files():
	assert html.local_paths("x" * html.LONGEST + '<img src="/files/late.png">') == set()


def test_only_so_many_files_are_looked_for():
	found = html.local_paths(paths(html.MOST_PATHS * 2))
	assert len(found) == html.MOST_PATHS
	assert "/files/0" in found


def test_the_same_path_counts_once():
	description = "<img src='/files/a.png'>" * html.MOST_PATHS + "<img src='/files/b.png'>"
	assert html.local_paths(description) == {"/files/a.png", "/files/b.png"}


def test_a_file_among_the_first_is_shown():
	ticket = make_ticket()
	file = attach_file(
		ticket, "own.png", b"\x89PNG\r\n\x1a\n" + frappe.generate_hash().encode(), ticket.raised_by
	)
	row = describe(ticket, f'<img src="{file.file_url}">' + paths(MEGABYTE // 13))
	assert [shown.name for shown in ticket_files.shown(row)] == [file.name]


@pytest.mark.parametrize("unit", ["/files/{0:x} <", "\u202e{0:x}"])
def test_fifteen_megabytes_hang_no_page(client, unit):
	ticket = make_ticket()
	text = "".join(map(unit.format, range(15 * MEGABYTE // len(unit.encode()))))
	describe(ticket, text)
	home = sign_in(client, ticket)
	assert client.get(home).status_code == 200  # a new server's first page takes its time
	begun = time.monotonic()
	page = client.get(home)
	seconds = time.monotonic() - begun
	describe(ticket, "")
	assert page.status_code == 200
	assert len(page.content) < MEGABYTE
	assert seconds < LONGEST_SECONDS
