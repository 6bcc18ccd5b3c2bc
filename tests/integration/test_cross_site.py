"""Forms of other sites and other browsers, other tickets' sessions, and Frappe's own doors to our tables."""

import re

import frappe
import pytest
import requests

from customer_portal import customizations
from tests.client import hidden_fields
from tests.door import counts, home_of, session_of, set_code, sign_in, submit
from tests.doors import reset_limits
from tests.factories import make_agent, make_ticket, unique

ACTIONS = {
	"code": {"by": "email", "contact": "someone@example.com"},
	"resend": {"x": ""},
	"verify": {"code": "1234"},
	"language": {"language": "en"},
	"sign-out": {"x": ""},
}
FOREIGN_ORIGINS = (
	"https://evil.example",
	"http://h.evil.example",
	"http://127.0.0.1.evil.example",
	"file://",
	"x",
)


@pytest.fixture
def home(client, ticket, mail_server):
	reset_limits()
	client.get(home_of(ticket))
	return home_of(ticket)


def form(client, home: str) -> dict[str, str]:
	return {"form_token": hidden_fields(client.get(home).text, "/language")["form_token"]}


def assert_forbidden(answer, before) -> None:
	assert answer.status_code == 403
	assert "This page is too old." in answer.text
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_foreign_origin(client, home, action, origin):
	fields = {**form(client, home), **ACTIONS[action]}
	before = counts()
	assert_forbidden(client.post(f"{home}/{action}", fields, origin=origin), before)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("said", ["cross-site", "same-site", "nonsense"])
def test_fetch_metadata(client, home, action, said):
	fields = {**form(client, home), **ACTIONS[action]}
	before = counts()
	headers = {"Sec-Fetch-Site": said}
	assert_forbidden(client.post(f"{home}/{action}", fields, headers=headers), before)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "x" * 200])
def test_missing_and_wrong_token(client, home, action, token):
	fields = {**ACTIONS[action], **({} if token is None else {"form_token": token})}
	before = counts()
	assert_forbidden(client.post(f"{home}/{action}", fields), before)


@pytest.mark.parametrize("action", ACTIONS)
def test_token_of_another_browser_or_link(client, new_client, home, action):
	before_home = home_of(make_ticket())
	other = new_client()
	foreign = (form(other, home), form(client, before_home))
	before = counts()
	for fields in foreign:
		assert_forbidden(client.post(f"{home}/{action}", {**fields, **ACTIONS[action]}), before)


@pytest.mark.parametrize("action", ACTIONS)
def test_token_without_its_cookie(client, new_client, home, action):
	fields = {**form(client, home), **ACTIONS[action]}
	before = counts()
	assert_forbidden(new_client().post(f"{home}/{action}", fields), before)


@pytest.mark.parametrize("action", ACTIONS)
def test_get_instead_of_post(client, home, action):
	fields = {**form(client, home), **ACTIONS[action]}
	before = counts()
	assert client.get(f"{home}/{action}", params=fields).status_code == 405
	assert counts() == before


def test_own_forms_pass_as_browsers_send_them(client, home):
	"""Under the policy "no-referrer" browsers send Origin: null with a form of the page itself."""
	fields = {**form(client, home), "language": "en"}
	for origin in ("same", None, "null"):
		answer = client.post(
			f"{home}/language", fields, origin=origin, headers={"Sec-Fetch-Site": "same-origin"}
		)
		assert answer.status_code == 303


def test_an_agent_in_the_same_browser(client, ticket, mail_server):
	"""Frappe demands its own token of people who are signed in to it: the form carries both."""
	agent = make_agent(password="Correct-horse-9")
	answer = client.post("/api/method/login", {"usr": agent.name, "pwd": "Correct-horse-9"}, origin=None)
	assert answer.ok
	home = home_of(ticket)
	fields = hidden_fields(client.get(home).text, "/language")
	assert "csrf_token" in fields
	assert client.post(f"{home}/language", {**fields, "language": "en"}).status_code == 303
	before = counts()
	fields.pop("csrf_token")
	answer = client.post(f"{home}/language", {**fields, "language": "en"})
	assert answer.status_code == 400
	assert "Invalid Request" not in answer.text
	assert counts() == before


