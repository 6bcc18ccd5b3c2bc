"""After all other tests: no code, link token or session value lies anywhere but in messages and browsers."""

import re

import frappe
import pytest

from customer_portal.notifications import wake
from customer_portal.pages import cookies
from tests import client as browsers
from tests import door, events, organisations, secrets
from tests.client import hidden_fields
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.organisations import make_organisation

DIGITS = 8  # a code of four digits would be found by chance


@pytest.fixture
def walk(client, new_client, worker, sms_gateway, mail_server):
	"""The whole way, by both channels and through real processes: its link token, codes and session values."""
	configure(code_length=DIGITS, raised_code_length=DIGITS, burst_seconds=0, resend_after_seconds=5)
	found: set[str] = set()
	for channel in ("SMS", "Email"):
		found |= _walk(client, sms_gateway, mail_server, channel)
	for by_link in (True, False):
		found |= _sign_in(new_client(), mail_server, by_link)
	yield found
	configure(code_length=4, raised_code_length=6, burst_seconds=20, resend_after_seconds=30)


def _walk(client, sms_gateway, mail_server, channel) -> set[str]:
	phone, address = saudi_mobile(), f"{unique('walker')}@example.com"
	ticket = make_ticket(phone, address)
	events.change_status(ticket)
	token = secrets.LINK.search(_wait_for_text(sms_gateway, mail_server, channel, phone, address, "/t/"))[1]
	by, contact = ("phone", phone) if channel == "SMS" else ("email", address)
	home = f"/t/{token}"
	asked = door.submit(client, home, "code", page=f"{home}?by={by}", by=by, contact=contact)
	assert asked.status_code == 303, asked.text
	text = _wait_for_text(sms_gateway, mail_server, channel, phone, address, "is your code")
	code = re.search(rf"(?<!\d)\d{{{DIGITS}}}(?!\d)", text)[0]
	door.submit(client, home, "verify", code=code)
	session = client.session.cookies.get(cookies.SESSION, path=home)
	assert session, "The walk did not end in a session"
	assert client.get(home).status_code == 200
	return {token, code, session}


def _sign_in(client, mail_server, by_link: bool) -> set[str]:
	"""A member comes in by the mail's link or by its code: both of them, and the form's token."""
	address = make_organisation().address()
	assert organisations.ask(client, address).status_code == 303
	text = _wait_for_text(None, mail_server, "Email", "", address, "is your code to sign in")
	code = re.search(rf"(?<!\d)\d{{{DIGITS}}}(?!\d)", text)[0]
	path = re.search(r"/portal/sign-in/link/\S+", text)[0]
	if by_link:
		answer = client.post(path, hidden_fields(client.get(path).text, path))
	else:
		answer = door.submit(client, organisations.SIGN_IN, "code", code=code)
	assert answer.status_code == 303, answer.text
	assert organisations.is_in(client)
	return {secrets.WAY_IN.search(text)[1], code, organisations.member_form(client)["form_token"]}


def _wait_for_text(sms_gateway, mail_server, channel, phone, address, part) -> str:
	"""The first message of the channel that has this part."""
	server, to = (sms_gateway, phone) if channel == "SMS" else (mail_server, address)
	for count in range(1, 30):
		wake.ring()  # what the scheduler's sweep would find after a failed attempt
		for message in server.wait_for(count, 5):
			if message["to"] == to and part in message["text"]:
				return message["text"]
	frappe.db.rollback()
	rows = frappe.get_all("Portal Notification", {"recipient": to}, ["channel", "state", "reason"])
	raise AssertionError(f"No message with {part}: {rows}")


def test_the_search_finds_what_is_there(site):
	assert secrets.find({"needle-1"}, [("a", "hay needle-1 hay"), ("b", "hay")]) == ["a"]


def test_no_secret_of_the_run_is_kept(walk):
	assert len(walk) == 2 * 3 + 2 * 3
	assert walk & browsers.given_cookies, "The browser was given no session"
	values = walk | secrets.known()
	for places in (secrets.database, secrets.redis, secrets.logs):
		assert secrets.find(values, places()) == []
