"""Messages of a ticket, as Helpdesk stores them, and a customer who acts on the ticket's page. Fixtures for conftest."""

from contextlib import contextmanager

import frappe
import pytest

from tests.client import hidden_fields
from tests.door import sign_in
from tests.doors import reset_limits
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.ledger import default_of

EVERYTHING = {
	"show_conversation": 1,
	"allow_reply": 1,
	"allow_answer_to_solution": 1,
	"allow_reopen": 1,
	"allow_rating": 1,
}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@contextmanager
def settings(**values):
	"""Everything that customers may do is on, but for what ``values`` say."""
	reset_limits()
	configure(**{**EVERYTHING, **values})
	yield
	configure(**dict.fromkeys(EVERYTHING, 0))
	reset_limits()


@pytest.fixture
def everything_on(site):
	with settings():
		yield


@pytest.fixture
def ticket(site):
	"""Of a customer with a phone."""
	return make_ticket(phone=saudi_mobile())


@pytest.fixture
def home(client, ticket):
	"""The path of its link, behind whose door the browser is."""
	return sign_in(client, ticket)


def say(ticket, content: str, by: str | None = None, sent: bool = True, **values):
	"""A message by an agent, or one by somebody else that came by mail; committed."""
	before = frappe.session.user
	if sent:
		frappe.set_user(by or "Administrator")
	message = frappe.new_doc("Communication")
	message.update(
		{
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Sent" if sent else "Received",
			"subject": "Re",
			"sender": by or ticket.raised_by,
			"content": content,
			"reference_doctype": "HD Ticket",
			"reference_name": str(ticket.name),
			**values,
		}
	)
	message.insert(ignore_permissions=True)
	frappe.set_user(before)
	frappe.db.commit()
	return message


def act(client, home: str, action: str, files=(), **values):
	"""Loads the page and sends one of its forms as a browser does; ``files`` are pairs of name and content."""
	fields = hidden_fields(client.get(home).text, f"/{action}")
	parts = [("files", (name, content)) for name, content in files]
	return client.post(f"{home}/{action}", {**fields, **values}, files=parts or None)


def messages(ticket) -> list:
	"""All of the ticket's Communications, the first one first."""
	frappe.db.rollback()
	return frappe.get_all(
		"Communication",
		filters={"reference_doctype": "HD Ticket", "reference_name": str(ticket.name)},
		fields=["*"],
		order_by="creation",
	)


def files_of(ticket) -> list:
	"""Files of the ticket's messages."""
	names = [message.name for message in messages(ticket)]
	filters = {"attached_to_doctype": "Communication", "attached_to_name": ("in", names)}
	return frappe.get_all("File", filters=filters, fields=["*"], order_by="file_name")


def set_main(ticket, position: int):
	"""The ticket reaches this main status by its default sub-status."""
	ticket.reload()
	ticket.sub_status = default_of(position)
	ticket.save(ignore_permissions=True)
	frappe.db.commit()
	return ticket


def own_png() -> bytes:
	"""A picture that no other file equals, since Frappe stores equal ones once, under the first one's name.

	Frappe reads files as text if any of its encodings fits, and a copy of it is then another file: 81 fits none.
	"""
	return PNG + b"\x81" + unique("png").encode()
