"""Per channel: two-way, alerts only, or marked messages only; and private notes."""

import frappe
import pytest

from tests.gateways import configure
from tests.integration.slack.conftest import replies, whispers


def comments(ticket) -> list[tuple[str, str]]:
	frappe.db.rollback()
	of_ticket = {"reference_ticket": str(ticket.name)}
	return frappe.get_all(
		"HD Ticket Comment", of_ticket, ["content", "commented_by"], as_list=True, order_by="creation"
	)


def test_alerts_only(desk, organisation, ticket):
	organisation.change(slack_mode="Alerts only")
	for text in ("Hello", "reply: Hello", "note: Hello"):
		desk.say(ticket, text)
	assert replies(ticket) == [] and not comments(ticket) and not whispers(desk)


def test_no_buttons_where_nothing_comes_back(desk, organisation, sara):
	organisation.change(slack_mode="Alerts only")
	ticket = organisation.ticket(sara)
	desk.run()
	kinds = [block["type"] for block in desk.post(ticket)["blocks"]]
	assert "actions" not in kinds
	assert "actions" in [block["type"] for block in desk.post(ticket, desk.slack.triage)["blocks"]]


@pytest.mark.parametrize("text", ["reply: Hello", "Reply:Hello", "  REPLY:   Hello"])
def test_marked_messages_only(desk, organisation, ticket, text):
	organisation.change(slack_mode="Marked messages only")
	desk.say(ticket, "What do you think?")
	assert replies(ticket) == [] and not whispers(desk)
	desk.say(ticket, text)
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_the_marker_is_taken_off_in_a_two_way_channel_too(desk, ticket):
	desk.say(ticket, "reply: Hello")
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_an_edit_of_a_marked_message(desk, organisation, ticket):
	organisation.change(slack_mode="Marked messages only")
	written = desk.say(ticket, "reply: Hello")
	desk.slack.edit(desk.user, desk.channel, written["ts"], "reply: Goodbye")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Goodbye</p>"]


def test_a_marker_of_ones_own(desk, organisation, ticket):
	configure(slack_reply_marker="!", slack_note_marker="<")
	organisation.change(slack_mode="Marked messages only")
	desk.say(ticket, "! Hello")
	desk.say(ticket, "&lt; Hidden")
	configure(slack_reply_marker="reply:", slack_note_marker="note:")
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]
	assert comments(ticket) == (("<p>Hidden</p>", desk.agent.name),)


def test_a_private_note(desk, ticket):
	written = desk.say(ticket, "note: *Careful* with this one")
	assert replies(ticket) == []
	assert comments(ticket) == (("<p><strong>Careful</strong> with this one</p>", desk.agent.name),)
	assert desk.thread(ticket, desk.slack.triage) == []
	desk.slack.edit(desk.user, desk.channel, written["ts"], "note: Very careful")
	desk.run()
	assert comments(ticket) == (("<p>Very careful</p>", desk.agent.name),)
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert not comments(ticket)


def test_a_note_never_becomes_a_reply(desk, ticket):
	"""Nor the other way: what was private stays so, whatever the message is edited to."""
	note = desk.say(ticket, "note: He is difficult")
	desk.slack.edit(desk.user, desk.channel, note["ts"], "He is difficult")
	desk.run()
	assert replies(ticket) == []
	assert comments(ticket) == (("<p>He is difficult</p>", desk.agent.name),)


def test_a_note_with_a_file_reaches_no_customer(desk, ticket):
	desk.say(ticket, "note: See this", files=[("secret.txt", b"secret")])
	assert len(comments(ticket)) == 1
	assert replies(ticket) == []
	attached = frappe.get_all(
		"File", {"file_name": ("like", "secret%")}, ["attached_to_doctype", "is_private"], order_by="creation"
	)
	assert {row.attached_to_doctype for row in attached} <= {"HD Ticket Comment"}
	assert all(row.is_private for row in attached)
