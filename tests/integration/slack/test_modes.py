"""Per channel: two-way, alerts only, or marked messages only; and private notes."""

import frappe
import pytest

from customer_portal import archive, statuses
from customer_portal.constants import CLOSED
from customer_portal.slack.posts import TAKE
from tests.gateways import configure
from tests.integration.slack.conftest import replies, rows, whispers


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


@pytest.fixture
def closed(desk, organisation, sara, ticket):
	"""Two tickets beside the open one: closed, and archived."""
	made = [organisation.ticket(sara) for _number in range(2)]
	last = statuses.template_of(ticket).default_of(CLOSED).name
	frappe.get_doc("HD Ticket", made[0].name).update({"sub_status": last}).save()
	archive.archive([str(made[1].name)])
	desk.run()
	return made


def test_another_mode_changes_no_posts_of_closed_tickets(desk, organisation, ticket, closed):
	"""There may be years of them. What their buttons would do is refused, and their next change takes them away."""
	organisation.change(slack_mode="Alerts only")
	assert [row.ticket for row in rows(state="Queued")] == [str(ticket.name)]
	desk.run()
	assert "actions" not in kinds(desk, ticket)
	assert ["actions" in kinds(desk, one) for one in closed] == [True, True]
	for one in closed:
		before = frappe.db.get_value("HD Ticket", one.name, "sub_status")
		desk.slack.click(desk.user, desk.channel, desk.post(one)["ts"], TAKE)
		desk.run()
		assert frappe.db.get_value("HD Ticket", one.name, ["sub_status", "_assign"]) == (before, None)
	assert whispers(desk) == ["This ticket cannot be changed from here any more."] * 2
	frappe.get_doc("HD Ticket", closed[0].name).update({"subject": "Changed"}).save()
	desk.run()
	assert "actions" not in kinds(desk, closed[0])


def kinds(desk, ticket) -> list[str]:
	return [block["type"] for block in desk.post(ticket)["blocks"]]
