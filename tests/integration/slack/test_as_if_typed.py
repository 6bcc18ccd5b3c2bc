"""An answer in Slack does in Helpdesk what one that was typed there does."""

import frappe
import pytest

from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import publish
from tests.integration.replies.conftest import set_helpdesk
from tests.integration.slack.conftest import answer, replies, whispers

COMPARED = (
	*("sent_or_received", "communication_type", "communication_medium", "status", "email_status"),
	*("sender", "sender_full_name", "recipients", "user", "owner", "subject", "email_account", "cc", "bcc"),
)


def stored(name: str) -> dict:
	return frappe.db.get_value("Communication", name, list(COMPARED), as_dict=True)


def of_ticket(ticket) -> dict:
	fields = ["status", "status_category", "sub_status", "agreement_status", "response_by"]
	return frappe.db.get_value("HD Ticket", ticket.name, fields, as_dict=True)


@pytest.mark.parametrize("follows", [0, 1])
def test_the_same_message_and_the_same_ticket(desk, ticket, organisation, sara, agent, follows):
	set_helpdesk(auto_update_status=follows, update_status_to="Replied")
	typed = organisation.ticket(sara, subject=ticket.subject)
	answer(typed, agent, "<p>Hello</p>")
	desk.say(ticket, "Hello")
	assert stored(replies(ticket)[0].name) == stored(replies(typed)[0].name)
	first, second = of_ticket(ticket), of_ticket(typed)
	assert {**first, "response_by": None} == {**second, "response_by": None}


def test_helpdesks_mail_for_whom_is_not_of_the_portal(desk):
	address = f"{unique('x')}@elsewhere.example"
	ticket = make_ticket(email=address)
	frappe.db.commit()
	desk.run()
	desk.say(ticket, "Hello", channel=desk.slack.triage)
	queued = frappe.get_all("Email Queue", {"reference_name": str(ticket.name)}, pluck="name")
	to = frappe.get_all("Email Queue Recipient", {"parent": ("in", queued)}, pluck="recipient")
	assert address in to
	assert not whispers(desk)


def test_a_ticket_without_an_address(desk):
	ticket = make_ticket(phone=saudi_mobile())
	frappe.db.set_value("HD Ticket", ticket.name, "raised_by", None)
	frappe.db.commit()
	desk.run()
	desk.say(ticket, "Hello", channel=desk.slack.triage)
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"], whispers(desk)


def change_account(name: str, **values) -> None:
	frappe.db.set_value("Email Account", name, values)
	publish("Email Account", name)


def test_helpdesk_has_no_mail_account(desk, ticket):
	"""It refuses a typed reply too: the agent is told, and an edit tries again."""
	accounts = frappe.get_all("Email Account", {"enable_outgoing": 1}, pluck="name")
	for name in accounts:
		change_account(name, enable_outgoing=0, default_outgoing=0)
	written = desk.say(ticket, "Hello")
	assert replies(ticket) == []
	(told,) = whispers(desk)
	assert "Helpdesk" in told
	for name in accounts:
		change_account(name, enable_outgoing=1, default_outgoing=int(name == "Portal Tests"))
	desk.slack.edit(desk.user, desk.channel, written["ts"], "Hello again")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello again</p>"]


def test_mail_is_sent_at_once_and_fails(desk, ticket, mail_server):
	"""Helpdesk commits the reply before: it is there once, and the agent is told."""
	set_helpdesk(instantly_send_email=1)
	mail_server.mode = "refused"
	outsider = f"{unique('x')}@elsewhere.example"
	frappe.db.set_value("HD Ticket", ticket.name, "raised_by", outsider)
	frappe.db.commit()
	desk.say(ticket, "Hello")
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]
	assert len(desk.thread(ticket, desk.slack.triage)) == 1


def test_an_archived_ticket(desk, ticket):
	frappe.db.set_value("HD Ticket", ticket.name, "portal_archived", 1)
	frappe.db.commit()
	desk.say(ticket, "Hello")
	assert replies(ticket) == []
	assert "archive" in whispers(desk)[0]


def test_a_merged_ticket(desk, ticket, organisation, sara):
	other = organisation.ticket(sara)
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": other.name})
	frappe.db.commit()
	desk.say(ticket, "Hello")
	assert replies(ticket) == [] and replies(other) == []
	assert str(other.name) in whispers(desk)[0]


def test_a_resolved_ticket_takes_an_answer(desk, ticket):
	frappe.db.set_value("HD Ticket", ticket.name, "status", "Resolved")
	frappe.db.commit()
	desk.say(ticket, "One more thing")
	assert [reply.content for reply in replies(ticket)] == ["<p>One more thing</p>"]


def test_nothing_to_say(desk, ticket):
	for text in ("", "   ", "\n\n", "reply:", "note:  "):
		desk.say(ticket, text)
	assert replies(ticket) == []
	assert not frappe.db.exists("HD Ticket Comment", {"reference_ticket": str(ticket.name)})
	assert not whispers(desk)


def test_the_longest_message(desk, ticket):
	desk.say(ticket, "word " * 8000)
	(reply,) = replies(ticket)
	assert reply.content.count("word") == 8000


@pytest.mark.parametrize(
	"text",
	[
		"&lt;script&gt;alert(1)&lt;/script&gt;",
		"<javascript:alert(1)|x>",
		'<https://x.example/"onmouseover=alert(1)|x>',
	],
)
def test_hostile_markup(desk, ticket, text):
	desk.say(ticket, text)
	(reply,) = replies(ticket)
	assert "<script" not in reply.content and "javascript:" not in reply.content.split("href")[-1]
	assert '"onmouseover' not in reply.content
