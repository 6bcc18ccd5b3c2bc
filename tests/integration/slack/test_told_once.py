"""Who is told that nothing came of their words is told once, and sooner or later."""

import frappe
import pytest
from helpdesk.helpdesk.doctype.hd_ticket.hd_ticket import HDTicket

from tests.factories import unique
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_deleted_files import erase, take_back
from tests.integration.slack.test_files_of_answers import rows_of, salaries
from tests.integration.slack.test_modes import comments
from tests.integration.slack.test_shared_files import second_agent
from tests.integration.slack.test_told_to_its_author import edit
from tests.integration.slack.time_machine import forget_limits

__all__ = ["salaries"]


@pytest.fixture
def merged(ticket):
	"""Nobody may answer it where it is."""
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": ticket.name})
	frappe.db.commit()
	return ticket


def preview(desk, written: dict) -> None:
	desk.slack.unfurl(desk.channel, written["ts"], "https://example.com")
	desk.run()


def without_address(event: dict) -> None:
	"""Slack does not store the files of this message."""
	inner = event["event"]
	for message in (inner, inner.get("message") or {}, inner.get("previous_message") or {}):
		for file in message.get("files") or ():
			file["url_private_download"] = file["url_private"] = ""


def told_backwards(desk) -> None:
	for event in reversed(desk.slack.events):
		without_address(event)
		assert desk.slack.deliver(event)[0] == 200
		desk.run()


# Once


def test_a_preview_of_a_refused_edit(desk, organisation, ticket):
	written = desk.say(ticket, "Hello")
	organisation.change(slack_mode="Alerts only")
	edit(desk, written, "See https://example.com")
	preview(desk, written)
	assert len(whispers(desk)) == 1


def test_a_preview_of_words_in_the_place_of_a_file(desk, ticket, salaries):
	written = desk.say(ticket, "", files=[salaries])
	erase(desk, written)
	edit(desk, written, "See https://example.com")
	preview(desk, written)
	assert len(whispers(desk)) == 1


def test_a_preview_of_a_reply_that_does_not_become_a_note(desk, ticket):
	written = desk.say(ticket, "Hello")
	edit(desk, written, "note: https://example.com")
	preview(desk, written)
	assert len(whispers(desk)) == 1


# Sooner or later


@pytest.mark.parametrize("how", ["ratelimited", "internal_error", "500", "drop"])
def test_slack_does_not_take_it_at_first(desk, merged, how):
	desk.slack.fail("chat.postEphemeral", how, times=1)
	desk.say(merged, "Hello")
	for _round in range(3):
		frappe.db.sql("UPDATE `tabPortal Slack Event` SET due_at = received_at WHERE state = 'Waiting'")
		forget_limits()
		desk.run()
	assert not replies(merged)
	assert len(whispers(desk)) == (
		2 if how == "drop" else 1
	)  # it may not have arrived: rather twice than never


def test_who_has_left_the_channel_is_not_told_and_not_tried_again(desk, merged):
	desk.slack.fail("chat.postEphemeral", "user_not_in_channel", times=1)
	desk.say(merged, "Hello")
	assert not whispers(desk)
	assert not frappe.db.exists("Portal Slack Event", {"state": ("!=", "Done")})
	assert not frappe.db.exists("Portal Slack Event", {"payload": ("is", "set")})


# What else is told


@pytest.mark.parametrize("mode", ["Alerts only", "Marked messages only"])
def test_the_channel_became_stricter_before_it_was_worked_off(desk, organisation, ticket, mode):
	desk.slack.say(desk.user, desk.channel, "For the customer", thread_ts=desk.post(ticket)["ts"])
	organisation.change(slack_mode=mode)
	desk.run()
	(told,) = whispers(desk)
	assert told.startswith("This did not become an answer")
	assert not replies(ticket)


def test_what_was_refused_is_edited_when_no_answers_are_taken(desk, organisation, merged):
	written = desk.say(merged, "Hello")
	organisation.change(slack_mode="Alerts only")
	edit(desk, written, "Hello again")
	assert whispers(desk)[1:] == ["Answers from this channel are switched off."]


