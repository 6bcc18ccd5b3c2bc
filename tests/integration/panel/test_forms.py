"""How the panel refuses forms that are forged or broken, and that its answers lead nowhere else."""

import pytest

from tests.accounts import log_in
from tests.door import counts
from tests.factories import make_agent
from tests.integration.panel.conftest import ACTIONS, home, text, tokens

FOREIGN = ("https://evil.example", "http://127.0.0.1.evil.example", "file://", "x")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_request_changes_nothing(agent, ticket, link, action):
	fields = tokens(agent, ticket)
	before = counts()
	assert agent.get(f"{home(ticket)}/{action}", params=fields).status_code == 405
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_forms_are_refused(agent, ticket, link, action, origin):
	fields = tokens(agent, ticket) | {"session": "x", "message": "x"}
	before = counts()
	answer = agent.post(f"{home(ticket)}/{action}", fields, origin=origin)
	assert answer.status_code == 403
	assert "This page is too old." in text(answer)
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "x" * 200])
def test_missing_and_wrong_tokens_are_refused(agent, ticket, link, action, token):
	fields = tokens(agent, ticket)
	fields.pop("form_token")
	before = counts()
	answer = agent.post(f"{home(ticket)}/{action}", fields | ({} if token is None else {"form_token": token}))
	assert answer.status_code == 403
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_another_agents_token_is_refused(agent, new_client, ticket, link, action):
	foreign = tokens(log_in(new_client(), make_agent().name), ticket)["form_token"]
	fields = tokens(agent, ticket) | {"form_token": foreign}
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields).status_code == 403
	assert counts() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_frappes_own_token_is_demanded_too(agent, ticket, link, action):
	fields = tokens(agent, ticket)
	fields.pop("csrf_token")
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields).status_code == 400
	assert counts() == before


@pytest.mark.parametrize(
	("action", "field"), [("revoke", "reason"), ("end-session", "session"), ("resend", "message")]
)
@pytest.mark.parametrize("value", ["a\x00b", "x" * 400, "\ufffd"])
def test_unreadable_values_are_refused(agent, ticket, link, action, field, value):
	fields = tokens(agent, ticket)
	before = counts()
	assert agent.post(f"{home(ticket)}/{action}", fields | {field: value}).status_code == 400
	assert counts() == before


@pytest.mark.parametrize("query", ["done=x", "done=//evil.example", "after=%27", "next=//evil.example"])
def test_parameters_lead_nowhere(agent, ticket, link, query):
	answer = agent.get(f"{home(ticket)}?{query}")
	assert answer.status_code == 200
	assert "evil.example" not in answer.text


def test_a_redirect_stays_on_the_panel(agent, ticket, link):
	fields = tokens(agent, ticket) | {"next": "//evil.example", "redirect-to": "https://evil.example"}
	answer = agent.post(f"{home(ticket)}/unlock?next=//evil.example", fields)
	assert (answer.status_code, answer.headers["Location"]) == (303, f"{home(ticket)}?done=unlock")


def test_pages_of_this_site_may_frame_it_and_nobody_else(agent, ticket, link):
	for address, status in ((home(ticket), 200), (home(0), 404)):
		answer = agent.get(address)
		assert answer.status_code == status
		assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
		policy = answer.headers["Content-Security-Policy"]
		assert "frame-ancestors 'self'" in policy
		assert "default-src 'none'" in policy
		assert "unsafe" not in policy
		assert answer.headers["Cache-Control"] == "no-store"