def test_a_session_opens_its_own_ticket_only(client, ticket):
	other = make_ticket(description="<p>Not for you.</p>")
	sign_in(client, ticket)
	client.session.cookies.set("portal_session", session_of(ticket), path=home_of(other))
	for below in ("", "/state", "/file/x"):
		answer = client.get(home_of(other) + below)
		assert "Not for you." not in answer.text
		assert below == "" or answer.status_code in (401, 404)


def test_cookies_are_bound_to_the_links_path(client, ticket, home):
	submit(client, home, "code", by="email", contact=ticket.raised_by, page=f"{home}?by=email")
	set_code(ticket, "8642")
	cookie = submit(client, home, "verify", code="8642").headers["Set-Cookie"]
	assert cookie.startswith("portal_session=")
	for part in ("HttpOnly", "SameSite=Lax", f"Path={home}"):
		assert part in cookie
	assert "Secure" not in cookie  # the loopback server speaks plain HTTP


def test_cookies_are_secure_behind_tls(client, ticket):
	cookie = client.get(home_of(ticket), headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
	assert "Secure" in cookie


def test_no_other_site_may_read_the_page(client, ticket):
	answer = client.get(sign_in(client, ticket), headers={"Origin": "https://evil.example"})
	assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("doctype", customizations.DOCTYPES)
def test_frappes_own_api_gives_nothing(client, new_client, ticket, doctype):
	home = sign_in(client, ticket)
	customer = new_client()
	_sign_in_as_website_user(customer)
	for visitor in (client, customer):
		visitor.session.cookies.set("portal_session", session_of(ticket), path=home)
		for path in (
			f"/api/resource/{doctype}",
			f"/api/v2/document/{doctype}",
			f"/api/method/frappe.client.get_list?doctype={doctype}&fields=[%22*%22]",
			f"/api/method/frappe.desk.reportview.get_count?doctype={doctype}&fields=[]",
			f"/api/method/frappe.client.get_count?doctype={doctype}",
			f"/api/v2/method/frappe.client.get_count?doctype={doctype}",
			f"/?cmd=frappe.client.get_count&doctype={doctype}",
			f"/api/method/frappe.client.get_value?doctype={doctype}&fieldname=name",
			f"/api/method/frappe.client.get?doctype={doctype}&name={doctype}",
		):
			answer = visitor.get(path)
			assert answer.status_code >= 400 or not _data(answer), path
			assert not re.search(rf"\b{ticket.name}\b", answer.text)


def test_a_customer_cannot_ask_for_labels_of_agents_by_a_join(new_client):
	customer = new_client()
	_sign_in_as_website_user(customer)
	filters = '{"sub_status.label":"New"}'
	answer = customer.get(f"/api/method/frappe.client.get_count?doctype=HD Ticket&filters={filters}")
	assert answer.status_code == 403


def test_the_list_of_our_doctypes_is_whole():
	installed = frappe.get_all("DocType", filters={"module": customizations.MODULE}, pluck="name")
	assert sorted(customizations.DOCTYPES) == sorted(installed)


def _data(answer: requests.Response):
	return next((answer.json().get(key) for key in ("data", "message") if key in answer.json()), None)


def _sign_in_as_website_user(client) -> None:
	email = f"{unique('website')}@example.com"
	user = frappe.new_doc("User")
	user.update({"email": email, "first_name": "W", "user_type": "Website User", "send_welcome_email": 0})
	user.new_password = "Correct-horse-9"
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	assert client.post("/api/method/login", {"usr": email, "pwd": "Correct-horse-9"}, origin=None).ok
