"""The way out of the mails about one ticket: the header of RFC 8058, the page behind the link, and the way back."""

import re

import frappe
import pytest

from customer_portal import follow_links, followers
from tests.factories import unique
from tests.integration.replies.conftest import send_all

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
AGAIN = {"again": "1"}


@pytest.fixture
def path(ticket, sara):
	return f"{follow_links.PATH}{follow_links.token(str(ticket.name), sara)}"


def choice(ticket, user: str) -> bool | None:
	frappe.db.rollback()
	return followers.choice(str(ticket.name), user)


def button(page: str) -> dict[str, str]:
	(found,) = re.findall(r'<button class="[^"]+" name="([^"]+)" value="([^"]+)"', page)
	return dict([found])


def test_opening_the_link_changes_nothing(client, ticket, sara, path):
	for _time in range(3):
		page = client.get(path)
		assert client.session.head(client._url(path), timeout=30).status_code == 200
	assert page.status_code == 200
	assert sara not in page.text
	assert "Set-Cookie" not in page.headers
	assert page.headers["Referrer-Policy"] == "no-referrer"
	assert choice(ticket, sara) is None


def test_one_click(new_client, ticket, sara, path):
	assert new_client().post(path, ONE_CLICK, origin=None).status_code == 200
	assert choice(ticket, sara) is False
	assert new_client().post(path, ONE_CLICK, origin=None).status_code == 200


def test_the_button_and_the_way_back(client, ticket, sara, path):
	page = client.post(path, button(client.get(path).text)).text
	assert choice(ticket, sara) is False
	assert "You do not follow ticket" in page
	back = client.post(path, button(page))
	assert "Stop following ticket" in back.text
	assert choice(ticket, sara) is True


def test_the_header_of_the_mail_leads_there(client, reply, ticket, sara, mail_server):
	reply("Water is off now.")
	send_all()
	(mail,) = mail_server.mails_to(sara)
	address = mail["List-Unsubscribe"].strip("<>")
	path = address[address.index(follow_links.PATH) :]
	assert client.post(path, ONE_CLICK, origin=None).status_code == 200
	assert choice(ticket, sara) is False


def test_it_is_for_one_ticket_and_one_person(client, organisation, ticket, sara, omar, path):
	other = organisation.ticket(sara)
	client.post(path, ONE_CLICK, origin=None)
	assert choice(other, sara) is None
	assert choice(ticket, omar) is None


def test_nobody_follows_again_who_may_not_see_it(client, organisation, ticket, sara, path):
	"""Else the address would be a way into the ticket for who was removed."""
	client.post(path, ONE_CLICK, origin=None)
	organisation.put(sara, is_disabled=1)
	page = client.post(path, AGAIN, origin=None)
	assert page.status_code == 200
	assert "Follow it again" not in page.text
	assert choice(ticket, sara) is False


@pytest.mark.parametrize("change", ["ticket", "user", "signature", "cut", "empty", "letters"])
def test_what_we_never_sent_is_a_dead_link(client, organisation, ticket, sara, omar, change):
	token = follow_links.token(str(ticket.name), sara)
	signature = token[: follow_links.SIGNATURE_LENGTH]
	other = organisation.ticket(sara)
	wrong = {
		"ticket": signature + follow_links.token(str(other.name), sara)[follow_links.SIGNATURE_LENGTH :],
		"user": signature + follow_links.token(str(ticket.name), omar)[follow_links.SIGNATURE_LENGTH :],
		"signature": "0" * follow_links.SIGNATURE_LENGTH + token[follow_links.SIGNATURE_LENGTH :],
		"cut": token[:-4],
		"empty": "x",
		"letters": "é" * 40,
	}
	for answer in (
		client.get(f"{follow_links.PATH}{wrong[change]}"),
		client.post(f"{follow_links.PATH}{wrong[change]}", ONE_CLICK, origin=None),
	):
		assert answer.status_code == 404
	assert choice(ticket, sara) is None


@pytest.mark.parametrize("body", [{}, {"again": "2"}, {"List-Unsubscribe": "x"}, {**ONE_CLICK, **AGAIN}])
def test_other_bodies_change_nothing(client, ticket, sara, path, body):
	assert client.post(path, body, origin=None).status_code in (400, 415)
	assert choice(ticket, sara) is None


def test_a_ticket_or_a_person_who_is_gone(client, ticket, sara):
	for token in (
		follow_links.token("999999999", sara),
		follow_links.token(str(ticket.name), unique("nobody")),
	):
		assert client.get(f"{follow_links.PATH}{token}").status_code == 404
