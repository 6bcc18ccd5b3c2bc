"""What was not meant for the customer when it was written stays inside, and what did not happen is told."""

import time

import frappe
import pytest

from customer_portal.integrations import clamav
from customer_portal.slack import intake
from tests.clamd import EICAR, tcp_scanner
from tests.gateways import configure
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_modes import comments


def test_a_reply_edited_into_a_private_note_does_not_reach_the_customer(desk, ticket):
	written = desk.say(ticket, "The customer is a fool")
	desk.slack.edit(desk.user, desk.channel, written["ts"], "note: The customer is a fool and owes us 5000")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>The customer is a fool</p>"]
	assert len(whispers(desk)) == 1


def test_a_marked_reply_edited_to_be_unmarked(desk, organisation, ticket):
	organisation.change(slack_mode="Marked messages only")
	written = desk.say(ticket, "reply: Hello")
	desk.slack.edit(desk.user, desk.channel, written["ts"], "(internal) do not tell them")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]
	assert len(whispers(desk)) == 1


def test_what_was_said_while_alerts_only_stays_inside(desk, organisation, ticket):
	organisation.change(slack_mode="Alerts only")
	written = desk.say(ticket, "He will sue us if he knows")
	organisation.change(slack_mode="Two-way")
	desk.slack.edit(desk.user, desk.channel, written["ts"], "He will sue us if he knew")
	desk.run()
	assert replies(ticket) == []


def test_a_preview_of_what_was_said_while_alerts_only(desk, organisation, ticket):
	organisation.change(slack_mode="Alerts only")
	written = desk.say(ticket, "He will sue us, see <https://example.com>")
	organisation.change(slack_mode="Two-way")
	desk.slack.unfurl(desk.channel, written["ts"], "https://example.com")
	desk.run()
	assert replies(ticket) == []


def test_a_marker_with_an_emoji(desk, ticket):
	"""Slack sends the name of an emoji, never the sign."""
	configure(slack_note_marker="🔒")
	try:
		desk.say(ticket, ":lock: secret")
	finally:
		configure(slack_note_marker="note:")
	assert replies(ticket) == []
	assert comments(ticket) == (("<p>secret</p>", desk.agent.name),)


def test_an_unmarked_message_edited_to_be_marked(desk, organisation, ticket):
	organisation.change(slack_mode="Marked messages only")
	written = desk.say(ticket, "Hello")
	desk.slack.edit(desk.user, desk.channel, written["ts"], "reply: Hello")
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_an_answer_below_a_deleted_post(desk, ticket):
	post = desk.post(ticket)
	desk.say(ticket, "First")
	desk.slack.remove(desk.user, desk.channel, post["ts"])
	desk.run()
	desk.slack.say(desk.user, desk.channel, "Second", thread_ts=post["ts"])
	desk.run()
	assert [one.content for one in replies(ticket)] == ["<p>First</p>", "<p>Second</p>"]


def test_a_file_that_stays_behind_alone_mails_nothing(desk, ticket, monkeypatch):
	"""Of a lone file that is refused no empty reply is made."""
	with tcp_scanner() as (_scanner, address):
		monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
		desk.say(ticket, "", files=[("bad.txt", b"x " + EICAR)])
	assert replies(ticket) == []
	assert "bad.txt" in whispers(desk)[0]


def _state() -> dict:
	return {
		"lang": frappe.local.lang,
		"messages": list(frappe.local.message_log),
		"flags": {key: str(value)[:80] for key, value in frappe.flags.items()},
		"response": str(frappe.local.response),
	}


@pytest.mark.parametrize("user", ["Guest", "Administrator"])
def test_a_job_leaves_no_trace(desk, ticket, user):
	"""The job is started by Slack's request, and so by Guest."""
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	thread = desk.post(ticket)["ts"]
	one = desk.slack.say(desk.user, desk.channel, "One", thread_ts=thread)
	two = desk.slack.say(desk.user, desk.channel, "note: Two", thread_ts=thread)
	for number, event in enumerate(desk.slack.events):
		assert desk.slack.deliver(event, at=int(time.time()) - number)[0] == 200
	frappe.db.rollback()
	frappe.set_user(user)
	frappe.db.commit()
	before = _state()
	intake.work_off(10)
	after = _state()
	del desk.slack.events[:]
	desk.slack.edit(desk.user, desk.channel, one["ts"], "One, edited")
	desk.slack.remove(desk.user, desk.channel, two["ts"])
	for number, event in enumerate(desk.slack.events):
		assert desk.slack.deliver(event, at=int(time.time()) - 20 - number)[0] == 200
	frappe.set_user(user)
	frappe.db.commit()
	intake.work_off(10)
	frappe.set_user("Administrator")
	assert [one.content for one in replies(ticket)] == ["<p>One, edited</p>"]
	assert not comments(ticket)
	assert before == after


def test_a_deletion_that_does_not_follow_is_told(desk, ticket):
	written = desk.say(ticket, "Hello")
	frappe.db.set_value("HD Ticket", ticket.name, "portal_archived", 1)
	frappe.db.commit()
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]
	assert "archive" in whispers(desk)[0]
