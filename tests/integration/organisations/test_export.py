"""The export over HTTP, from a real server: exactly the list's tickets, no more than a member may see at that moment, and
one at a time."""

import csv
import io
import socket
import time
from datetime import datetime
from urllib.parse import urlencode

import frappe
import openpyxl
import pytest

from customer_portal import access, statuses, throttle, ticket_export, ticket_list, timezones
from customer_portal.exceptions import ExportTooLong, MembersOnly, TooManyExports
from customer_portal.ticket_export import BATCH, Export
from customer_portal.ticket_filters import Filters
from tests.client import hidden_fields
from tests.crowd import add_tickets, remove_tickets
from tests.door import counts
from tests.factories import unique
from tests.organisations import ALL, TICKETS, enter, make_organisation

EXPORT = f"{TICKETS}/export"
FORMULA = '=HYPERLINK("http://evil.example","x")'
LONG = "x" * 130
ENOUGH = 40_000  # tickets whose file no socket's buffers hold


@pytest.fixture
def acme(open_door):
	organisation = make_organisation(sees=ALL)
	organisation.sara = organisation.put(organisation.address(), sees=ALL)
	yield organisation
	frappe.db.rollback()
	remove_tickets(organisation.customer)


@pytest.fixture
def sara(acme, client):
	return enter(client, acme.sara)


def export(client, query: str = "", kind: str = "csv", **options):
	page = client.get(f"{TICKETS}{query}").text
	fields = hidden_fields(page, "/sign-out")
	return client.post(f"{EXPORT}{query}", {**fields, "kind": kind}, **options)


def csv_rows(answer) -> list[dict[str, str]]:
	return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def xlsx_rows(answer) -> list[dict]:
	head, *lines = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
	return [dict(zip(head, line, strict=True)) for line in lines]


def listed(client, query: str = "") -> list[str]:
	"""The numbers of all pages of the list, by their links."""
	found, address = [], f"{TICKETS}{query}"
	while address:
		page = client.get(address).text
		found += [part.split('"')[0] for part in page.split(f'class="line" href="{TICKETS}/')[1:]]
		_before, has_next, rest = page.partition('rel="next" href="')
		address = rest.split('"')[0].replace("&amp;", "&") if has_next else ""
	return found


def test_it_holds_what_the_list_shows(sara, acme):
	add_tickets(acme.customer, 40, raised_by=acme.sara, priority="High", subject="Pump leaks")
	add_tickets(acme.customer, 30, raised_by="b@example.com", priority="Low", subject="Pump stands still")
	make_organisation("globex").ticket(subject="Pump of others")
	for query in (
		"",
		"?priority=High",
		"?q=stands",
		"?requester=b%40",
		"?sort=oldest",
		"?q=nothing",
		"?status=2",
	):
		for kind, read in (("csv", csv_rows), ("xlsx", xlsx_rows)):
			answer = export(sara, query, kind)
			assert answer.status_code == 200, answer.text
			assert [str(row["Ticket"]) for row in read(answer)] == listed(sara, query), (query, kind)
	assert len(listed(sara)) == 70


def test_the_rows_order_does_not_change_while_it_runs(sara, acme):
	"""By last update or priority the list moves; the file is by creation then."""
	names = add_tickets(acme.customer, 30, raised_by=acme.sara)
	for number, name in enumerate(names):
		frappe.db.set_value("HD Ticket", name, "priority", ("Urgent", "Low")[number % 2])
	frappe.db.commit()
	for query in ("?sort=priority", "?sort=updated"):
		assert [row["Ticket"] for row in csv_rows(export(sara, query))] == names[::-1]


def test_cells(sara, acme):
	ticket = acme.ticket(acme.sara, subject=FORMULA, priority="High")
	frappe.db.set_value("User", acme.sara, "time_zone", "Pacific/Auckland")
	frappe.db.set_value(
		"HD Ticket", ticket.name, "creation", datetime(2026, 1, 31, 23, 30), update_modified=False
	)
	frappe.db.commit()
	for kind, read in (("csv", csv_rows), ("xlsx", xlsx_rows)):
		(row,) = read(export(sara, "", kind))
		assert row["Subject"] == f"'{FORMULA}"
		assert (row["Priority"], row["Requester"], row["Organisation"]) == ("High", acme.sara, acme.customer)
		assert row["Status"] == statuses.main_label(statuses.template_named(None), 1, "en")
		created = row["Created (Pacific/Auckland)"]
		expected = timezones.local(
			timezones.to_utc(datetime(2026, 1, 31, 23, 30)), timezones.named("Pacific/Auckland")
		)
		assert str(created)[:16] == str(expected)[:16]
		assert str(row["Last update (Pacific/Auckland)"])[:2] == "20"


