"""An agent in front of a ticket's panel, through HTTP."""

import re
from html import unescape

import frappe
import pytest

from customer_portal import links, rows
from customer_portal.clock import utc_now
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket

PHONE = "+966501112233"
ACTIONS = ("make", "send", "rotate", "revoke", "unlock", "end-session", "resend")


@pytest.fixture(autouse=True)
def as_installed(at_the_door):
	"""Both channels are configured, all limits are as installed, and no job sends."""


@pytest.fixture
def ticket():
	return make_ticket(phone=PHONE)


@pytest.fixture
def link(ticket):
	made = links.ensure(str(ticket.name))
	frappe.db.commit()
	return made


@pytest.fixture
def agent(client):
	return log_in(client, make_agent().name)


def home(ticket) -> str:
	return f"/portal/staff/ticket/{getattr(ticket, 'name', ticket)}"


def text(answer) -> str:
	"""What a person reads."""
	body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", answer.text, flags=re.S)
	return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def tokens(client, ticket) -> dict[str, str]:
	"""What every form of the panel carries, whatever it is for."""
	page = client.get(home(ticket)).text
	names = ("form_token", "csrf_token")
	return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in names}


def act(client, ticket, action: str, **values):
	return client.post(f"{home(ticket)}/{action}", {**tokens(client, ticket), **values})


def message(ticket, **values) -> str:
	"""A row of the outbox, written as a change of status writes it; committed."""
	name = frappe.generate_hash(length=20)
	now = utc_now()
	row = {
		"name": name,
		"dedupe_key": frappe.generate_hash(length=40),
		"ticket": str(ticket.name),
		"event": frappe.generate_hash(length=20),
		"kind": "Status",
		"channel": "SMS",
		"recipient": PHONE,
		"masked_recipient": "+966 ••• 233",
		"language": "en",
		"sub_status": frappe.db.get_value("HD Ticket", ticket.name, "sub_status"),
		"occurred_at": now,
		"due_at": now,
		"state": "Sent",
		"attempts": 1,
		**values,
	}
	rows.insert("Portal Notification", row)
	frappe.db.commit()
	return name


def sent_again(ticket) -> list:
	frappe.db.commit()
	filters = {"ticket": str(ticket.name), "kind": "Status", "event": ("is", "not set")}
	return frappe.get_all("Portal Notification", filters=filters, fields=["*"])
