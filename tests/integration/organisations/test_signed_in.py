"""The session of who has signed in, where it leads, and its language."""

import frappe
import pytest

from tests.client import hidden_fields
from tests.door import submit
from tests.integration.organisations.test_sign_in import sara
from tests.organisations import (
	SIGN_IN,
	TICKETS,
	ask,
	code_of,
	enter,
	is_in,
	member_form,
)

__all__ = ["sara"]


# The session
def test_a_session_has_a_new_id_whatever_the_browser_had(client, sara):
	client.session.cookies.set("sid", "chosen-by-somebody-else")
	enter(client, sara)
	sid = [cookie.value for cookie in client.session.cookies if cookie.name == "sid" and cookie.domain]
	assert len(sid[0]) >= 40
	assert sid[0] != "chosen-by-somebody-else"


def test_each_browser_has_a_session_of_its_own(sign_in_as, sara):
	first, second = sign_in_as(sara), sign_in_as(sara)
	assert first.session.cookies["sid"] != second.session.cookies["sid"]
	first.post("/portal/sign-out", member_form(first))
	assert not is_in(first)
	assert is_in(second)


def test_signed_out_the_session_is_worth_nothing(client, new_client, sara):
	enter(client, sara)
	kept = client.session.cookies["sid"]
	client.post("/portal/sign-out", member_form(client))
	thief = new_client()
	thief.session.cookies.set("sid", kept)
	assert not is_in(thief)


def test_nobody_is_signed_in_by_an_address(client, new_client, sara):
	"""Frappe takes a session's id from the query and the form."""
	enter(client, sara)
	sid, victim = client.session.cookies["sid"], new_client()
	form = hidden_fields(victim.get(SIGN_IN).text, "/mail")
	for answer in (
		victim.get(f"{TICKETS}?sid={sid}"),
		victim.get(f"/portal?sid={sid}"),
		victim.post(f"{SIGN_IN}/mail", {**form, "email": sara, "sid": sid}),
	):
		assert answer.status_code == 400
		assert "sid" not in answer.cookies
	assert not is_in(victim)


def test_the_cookies(client, sara):
	first = client.get(SIGN_IN, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
	assert first.startswith("portal_browser=")
	for part in ("HttpOnly", "SameSite=Lax", "Path=/portal", "Secure"):
		assert part in first
	assert first.count("portal_") == 1
	ask(client, sara)
	given = submit(client, SIGN_IN, "code", code=code_of(sara)).raw.headers.getlist("Set-Cookie")
	session = next(cookie for cookie in given if cookie.startswith("sid="))
	assert "HttpOnly" in session
	assert "SameSite=Lax" in session


def test_nobody_of_them_gets_to_the_desk(client, sara):
	enter(client, sara)
	roles = frappe.get_roles(sara)
	assert "HD Customer" in roles
	assert frappe.get_all("Role", {"name": ("in", roles), "desk_access": 1}, pluck="name") in ([], ["All"])
	for path in ("/app", "/desk", "/app/hd-ticket"):
		answer = client.get(path)
		assert answer.status_code != 200 or "frappe.boot" not in answer.text
	assert client.get("/api/resource/User").json()["data"] == [{"name": sara}]


# Where it leads
def test_the_ticket_for_which_they_came_opens(client, organisation, sara):
	ticket = organisation.ticket(sara)
	answer = client.get(f"{TICKETS}/{ticket.name}")
	assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
	ask(client, sara)
	entered = submit(client, SIGN_IN, "code", code=code_of(sara))
	assert entered.headers["Location"] == f"{TICKETS}/{ticket.name}"
	assert client.follow(entered).status_code == 200
	client.post("/portal/sign-out", member_form(client))
	enter(client, sara)
	assert "portal_wanted" not in client.session.cookies.get_dict()


@pytest.mark.parametrize(
	"value", ["//evil.example", "https://evil.example", "1/../../evil", "1%0d%0aX:1", "a b", "٣", "1" * 50]
)
def test_it_leads_nowhere_else(client, sara, value):
	ask(client, sara)
	client.session.cookies.set("portal_wanted", value.encode().decode("latin-1"), path=SIGN_IN)
	entered = submit(client, f"{SIGN_IN}", "code", code=code_of(sara))
	assert entered.headers["Location"] == TICKETS


@pytest.mark.parametrize(
	"query", ["redirect_to=//evil.example", "redirect-to=https://evil.example", "next=/x"]
)
def test_nor_by_the_address(client, sara, query):
	ask(client, sara)
	form = hidden_fields(client.get(f"{SIGN_IN}?{query}").text, "/code")
	entered = client.post(f"{SIGN_IN}/code?{query}", {**form, "code": code_of(sara)})
	assert entered.headers["Location"] == TICKETS


# The language
def test_the_pages_speak_the_browsers_language_and_then_the_chosen_one(client, sara):
	page = client.get(SIGN_IN, headers={"Accept-Language": "ar"}).text
	assert 'lang="ar" dir="rtl"' in page
	form = hidden_fields(page, "/language")
	assert client.post("/portal/language", {**form, "language": "ar"}).headers["Location"] == SIGN_IN
	assert 'lang="ar"' in client.get(SIGN_IN).text
	ask(client, sara)
	submit(client, SIGN_IN, "code", code=code_of(sara))
	frappe.db.rollback()
	assert frappe.db.get_value("User", sara, "language") == "ar"
	assert 'lang="ar" dir="rtl"' in client.get(TICKETS).text


def test_a_members_choice_is_kept_in_their_profile(client, new_client, sara):
	enter(client, sara)
	form = hidden_fields(client.get(TICKETS).text, "/language")
	client.post("/portal/language", {**form, "language": "ar"})
	assert 'lang="ar"' in client.get(TICKETS).text
	assert 'lang="ar"' in enter(new_client(), sara).get(TICKETS).text


@pytest.mark.parametrize(
	"at", ["", "//evil.example", "https://evil.example", "/portal/../x", "/app", "/portal\\x", "/portal//x"]
)
def test_choosing_a_language_leads_nowhere_else(client, organisation, at):
	form = hidden_fields(client.get(SIGN_IN).text, "/language")
	answer = client.post("/portal/language", {**form, "language": "en", "at": at})
	assert answer.headers["Location"] == "/portal"


def test_a_language_is_chosen_where_one_is(client, organisation, sara):
	ticket = organisation.ticket(sara)
	enter(client, sara)
	place = f"{TICKETS}/{ticket.name}"
	form = hidden_fields(client.get(place).text, "/language")
	assert client.post("/portal/language", {**form, "language": "ar"}).headers["Location"] == place


def test_a_language_that_is_not_offered_is_not_shown(client, sara):
	enter(client, sara)
	frappe.db.set_value("User", sara, "language", "ja")
	frappe.clear_cache(user=sara)
	frappe.db.commit()
	assert 'lang="en"' in client.get(TICKETS, headers={"Accept-Language": "en"}).text
