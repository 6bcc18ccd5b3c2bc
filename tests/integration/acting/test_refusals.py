"""Acts that a ticket does not take, and forms that nobody's page has sent."""

import frappe
import pytest

from customer_portal import acting, archive, links, sessions
from customer_portal.exceptions import SignedOut
from customer_portal.pages.routes import ROUTES
from tests.door import counts, session_of
from tests.factories import make_ticket
from tests.integration.acting.conftest import ACTS, VALUES, bare_form
from tests.talk import messages, set_main, settings


def test_archived_tickets_take_nothing(everything_on, client, ticket, home):
	set_main(ticket, 3)
	form = bare_form(client, home)
	archive.archive([ticket.name])
	frappe.db.commit()
	assert "takes no more replies" in client.get(home).text
	assert_takes_nothing(client, home, form, because="archived")


def assert_takes_nothing(client, home: str, form: dict, because: str) -> None:
	"""The page offers no act, and each one is refused."""
	page = client.get(home).text
	before = counts()
	for action in ACTS:
		assert f"{home}/{action}" not in page
		answer = client.post(f"{home}/{action}", {**form, **VALUES[action]})
		assert (answer.status_code, because in answer.text) == (409, True)
	assert_unchanged(before)


def assert_unchanged(before) -> None:
	"""Refused acts may be counted against a limit; nothing else changes."""
	after = counts()
	for what in before.keys() - {"counted acts"}:
		assert after[what] == before[what], what


def test_merged_tickets_take_nothing_and_say_where(everything_on, client, ticket, home):
	target = make_ticket(email=ticket.raised_by)
	form = bare_form(client, home)
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": target.name})
	frappe.db.commit()
	assert "was merged into this one" in client.get(home).text
	assert_takes_nothing(client, home, form, because="merged")


@pytest.mark.parametrize("action", ACTS)
def test_each_act_is_a_setting(client, ticket, home, action):
	with settings(
		**dict.fromkeys(("allow_reply", "allow_answer_to_solution", "allow_reopen", "allow_rating"), 0)
	):
		set_main(ticket, 3)
		before = counts()
		assert f"{home}/{action}" not in client.get(home).text
		answer = client.post(f"{home}/{action}", {**bare_form(client, home), **VALUES[action]})
		assert answer.status_code == 409
		after = counts()
		assert {**after, "links": 0} == {**before, "links": 0}


@pytest.mark.parametrize("action", ACTS)
def test_nobody_acts_without_a_session_or_with_anothers(
	everything_on, client, new_client, ticket, home, action
):
	set_main(ticket, 3)
	stranger = new_client()
	form = bare_form(stranger, home)
	other = make_ticket()
	before = counts()
	assert stranger.post(f"{home}/{action}", {**form, **VALUES[action]}).status_code == 401
	stranger.session.cookies.set("portal_session", session_of(other), path=home)
	frappe.db.rollback()
	before = counts()
	assert stranger.post(f"{home}/{action}", {**form, **VALUES[action]}).status_code == 401
	assert counts() == before


@pytest.mark.parametrize("action", ACTS)
def test_forms_of_others_are_refused(everything_on, client, new_client, ticket, home, action):
	set_main(ticket, 3)
	own = bare_form(client, home)
	theirs = bare_form(new_client(), home)
	before = counts()
	address, values = f"{home}/{action}", VALUES[action]
	for answer in (
		client.post(address, {**own, **values}, origin="https://evil.example"),
		client.post(address, {**own, **values}, headers={"Sec-Fetch-Site": "cross-site"}),
		client.post(address, {**theirs, **values}),
		client.post(address, {"x": "", **values}),
	):
		assert answer.status_code == 403
	assert client.get(address, params={**own, **values}).status_code == 405
	assert counts() == before


BAD_FIELDS = [
	("key", value) for value in ("", "x", "AB" * 16, "ab" * 200, "\x00" * 32, "é" * 32, "ab" * 15 + "g0")
] + [("text", "\x00"), ("text", "a\x1b[31m"), ("text", "\ufffd")]


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("field, value", BAD_FIELDS)
def test_bad_fields(everything_on, client, ticket, home, action, field, value):
	set_main(ticket, 3) if action != "reopen" else set_main(ticket, 4)
	form = {**bare_form(client, home), **VALUES[action], field: value}
	before = counts()
	answer = client.post(f"{home}/{action}", form)
	assert answer.status_code == 400
	assert counts() == before


def test_repeated_fields(everything_on, client, ticket, home):
	form = bare_form(client, home)
	before = counts()
	for doubled in ({"text": ["a", "b"]}, {"key": ["ab" * 16, "cd" * 16], "text": "a"}):
		assert client.post(f"{home}/reply", {**form, **doubled}).status_code == 400
	assert counts() == before


def test_every_route_of_ours_is_in_these_tests():
	posts = {path for method, path in ROUTES if method == "POST"}
	assert set(ACTS) <= posts


@pytest.mark.parametrize("end", [sessions.close, lambda session: links.revoke(session.ticket, "Stolen")])
def test_a_session_that_ends_while_a_scanner_looks_writes_nothing(everything_on, ticket, end):
	token = session_of(ticket)
	link = links.of_ticket(str(ticket.name))
	session = sessions.resume(link, token)
	before = len(messages(ticket))
	end(session)
	frappe.db.commit()
	with pytest.raises(SignedOut):
		acting.reply(acting.Form(session, link.name, "ab" * 16), "Hello")
	assert len(messages(ticket)) == before
