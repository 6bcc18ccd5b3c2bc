"""A file that is deleted in Slack by itself goes from the answer that brought it, and the answer stays."""

import time

import frappe
import pytest

from customer_portal.slack.outbox import ledger
from tests.client import Client
from tests.factories import unique
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_files_of_answers import kinds, member, rows_of, salaries
from tests.integration.slack.test_modes import comments
from tests.threads import in_parallel

__all__ = ["member", "salaries"]


def erase(desk, written: dict, number: int = 0) -> None:
	desk.slack.remove_file(desk.user, written["files"][number]["id"])
	desk.run()


def take_back(desk, written: dict, what: str) -> None:
	"""The whole "message", or its "file" alone."""
	if what == "file":
		return erase(desk, written)
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	return desk.run()


def test_the_answer_stays_without_it(desk, ticket, member: Client, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	address = rows_of(salaries)[0].file_url
	assert member.get(address).content == salaries[1]
	erase(desk, written)
	assert [one.content for one in replies(ticket)] == ["<p>Here</p>"]
	assert rows_of(salaries) == []
	assert member.get(address).status_code in (403, 404)


def test_it_goes_from_the_other_channel_too(desk, ticket, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	erase(desk, written)
	shown = [file for one in desk.thread(ticket, desk.slack.triage) for file in one.get("files", ())]
	assert [file["mode"] for file in shown] == ["tombstone"]


def test_others_of_the_answer_stay(desk, ticket, salaries):
	kept = (f"{unique('kept')}.txt", unique("kept").encode())
	written = desk.say(ticket, "Here", files=[kept, salaries])
	erase(desk, written, 1)
	assert rows_of(salaries) == []
	assert kinds(kept) == ["Communication", "HD Ticket"]


def test_an_answer_that_was_nothing_else_goes_with_it(desk, ticket, salaries):
	written = desk.say(ticket, "", files=[salaries])
	assert len(replies(ticket)) == 1
	erase(desk, written)
	assert replies(ticket) == [] and rows_of(salaries) == []
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert not whispers(desk)


def test_a_notes_file(desk, ticket, salaries):
	written = desk.say(ticket, "note: secret", files=[salaries])
	erase(desk, written)
	assert len(comments(ticket)) == 1
	assert rows_of(salaries) == []


def test_of_two_answers_in_two_tickets(desk, ticket, organisation, sara, salaries):
	"""Slack shares one file in several threads, and tells once that it is deleted."""
	other = organisation.ticket(sara)
	desk.run()
	file = desk.slack.add_file(desk.user, *salaries)
	for one in (ticket, other):
		desk.say(one, "Here", files=[file])
	desk.slack.remove_file(desk.user, file["id"])
	desk.run()
	assert [len(replies(one)) for one in (ticket, other)] == [1, 1]
	assert rows_of(salaries) == []


def test_told_four_times_at_once(desk, ticket, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	desk.slack.is_delivering = False
	desk.slack.remove_file(desk.user, written["files"][0]["id"])
	(event,) = [one for one in desk.slack.events if one["event"]["type"] == "file_deleted"]
	now = int(time.time())
	told = in_parallel(lambda number: desk.slack.deliver(event, at=now - number), range(4), workers=4)
	assert [status for status, _body in told] == [200] * 4
	desk.run()
	assert len(replies(ticket)) == 1 and rows_of(salaries) == []


def test_it_is_told_before_its_message(desk, ticket, salaries):
	"""By the time of its message Slack has not got it any more."""
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	thread = desk.post(ticket)["ts"]
	written = desk.slack.say(desk.user, desk.channel, "Here", thread_ts=thread, files=[salaries])
	desk.slack.remove_file(desk.user, written["files"][0]["id"])
	told = list(desk.slack.events)
	deleted = next(one for one in told if one["event"]["type"] == "file_deleted")
	for event in (deleted, *(one for one in told if one is not deleted)):
		assert desk.slack.deliver(event)[0] == 200
	desk.run()
	assert len(replies(ticket)) == 1 and rows_of(salaries) == []


def test_while_its_message_is_being_worked_on(desk, ticket, salaries):
	"""The file is here already, and its answer is not there yet: whoever comes to know of the deletion waits for it."""
	written = desk.say(ticket, "Here", files=[salaries])
	event = next(one for one in desk.slack.events if one["event"].get("ts") == written["ts"])
	(row,) = frappe.get_all("Portal Slack Event", {"event_id": event["event_id"]}, pluck="name")
	file = written["files"][0]["id"]
	working = {"state": "Working", "claimed_at": "2100-01-01", "payload": frappe.as_json(event)}
	frappe.db.set_value("Portal Slack Event", row, working, update_modified=False)
	(known,) = ledger.files(file)
	frappe.db.set_value("Portal Slack Message", known.name, "ts", "", update_modified=False)
	erase(desk, written)
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	frappe.db.set_value("Portal Slack Message", known.name, "ts", file, update_modified=False)
	frappe.db.set_value("Portal Slack Event", row, "state", "Done", update_modified=False)
	frappe.db.sql(
		"UPDATE `tabPortal Slack Event` SET due_at = NOW() - INTERVAL 1 DAY WHERE state = 'Waiting'"
	)
	desk.run()
	assert rows_of(salaries) == []


def test_what_somebody_has_brought_who_is_no_agent_any_more_stays(desk, ticket, agent, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	frappe.db.set_value("HD Agent", {"user": agent.name}, "is_active", 0)
	erase(desk, written)
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	(told,) = whispers(desk)
	assert told.startswith("Your file is deleted in Slack, but stays in Helpdesk: ")


@pytest.mark.parametrize("file", [None, "", "%", "F0UNKNOWN", ["F1"], {"a": 1}, 7])
def test_files_that_nobody_knows(desk, ticket, salaries, file):
	desk.say(ticket, "Here", files=[salaries])
	before = frappe.db.count("Error Log")
	envelope = desk.slack.envelope({"type": "file_deleted", "file_id": file})
	assert desk.slack.deliver(envelope)[0] == 200
	desk.run()
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	assert frappe.db.count("Error Log") == before
	assert not frappe.db.exists("Portal Slack Event", {"event_id": envelope["event_id"], "state": "Waiting"})


def test_a_file_that_retention_removes_stays(desk, ticket, salaries):
	"""Its message says so, and nobody has deleted anything."""
	written = desk.say(ticket, "Here", files=[salaries])
	desk.slack.expire(desk.slack.files[written["files"][0]["id"]])
	desk.run()
	assert kinds(salaries) == ["Communication", "HD Ticket"]