def test_no_label_of_agents_and_no_form_of_others(sara, acme):
	"""A form that the organisation is not offered may have any name."""
	form = frappe.get_doc({"doctype": "HD Ticket Template", "template_name": unique("Internal")}).insert()
	acme.change(forms=[{"ticket_template": "Default"}])
	acme.ticket(acme.sara, template=form.name)
	answer = export(sara)
	assert form.name not in answer.text
	for label in frappe.get_all("Portal Sub-Status", pluck="label"):
		if label not in frappe.get_all("Portal Template Sub-Status", pluck="customer_label"):
			assert label not in answer.text


def test_headers(sara, acme):
	acme.ticket(acme.sara)
	for kind, mime in (
		("csv", "text/csv; charset=utf-8"),
		("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
	):
		answer = export(sara, "", kind)
		assert answer.headers["Content-Type"] == mime
		assert answer.headers["Content-Disposition"].startswith('attachment; filename="tickets-20')
		assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
		assert answer.headers["Cache-Control"] == "no-store"
		assert answer.headers["X-Content-Type-Options"] == "nosniff"
		assert "Content-Length" not in answer.headers


def test_in_arabic(sara, acme):
	frappe.db.set_value("User", acme.sara, "language", "ar")
	frappe.db.commit()
	frappe.cache.hdel("lang", acme.sara)
	acme.ticket(acme.sara)
	book = openpyxl.load_workbook(io.BytesIO(export(sara, "", "xlsx").content))
	assert book.active.sheet_view.rightToLeft


@pytest.mark.parametrize("kind", ["", "pdf", "CSV", "csv\x00", "../x"])
def test_bad_kinds(sara, kind):
	before = counts()
	assert export(sara, "", kind).status_code == 400
	assert counts() == before


@pytest.mark.parametrize(
	"query",
	[
		"?status=9",
		"?status=1-x",
		"?from=2026-02-31",
		"?from=1.2.2026",
		"?to=0001-01-01",
		"?sort=x",
		"?q=a&q=b",
		"?q=%00",
	],
)
def test_addresses_that_cannot_be_read(sara, query):
	"""Neither the list nor the export passes them over."""
	before = counts()
	assert sara.get(f"{TICKETS}{query}").status_code == 400
	fields = hidden_fields(sara.get(TICKETS).text, "/sign-out")
	assert sara.post(f"{EXPORT}{query}", {**fields, "kind": "csv"}).status_code == 400
	assert counts() == before


@pytest.mark.parametrize(
	"query",
	[
		"?status=4-0123456789ab",
		"?form=Nobody's",
		"?requester=%25",
		"?priority=%27%20or%201=1",
		"?q=%5c",
		"?q=%ff",
		"?from=2999-12-31&to=1970-01-01",
	],
)
def test_what_names_nothing_finds_nothing(sara, acme, query):
	acme.ticket(acme.sara)
	answer = sara.get(f"{TICKETS}{query}")
	assert answer.status_code == 200
	assert "No ticket fits these filters." in answer.text
	assert "Clear all filters" in answer.text


def test_what_is_not_ours_is_passed_over(sara, acme):
	ticket = acme.ticket(acme.sara)
	answer = sara.get(f"{TICKETS}?utm_source=x&after=&q=&status=")
	assert f"{TICKETS}/{ticket.name}" in answer.text
	assert "Clear all filters" not in answer.text


def an_export(client, acme) -> Export:
	return Export(acme.sara, client.session.cookies["sid"], Filters(), timezones.UTC, "en")


def removed_from_the_list(client, acme):
	acme.put(acme.sara, is_disabled=1)


def disabled(client, acme):
	frappe.db.set_value("User", acme.sara, "enabled", 0)
	frappe.db.commit()


def signed_out(client, acme):
	fields = hidden_fields(client.get(TICKETS).text, "/sign-out")
	assert client.post("/portal/sign-out", fields).status_code == 303


@pytest.mark.parametrize("happens", [removed_from_the_list, disabled, signed_out])
def test_each_batch_asks_anew(sara, acme, happens):
	add_tickets(acme.customer, BATCH + 10, raised_by="b@example.com")
	batches = ticket_export.batches(an_export(sara, acme))
	assert len(next(batches)) == BATCH
	happens(sara, acme)
	with pytest.raises(MembersOnly):
		next(batches)


def test_who_sees_less_from_now_on_gets_less(sara, acme):
	add_tickets(acme.customer, 5, raised_by=acme.sara)
	add_tickets(acme.customer, BATCH + 10, raised_by="b@example.com")
	batches = ticket_export.batches(an_export(sara, acme))
	next(batches)
	acme.put(acme.sara, sees="Own tickets")
	assert [row[6] for row in next(batches)] == [acme.sara] * 5


def test_tickets_that_come_in_change_nothing(sara, acme):
	names = add_tickets(acme.customer, 2 * BATCH + 10, raised_by=acme.sara)
	found = []
	for batch in ticket_export.batches(an_export(sara, acme)):
		found += [str(row[0]) for row in batch]
		add_tickets(acme.customer, 20, raised_by=acme.sara)
	assert found == names[::-1]


class Slow:
	"""A reader that takes little at a time, with a small window, so that the server cannot run ahead."""

	def __init__(self, client, kind: str = "csv"):
		fields = hidden_fields(client.get(TICKETS).text, "/sign-out")
		body = urlencode({**fields, "kind": kind}).encode()
		host, port = client.base.removeprefix("http://").split(":")
		self.socket = socket.socket()
		self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		self.socket.settimeout(60)
		self.socket.connect((host, int(port)))
		cookies = "; ".join(f"{name}={value}" for name, value in client.session.cookies.items())
		lines = (
			f"POST {EXPORT} HTTP/1.1",
			f"Host: {client.host}",
			f"Cookie: {cookies}",
			"Content-Type: application/x-www-form-urlencoded",
			f"Content-Length: {len(body)}",
		)
		self.socket.sendall("\r\n".join((*lines, "", "")).encode() + body)
		self.received = b""
		self.take()

	def take(self) -> bytes:
		part = self.socket.recv(4096)
		self.received += part
		return part

	def take_all(self) -> bytes:
		while self.take():
			pass
		return self.received


def test_whoever_is_removed_in_the_middle_gets_no_more(sara, acme):
	names = add_tickets(acme.customer, ENOUGH, raised_by="b@example.com", subject=LONG)
	reader = Slow(sara)
	assert reader.received.startswith(b"HTTP/1.1 200")
	acme.put(acme.sara, is_disabled=1)
	received = reader.take_all()
	assert not received.endswith(b"0\r\n\r\n")  # the last chunk of RFC 9112, 7.1, which says that it is whole
	assert b"This file is not complete" in received[-400:]
	assert names[0].encode() not in received


def test_one_at_a_time_until_the_reader_goes_away(sara, acme):
	add_tickets(acme.customer, ENOUGH, raised_by="b@example.com", subject=LONG)
	reader = Slow(sara)
	answer = export(sara, "?q=nothing")
	assert answer.status_code == 429
	assert "still running" in answer.text
	reader.socket.close()
	deadline = time.monotonic() + 20
	while (status := export(sara, "?q=nothing").status_code) == 429 and time.monotonic() < deadline:
		time.sleep(0.2)
	assert status == 200


def test_another_member_does_not_wait(sara, acme, new_client):
	add_tickets(acme.customer, ENOUGH, raised_by="b@example.com", subject=LONG)
	reader = Slow(sara)
	other = enter(new_client(), acme.address())
	assert export(other, "?q=nothing").status_code == 200
	reader.socket.close()


def test_an_hour_has_a_limit(open_door):
	user = f"{unique('often')}@example.com"
	for _number in range(ticket_export.MOST_PER_HOUR):
		ticket_export.begin(user)
		ticket_export.end(user)
	with pytest.raises(TooManyExports):
		ticket_export.begin(user)


def test_a_mark_that_a_dead_process_left_does_not_stay(open_door):
	user = f"{unique('dead')}@example.com"
	ticket_export.begin(user)
	earlier = f"occurred_at - INTERVAL {ticket_export.longest_seconds() + 1} SECOND"
	subject = throttle.export_subject(user)
	frappe.db.sql(
		f"UPDATE `tabPortal Throttle Event` SET occurred_at = {earlier} WHERE subject = %s", (subject,)
	)
	frappe.db.commit()
	ticket_export.begin(user)


def test_an_export_ends_before_the_server_ends_its_worker(sara, acme, monkeypatch):
	add_tickets(acme.customer, BATCH + 1, raised_by=acme.sara)
	monkeypatch.setitem(frappe.local.conf, "http_timeout", 1)
	batches = ticket_export.batches(an_export(sara, acme))
	with pytest.raises(ExportTooLong):
		for _batch in batches:
			time.sleep(0.1)


def test_the_list_and_the_policy_agree_on_every_row(sara, acme):
	add_tickets(acme.customer, 10, raised_by="b@example.com", portal_private=1)
	own = add_tickets(acme.customer, 10, raised_by=acme.sara, portal_private=1)
	assert sorted(row["Ticket"] for row in csv_rows(export(sara))) == sorted(own)
	member = access.member(acme.sara)
	rows = frappe.get_all("HD Ticket", {"customer": acme.customer}, list(ticket_list.FIELDS))
	assert sorted(str(row.name) for row in rows if access.sees(member, row)) == sorted(own)
