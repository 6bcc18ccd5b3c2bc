"""What does not become what its author may think is told to them, and to them alone."""

import frappe
import pytest

from tests.client import Client
from tests.factories import unique
from tests.integration.slack.conftest import replies, split_off, whispers
from tests.integration.slack.test_deleted_files import erase, take_back
from tests.integration.slack.test_files_of_answers import kinds, member, rows_of, salaries
from tests.integration.slack.test_modes import comments
from tests.integration.slack.time_machine import sweep_until_quiet

__all__ = ["member", "salaries"]


def edit(desk, written: dict, text: str) -> None:
	desk.slack.edit(desk.user, desk.channel, written["ts"], text)
	desk.run()


def test_an_edit_in_a_channel_that_takes_no_answers_any_more(desk, organisation, ticket):
	written = desk.say(ticket, "Hello")
	organisation.change(slack_mode="Alerts only")
	edit(desk, written, "Hello!")
	assert [one.content for one in replies(ticket)] == ["<p>Hello</p>"]
	assert whispers(desk) == ["Answers from this channel are switched off."]


@pytest.mark.parametrize("what", ["message", "file"])
def test_a_deletion_in_a_channel_that_takes_no_answers_any_more(desk, organisation, ticket, salaries, what):
	written = desk.say(ticket, "Hello", files=[salaries])
	organisation.change(slack_mode="Alerts only")
	take_back(desk, written, what)
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	assert whispers(desk) == [
		f"Your {what} is deleted in Slack, but stays in Helpdesk: Answers from this channel are switched off."
	]


def test_talk_in_such_a_channel_is_not_spoken_of(desk, organisation, ticket):
	organisation.change(slack_mode="Alerts only")
	written = desk.say(ticket, "Hello")
	edit(desk, written, "Hello!")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert not whispers(desk) and not replies(ticket)


def test_a_note_without_its_marker_stays_a_note(desk, ticket):
	written = desk.say(ticket, "note: he is slow")
	edit(desk, written, "he is slow")
	assert [text for text, *_rest in comments(ticket)] == ["<p>he is slow</p>"]
	assert not replies(ticket)
	(told,) = whispers(desk)
	assert told.startswith("This stays a private note")


def test_words_in_the_place_of_the_only_file(desk, ticket, salaries):
	written = desk.say(ticket, "", files=[salaries])
	erase(desk, written)
	edit(desk, written, "The wrong file, sorry")
	assert not replies(ticket)
	(told,) = whispers(desk)
	assert told.startswith("Your message is not in Helpdesk any more")


def test_more_files_than_a_message_takes_along(desk, ticket):
	names = [f"{number}-{unique('file')}.txt" for number in range(12)]
	desk.say(ticket, "Here", files=[(name, name.encode()) for name in names])
	(reply,) = replies(ticket)
	own = {"attached_to_doctype": "Communication", "attached_to_name": reply.name}
	assert frappe.db.count("File", own) == 10
	(told,) = whispers(desk)
	assert told.startswith("Files that stay in Slack: ")
	assert all((name in told) == (name in names[10:]) for name in names)


def test_a_file_that_is_gone_by_now_is_not_spoken_of(desk, ticket):
	"""It was deleted before Slack told of its message."""
	gone = {"id": "F0GONE", "mode": "tombstone"}
	message = {"type": "message", "channel": desk.channel, "user": desk.user, "text": "Here"}
	times = {"ts": "1799999999.000100", "thread_ts": desk.post(ticket)["ts"]}
	envelope = desk.slack.envelope({**message, **times, "files": [gone]})
	assert desk.slack.deliver(envelope)[0] == 200
	desk.run()
	assert len(replies(ticket)) == 1 and not whispers(desk)


def test_a_strangers_answer(desk, ticket):
	stranger = desk.slack.add_user("Stranger", f"{unique('s')}@nobody.example")
	desk.slack.invite(stranger, desk.channel)
	desk.say(ticket, "Hello", user=stranger)
	assert not replies(ticket)
	assert whispers(desk) == [
		"Nothing of this reaches the customer. You are no agent of this helpdesk, or Slack does not have your"
		" verified address."
	]


def test_a_deletion_that_is_refused_in_two_threads_is_told_in_both(
	desk, ticket, agent, organisation, sara, salaries
):
	other = organisation.ticket(sara)
	desk.run()
	file = desk.slack.add_file(desk.user, *salaries)
	for one in (ticket, other):
		desk.say(one, "Here", files=[file])
	frappe.db.set_value("HD Agent", {"user": agent.name}, "is_active", 0)
	desk.slack.remove_file(desk.user, file["id"])
	desk.run()
	told = {one["thread_ts"]: one["text"] for one in desk.slack.ephemerals}
	assert set(told) == {desk.post(one)["ts"] for one in (ticket, other)}
	assert set(told.values()) == {
		"Your file is deleted in Slack, but stays in Helpdesk: You are no agent of this helpdesk, or Slack does not"
		" have your verified address."
	}


def test_the_tickets_own_file_was_deleted_in_helpdesk(desk, ticket, member: Client, salaries):
	"""The reply has one of its own, which goes with the file in Slack."""
	written = desk.say(ticket, "Here", files=[salaries])
	own = next(row for row in rows_of(salaries) if row.attached_to_doctype == "HD Ticket")
	frappe.delete_doc("File", own.name)
	frappe.db.commit()
	page, label = f"/portal/tickets/{ticket.name}", salaries[0].removesuffix(".txt")
	assert label in member.get(page).text
	erase(desk, written)
	assert rows_of(salaries) == []
	assert label not in member.get(page).text


def test_a_reply_that_was_split_off_has_the_rights_of_where_it_is(desk, ticket, agent):
	written = desk.say(ticket, "Hello")
	(reply,) = replies(ticket)
	split_off(agent, reply.name)
	sweep_until_quiet()
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": ticket.name})
	frappe.db.commit()
	edit(desk, written, "Hello!")
	assert frappe.db.get_value("Communication", reply.name, "content") == "<p>Hello!</p>"
	assert not whispers(desk)
