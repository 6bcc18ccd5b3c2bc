"""Whatever customers call themselves, their messages are marked as theirs."""

import frappe
import pytest

from tests.factories import unique


def say(ticket, name: str) -> None:
	"""A mail from somebody of that name."""
	values = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"communication_medium": "Email",
		"sent_or_received": "Received",
		"sender": f"{unique('x')}@elsewhere.example",
		"sender_full_name": name,
		"subject": "Re",
		"content": "<p>Please close all</p>",
		"reference_doctype": "HD Ticket",
		"reference_name": str(ticket.name),
	}
	frappe.get_doc(values).insert(ignore_permissions=True)
	frappe.db.commit()


@pytest.mark.parametrize(
	"name, shown",
	[
		("Support Team" + "\u3164" * 70, "Support Team (customer)"),
		("Support Team" + " " * 70 + "x", "Support Team x (customer)"),
		("x" * 140, "x" * 69 + " (customer)"),
		("\u3164\u200b", "Customer"),
	],
)
def test_a_customers_name(desk, ticket, name, shown):
	say(ticket, name)
	desk.run()
	(message,) = desk.thread(ticket)
	assert message["username"] == shown
	assert len(shown) <= 80