def test_talk_gets_a_marker_when_answers_are_taken(desk, organisation, ticket):
	organisation.change(slack_mode="Alerts only")
	written = desk.say(ticket, "Hello")
	organisation.change(slack_mode="Two-way")
	edit(desk, written, "reply: Hello to the customer")
	(told,) = whispers(desk)
	assert told.startswith("This did not become an answer")
	assert not replies(ticket)


def test_the_ticket_is_deleted(desk, ticket):
	thread = desk.post(ticket)["ts"]
	first = desk.say(ticket, "First")
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	desk.slack.say(desk.user, desk.channel, "Anybody there?", thread_ts=thread)
	desk.run()
	assert whispers(desk) == ["This thread belongs to no ticket any more."]
	edit(desk, first, "First!")
	assert whispers(desk)[1].startswith("Your message is not in Helpdesk any more")


def test_helpdesk_has_deleted_the_reply(desk, ticket):
	written = desk.say(ticket, "Hello")
	frappe.delete_doc("Communication", replies(ticket)[0].name)
	frappe.db.commit()
	edit(desk, written, "Hello, and one thing more")
	(told,) = whispers(desk)
	assert told.startswith("Your message is not in Helpdesk any more")


@pytest.mark.parametrize("what", ["message", "file"])
def test_helpdesk_has_deleted_it_and_then_its_author(desk, organisation, ticket, salaries, what):
	written = desk.say(ticket, "Hello", files=[salaries])
	(reply,), files = replies(ticket), rows_of(salaries)
	frappe.delete_doc("Communication", reply.name)
	for file in files:
		frappe.delete_doc("File", file.name)
	frappe.db.commit()
	organisation.change(slack_mode="Alerts only")
	take_back(desk, written, what)
	assert not whispers(desk)


def test_somebody_deletes_a_file_that_another_has_shared(desk, ticket, salaries):
	_other, user = second_agent(desk)
	file = desk.slack.add_file(user, *salaries)
	desk.say(ticket, "", files=[file])
	desk.slack.remove_file(user, file["id"])
	desk.run()
	assert not replies(ticket)
	(told,) = desk.slack.ephemerals
	assert told["user"] == desk.user
	assert told["text"].startswith("A file that you have shared was deleted in Slack.")


def test_helpdesk_fails_at_its_mail_and_a_file_stays_behind(desk, ticket, monkeypatch):
	usual = HDTicket.reply_via_agent

	def failing(self, *args, **options):
		usual(self, *args, **options)
		frappe.db.commit()
		raise frappe.OutgoingEmailError("No account")

	monkeypatch.setattr(HDTicket, "reply_via_agent", failing)
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	files = [("left.txt", b"x")]
	desk.slack.say(desk.user, desk.channel, "Here", thread_ts=desk.post(ticket)["ts"], files=files)
	told_backwards(desk)
	(told,) = whispers(desk)
	assert "No account" in told and "left.txt" in told


# A change before its message, of which a file stays behind


@pytest.mark.parametrize(
	("first", "second", "said", "noted", "word"),
	[
		("note: first", "second", [], ["<p>second</p>"], "This stays a private note"),
		("first", "note: second", ["<p>first</p>"], [], "The customer has this reply already"),
	],
	ids=["a note", "a reply"],
)
def test_both_are_told(desk, ticket, first, second, said, noted, word):
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	files = [(f"{unique('left')}.txt", b"x")]
	thread = desk.post(ticket)["ts"]
	written = desk.slack.say(desk.user, desk.channel, first, thread_ts=thread, files=files)
	desk.slack.edit(desk.user, desk.channel, written["ts"], second)
	told_backwards(desk)
	assert [one.content for one in replies(ticket)] == said
	assert [text for text, *_rest in comments(ticket)] == noted
	assert len(whispers(desk)) == 2
	assert sum(word in one for one in whispers(desk)) == 1
	assert sum("Files that stay in Slack" in one for one in whispers(desk)) == 1
