"""Whatever customers call themselves, their messages are marked as theirs."""

import frappe
import pytest

from customer_portal.slack import outbox, people
from tests.factories import make_agent, unique
from tests.integration.slack.conftest import replies


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


def test_a_name_in_slack_is_no_html(desk, ticket):
	name = "&lt;img src=x&gt; <b>\u202eBob\u200b\x07</b>" + "x" * 200
	user = desk.slack.add_user(name, f"{unique('s')}@elsewhere.example")
	desk.slack.invite(user, desk.channel)
	desk.say(ticket, "Hello", user=user)
	shown = frappe.db.get_value(people.DOCTYPE, user, "slack_name")
	assert shown == ("img src=x bBob/b" + "x" * 200)[:140]


@pytest.fixture
def nameless(agent):
	"""An agent whom Frappe calls by their address."""
	frappe.db.set_value("User", agent.name, "full_name", agent.email)
	frappe.db.commit()
	return agent


def test_who_is_mentioned_is_not_called_by_an_address(desk, ticket, nameless):
	stranger = desk.slack.add_user("s@elsewhere.example", f"{unique('s')}@elsewhere.example")
	desk.say(ticket, f"Ask <@{desk.user}> or <@{stranger}>")
	(reply,) = replies(ticket)
	assert "Ask @somebody or @somebody" in reply.content


def test_who_is_assigned_is_not_called_by_an_address(desk, ticket, nameless):
	other = make_agent()
	frappe.get_doc("HD Ticket", ticket.name).db_set("_assign", frappe.as_json([nameless.name, other.name]))
	outbox.touch_ticket(str(ticket.name))
	desk.run()
	customers, triage = (str(desk.post(ticket, one)["blocks"]) for one in (desk.channel, desk.slack.triage))
	assert other.full_name in customers and nameless.email not in customers
	assert other.full_name in triage and nameless.email in triage
