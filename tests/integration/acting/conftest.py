"""A customer's acts on the ticket's page, without an account, and what became of them."""

import frappe
import pytest

from tests.client import hidden_fields
from tests.factories import make_agent

ACTS = ("reply", "accept", "reject", "reopen", "rate")
VALUES = {
	"reply": {"text": "Hello"},
	"accept": {},
	"reject": {"text": "It leaks"},
	"reopen": {},
	"rate": {"stars": "4"},
}


@pytest.fixture
def agent():
	return make_agent()


def reloaded(ticket):
	frappe.db.rollback()
	ticket.reload()
	return ticket


def assert_done(answer, act_name: str, home: str) -> None:
	assert (answer.status_code, answer.headers.get("Location")) == (303, f"{home}?done={act_name}#done"), (
		answer.text
	)


def set_status(ticket, status: str) -> None:
	ticket.reload()
	ticket.status = status
	ticket.save(ignore_permissions=True)
	frappe.db.commit()


def bare_form(client, home: str) -> dict[str, str]:
	"""What any form of the page carries, whether or not the page offers that act."""
	return {"form_token": hidden_fields(client.get(home).text, "/language")["form_token"], "key": "ab" * 16}
