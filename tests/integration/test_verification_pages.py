"""From the link to the ticket, as a browser without JavaScript meets it."""

import frappe
import pytest

from tests.client import hidden_fields, text_of
from tests.door import home_of, set_code, submit
from tests.doors import reset_limits
from tests.factories import make_ticket, unique
from tests.gateways import configure


@pytest.fixture
def channels(mail_server, twilio):
	"""Codes can go by SMS and by e-mail, and no limit of an earlier test is in force."""
	reset_limits()


def test_the_whole_walk(channels, client, ticket):
	home = home_of(ticket)
	asked = submit(
		client, home, "code", by="email", contact=f" {ticket.raised_by.upper()} ", page=f"{home}?by=email"
	)
	assert (asked.status_code, asked.headers["Location"]) == (303, home)
	page = client.follow(asked).text
	assert 'autocomplete="one-time-code"' in page
	assert ticket.raised_by not in page
	set_code(ticket, "1357")
	entered = submit(client, home, "verify", code="١٣٥٧")
	assert entered.status_code == 303
	shown = text_of(client.follow(entered).text)
	assert f"Ticket \u2068{ticket.name}\u2069" in shown
	assert "Water on the floor." in shown
	left = submit(client, home, "sign-out")
	assert left.status_code == 303
	assert "Water on the floor." not in client.get(home).text


def test_tabs_only_when_both_ways_are_open(mail_server, client, ticket):
	configure(sms_provider="")
	page = client.get(home_of(ticket)).text
	assert 'class="tabs"' not in page
	assert 'autocomplete="email"' in page


def test_tabs_are_links(channels, client, ticket):
	home = home_of(ticket)
	assert 'autocomplete="tel"' in client.get(home).text
	assert 'autocomplete="email"' in client.get(f"{home}?by=email").text


def test_without_a_channel_the_page_says_so(client, ticket):
	configure(sms_provider="", send_email=0)
	page = client.get(home_of(ticket))
	configure(send_email=1)
	assert page.status_code == 200
	assert "We cannot send codes at the moment." in page.text


def test_a_mismatch_is_told_in_place(channels, client, ticket):
	answer = submit(client, home_of(ticket), "code", by="phone", contact="0551234567")
	assert answer.status_code == 422
	assert "does not match this ticket" in answer.text
	assert 'value="0551234567"' in answer.text
	assert 'aria-invalid="true"' in answer.text


def test_a_wrong_code_is_told_in_place(channels, client, ticket):
	home = home_of(ticket)
	submit(client, home, "code", by="email", contact=ticket.raised_by, page=f"{home}?by=email")
	set_code(ticket, "1357")
	answer = submit(client, home, "verify", code="1358")
	assert answer.status_code == 422
	assert "This code is wrong." in answer.text
	assert frappe.db.count("Portal Throttle Event", {"kind": "Failure"}) >= 1


def test_a_second_click_leads_to_the_ticket(channels, client, ticket):
	home = home_of(ticket)
	submit(client, home, "code", by="email", contact=ticket.raised_by)
	set_code(ticket, "2468")
	fields = {**hidden_fields(client.get(home).text, "/verify"), "code": "2468"}
	assert client.post(f"{home}/verify", fields).status_code == 303
	again = client.post(f"{home}/verify", fields)
	assert (again.status_code, again.headers["Location"]) == (303, home)
	assert "Water on the floor." in client.follow(again).text


def test_the_longest_address_gets_a_code(channels, client):
	"""Frappe's columns have room for 140 characters, and masking adds some."""
	host = f"{unique('host')}.{'b' * 60}.example.org"
	address = f"n@{'a' * (137 - len(host))}.{host}"
	assert len(address) == 140
	home = home_of(make_ticket(email=address))
	assert submit(client, home, "code", by="email", contact=address).status_code == 303


def test_another_code_has_to_wait(channels, client, ticket):
	home = home_of(ticket)
	submit(client, home, "code", by="email", contact=ticket.raised_by, page=f"{home}?by=email")
	answer = submit(client, home, "resend")
	assert answer.status_code == 429
	assert 0 < int(answer.headers["Retry-After"]) <= 30


def test_remembering_the_device_is_offered_when_allowed(channels, client, ticket):
	home = home_of(ticket)
	submit(client, home, "code", by="email", contact=ticket.raised_by, page=f"{home}?by=email")
	assert 'name="remember"' not in client.get(home).text
	configure(allow_remember_device=1)
	try:
		assert 'name="remember"' in client.get(home).text
		set_code(ticket, "1357")
		cookie = submit(client, home, "verify", code="1357", remember="1").headers["Set-Cookie"]
		assert "Expires=" in cookie
	finally:
		configure(allow_remember_device=0)
