"""The way out of e-mails: the header of RFC 8058, the page behind the link, and the way back."""

import re
from email import message_from_bytes

import frappe
import pytest

from customer_portal import opt_outs
from customer_portal.notifications import dispatch, outbox, wake
from customer_portal.otp.recipients import EMAIL, Recipient
from tests import events
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket, unique
from tests.gateways import configure
from tests.twilio_hooks import SITE

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
AGAIN = {"again": "1"}


@pytest.fixture
def address():
	return f"{unique('customer')}@example.com"


@pytest.fixture
def path(address):
	return f"{opt_outs.PATH}{opt_outs.token(address)}"


def is_out(address: str) -> bool:
	frappe.db.commit()
	return opt_outs.is_out(EMAIL, Recipient(EMAIL, address))


def test_opening_the_link_changes_nothing(client, address, path):
	page = client.get(path)
	assert page.status_code == 200
	assert address not in page.text
	assert "c•••@example.com" in page.text
	assert "Set-Cookie" not in page.headers
	assert page.headers["Referrer-Policy"] == "no-referrer"
	assert client.session.head(client._url(path), timeout=30).status_code == 200
	assert not is_out(address)


def test_one_click(new_client, address, path):
	"""RFC 8058, 3.2: no cookie, no redirect; the mail program is no browser of the customer."""
	answer = new_client().post(path, ONE_CLICK, origin=None)
	assert answer.status_code == 200
	assert is_out(address)
	assert new_client().post(path, ONE_CLICK, origin=None).status_code == 200


def test_one_click_as_multipart(client, address, path):
	parts = {name: (None, value) for name, value in ONE_CLICK.items()}
	assert client.post(path, files=parts, origin=None).status_code == 200
	assert is_out(address)


def test_the_button_and_the_way_back(client, address, path):
	client.post(path, _button(client.get(path).text))
	page = client.get(path).text
	assert is_out(address)
	assert "You are unsubscribed" in page
	back = client.post(path, _button(page))
	assert "No more e‑mails about changes?" in back.text
	assert not is_out(address)


def _button(page: str) -> dict[str, str]:
	(button,) = re.findall(r'<button class="[^"]+" name="([^"]+)" value="([^"]+)"', page)
	return dict([button])


def test_an_agent_who_is_signed_in_in_the_same_browser(client, address, path):
	log_in(client, make_agent().name)
	page = client.get(path).text
	token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
	assert client.post(path, {**ONE_CLICK, "csrf_token": token}).status_code == 200
	assert is_out(address)


def test_spellings_of_one_address(client, address, path):
	client.post(path, ONE_CLICK)
	assert is_out(address.upper())


@pytest.mark.parametrize("change", ["none", "cut", "other", "signature", "sign", "dots", "long"])
def test_what_we_never_sent(client, address, path, change):
	token = opt_outs.token(address)
	other = opt_outs.token("someone@example.com")
	forged = {
		"none": "x",
		"cut": token[:-2],
		"other": token[:22] + other[22:],
		"signature": "0" * 22 + token[22:],
		"sign": token.replace(token[3], "é", 1),
		"dots": token + "/x",
		"long": "a" * 3000,
	}[change]
	unknown = client.get("/portal/unsubscribe/unknown")
	for answer in (
		client.get(f"{opt_outs.PATH}{forged}"),
		client.post(f"{opt_outs.PATH}{forged}", ONE_CLICK),
	):
		assert (answer.status_code, answer.text) == (404, unknown.text)
	assert not is_out(address)
	assert not is_out("someone@example.com")


def test_the_address_is_not_kept_in_redis(client, path):
	client.get(path)
	client.get(path + "x")
	client.post(path, ONE_CLICK)
	token = path.rpartition("/")[2]
	found = [key for key in frappe.cache.hgetall("website_redirects") if token in str(key)]
	assert found == []
	assert token not in str(frappe.cache.hgetall("website_404"))


@pytest.fixture
def mail(mail_server, client, monkeypatch):
	"""A mail about a change as it left, its customer's address, and its row's name."""
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	configure(portal_url=SITE)
	ticket = make_ticket()
	events.forget_told(ticket)
	name = send(ticket)
	yield message_from_bytes(mail_server.received[-1]["raw"]), ticket, name
	configure(portal_url="")
	events.clear()


def send(ticket) -> str:
	(name,) = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	dispatch.deliver_due()
	return name


def test_the_mail_says_how(client, mail, mail_server):
	"""The header is written as it is, in one piece: RFC 2369 allows no encoding."""
	sent, ticket, _name = mail
	raw = mail_server.received[-1]["raw"].decode()
	assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
	address = re.search(r"^List-Unsubscribe: <(\S+)>\r$", raw, re.M)[1]
	assert address.startswith(f"{SITE}/portal/unsubscribe/")
	assert client.post(address, ONE_CLICK, origin=None).status_code == 200
	assert is_out(ticket.raised_by)
	name = send(ticket)
	assert frappe.db.get_value("Portal Notification", name, "state") == "Superseded"


def test_the_log_of_the_mail_does_not_know_how(mail):
	_sent, ticket, name = mail
	frappe.db.commit()
	kept = frappe.db.get_value("Email Queue", name, "message")
	assert "List-Unsubscribe" not in kept
	assert opt_outs.token(ticket.raised_by) not in kept
	assert "/t/" not in kept
