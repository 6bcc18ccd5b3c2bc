"""What counts as seen by the customer, and what noting it costs."""

import frappe
import pytest
from werkzeug.wrappers import Request

from customer_portal import links, timeline
from customer_portal.pages import cookies, renderer
from tests import events
from tests.door import home_of, session_of, sign_in
from tests.factories import make_ticket, saudi_mobile
from tests.integration.test_merged_links import merge
from tests.ledger import of_kind, statements
from tests.threads import elsewhere


def seen(ticket) -> list[bool]:
	frappe.db.rollback()
	rows = frappe.get_all(timeline.LEDGER, {"ticket": str(ticket.name)}, ["seen_at"], order_by="occurred_at")
	return [bool(row.seen_at) for row in rows]


@pytest.mark.parametrize("path", ["", "/state"])
@pytest.mark.parametrize(
	"headers",
	[
		{"Sec-Purpose": "prefetch"},
		{"Sec-Purpose": "prefetch;prerender"},
		{"Purpose": "prefetch"},
		{"X-Purpose": "preview"},
		{"X-Moz": "prefetch"},
		"HEAD",
	],
	ids=str,
)
def test_what_nobody_looks_at_is_not_seen(client, told, path, headers):
	home = sign_in(client, told)
	opens = links.of_ticket(str(told.name)).opens
	if headers == "HEAD":
		client.session.head(client.base + home + path)
	else:
		client.get(home + path, headers=headers)
	assert seen(told) == [False]
	assert links.of_ticket(str(told.name)).opens == opens


def test_the_door_shows_nothing(client, told):
	client.get(home_of(told))
	assert seen(told) == [False]


def test_a_merged_link_marks_the_ticket_that_it_shows(client, told):
	survivor = make_ticket(saudi_mobile(), told.raised_by)
	home = sign_in(client, told)
	merge(str(told.name), str(survivor.name))
	assert str(survivor.name) in client.get(home).text
	assert (seen(told), seen(survivor)) == ([False], [True])


def test_a_merged_link_that_shows_nothing_marks_nothing(client, told):
	other = make_ticket(saudi_mobile())
	home = sign_in(client, told)
	merge(str(told.name), str(other.name))
	client.get(home)
	assert (seen(told), seen(other)) == ([False], [False])


def test_a_change_after_the_page_was_read_is_not_seen(told):
	"""As when an agent saves while the page is on its way."""

	def save():
		frappe.set_user("Administrator")
		events.change_status(frappe.get_doc("HD Ticket", told.name))

	ticket = str(told.name)
	frappe.db.commit()
	timeline.read(ticket)  # the page's first read
	elsewhere(save)
	timeline.note_seen(ticket)
	frappe.db.commit()
	assert seen(told) == [True, False]


def test_what_is_seen_is_written_once(told):
	ticket = str(told.name)
	frappe.db.commit()
	assert timeline.read(ticket).has_unseen
	timeline.note_seen(ticket)
	assert not timeline.read(ticket).has_unseen
	assert not of_kind(statements(lambda: timeline.note_seen(ticket)), "update")


def test_a_poll_without_news_writes_nothing(client, told):
	home = sign_in(client, told)
	version = client.get(home).text.split('data-version="')[1].split('"')[0]
	stamp = seen_at(told)
	for _poll in range(3):
		answer = client.get(f"{home}/state", headers={"If-None-Match": f'"{version}"'})
		assert answer.status_code == 304
	assert seen_at(told) == stamp


def seen_at(ticket):
	frappe.db.rollback()
	return frappe.db.get_value(timeline.LEDGER, {"ticket": str(ticket.name)}, ["seen_at", "modified"])


# What it costs


def answered(home: str, session: str, path: str = "", **headers: str) -> list[str]:
	"""The SQL statements of one request."""
	cookie = f"{cookies.SESSION}={session}"
	frappe.local.request = Request.from_values(home + path, headers={"Cookie": cookie, **headers})
	frappe.db.commit()
	frappe.set_user("Guest")
	seen = statements(lambda: renderer.answer(frappe.local.request))
	frappe.set_user("Administrator")
	frappe.db.commit()
	return seen


def test_a_page_costs_at_most_8_selects_and_a_poll_without_news_writes_nothing(told):
	home, session = home_of(told), session_of(told)
	answered(home, session)  # the settings and the template are known from now on
	for is_news in (False, True):
		if is_news:
			events.change_status(told)
		page = answered(home, session)
		assert len(of_kind(page, "select")) <= 8, page
		assert len(of_kind(page, "update")) == (2 if is_news else 1), "the number of visits, and what is seen"
	poll = answered(home, session, "/state")
	assert len(of_kind(poll, "select")) <= 6
	assert len(poll) == len(of_kind(poll, "select"))
