"""What waits while something else changes, and what happens at once."""

import threading
import time

import frappe
import pytest
from frappe.email.queue import flush

from customer_portal.clock import utc_now
from customer_portal.extends import communication
from customer_portal.slack import answers, deleted_files, intake, rights
from customer_portal.slack.outbox import ledger
from tests.factories import unique
from tests.gateways import configure
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_deleted_files import erase, take_back
from tests.integration.slack.test_files_of_answers import rows_of, salaries
from tests.integration.slack.test_modes import comments
from tests.integration.slack.time_machine import sweep_until_quiet
from tests.threads import in_parallel

__all__ = ["salaries"]


@pytest.mark.parametrize("how", ["file", "none"])
def test_the_mail_of_the_words_still_goes_out(desk, ticket, salaries, mail_server, how):
	outsider = f"{unique('x')}@elsewhere.example"
	frappe.db.set_value("HD Ticket", ticket.name, "raised_by", outsider)
	frappe.db.commit()
	word = unique("word")
	written = desk.say(ticket, f"Here {word}", files=[salaries])
	if how == "file":
		erase(desk, written)
	for _ in range(4):
		flush()
		frappe.db.commit()
	state = frappe.get_all("Email Queue", {"reference_name": str(ticket.name)}, ["status", "error"])
	assert any(word in str(one) for one in mail_server.received), state


def test_one_thread_has_the_file_and_another_is_being_worked_on(desk, ticket, organisation, sara, salaries):
	other = organisation.ticket(sara)
	desk.run()
	file = desk.slack.add_file(desk.user, *salaries)
	desk.say(ticket, "Here", files=[file])
	written = desk.say(other, "And here", files=[file])
	event = next(one for one in desk.slack.events if one["event"].get("ts") == written["ts"])
	(row,) = frappe.get_all("Portal Slack Event", {"event_id": event["event_id"]}, pluck="name")
	working = {"state": "Working", "claimed_at": "2100-01-01", "payload": frappe.as_json(event)}
	frappe.db.set_value("Portal Slack Event", row, working, update_modified=False)
	known = next(one for one in ledger.files(file["id"]) if one.thread_ts == written["ts"])
	frappe.db.set_value("Portal Slack Message", known.name, "ts", "", update_modified=False)
	frappe.db.commit()
	desk.slack.remove_file(desk.user, file["id"])
	desk.run()
	# the worker commits now
	frappe.db.set_value("Portal Slack Message", known.name, "ts", file["id"], update_modified=False)
	frappe.db.set_value("Portal Slack Event", row, "state", "Done", update_modified=False)
	frappe.db.sql(
		"UPDATE `tabPortal Slack Event` SET due_at = NOW() - INTERVAL 1 DAY WHERE state = 'Waiting'"
	)
	desk.run()
	assert rows_of(salaries) == []


@pytest.mark.parametrize("mode", ["Marked messages only", "Alerts only"])
def test_talk_that_waits_while_the_mode_changes(desk, organisation, ticket, mode):
	organisation.change(slack_mode=mode)
	desk.slack.say(desk.user, desk.channel, "This customer is a pain", thread_ts=desk.post(ticket)["ts"])
	frappe.db.commit()
	assert frappe.db.count("Portal Slack Event", {"state": "Waiting"}) == 1
	organisation.change(slack_mode="Two-way")
	desk.run()
	assert replies(ticket) == []


def test_answers_that_wait_while_slack_is_off_for_a_moment(desk, ticket):
	desk.slack.say(desk.user, desk.channel, "Hello", thread_ts=desk.post(ticket)["ts"])
	configure(slack_enabled=0)
	try:
		intake.work_off(3)
	finally:
		configure(slack_enabled=1)
	frappe.db.set_value("Portal Slack Event", {"state": "Waiting"}, "due_at", utc_now())
	desk.run()
	assert len(replies(ticket)) == 1


def test_a_value_that_is_set_and_set_back(desk, ticket):
	found = frappe.get_doc("HD Ticket", ticket.name)
	subject = found.subject
	found.db_set("subject", "Changed", commit=True)
	desk.run()
	sweep_until_quiet()
	assert "Changed" in str(desk.post(ticket)["blocks"])
	found.db_set("subject", subject, commit=True)
	sweep_until_quiet()
	assert "Changed" not in str(desk.post(ticket)["blocks"])


def test_saved_and_set_back(desk, ticket):
	found = frappe.get_doc("HD Ticket", ticket.name)
	subject = found.subject
	found.subject = "Changed"
	found.save()
	frappe.db.commit()
	sweep_until_quiet()
	found.db_set("subject", subject, commit=True)
	sweep_until_quiet()
	assert "Changed" not in str(desk.post(ticket)["blocks"])


@pytest.mark.parametrize("how", ["message", "file"])
def test_a_deletion_that_a_rule_of_the_site_refuses_keeps_its_thread_not_waiting(
	desk, ticket, salaries, monkeypatch, how
):
	written = desk.say(ticket, "" if how == "file" else "Hello", files=[salaries] if how == "file" else ())

	def on_trash(doc, method=None):
		frappe.throw("A rule of this site: replies are never deleted")

	monkeypatch.setattr(communication, "on_trash", on_trash)
	take_back(desk, written, how)
	desk.say(ticket, "After it")
	waiting = frappe.get_all("Portal Slack Event", {"state": "Waiting"}, ["kind", "reason", "due_at"])
	assert "<p>After it</p>" in [one.content for one in replies(ticket)], waiting
	assert whispers(desk), waiting


@pytest.mark.parametrize("with_file", [True, False])
def test_a_reply_that_is_deleted_before_its_mail_goes(desk, ticket, salaries, mail_server, with_file):
	outsider = f"{unique('x')}@elsewhere.example"
	frappe.db.set_value("HD Ticket", ticket.name, "raised_by", outsider)
	frappe.db.commit()
	word = unique("word")
	written = desk.say(ticket, f"Here {word}", files=[salaries] if with_file else ())
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert replies(ticket) == []
	for _ in range(4):
		flush()
		frappe.db.commit()
	state = frappe.get_all("Email Queue", {"reference_name": str(ticket.name)}, ["status", "error"])
	assert not any(word in str(one) for one in mail_server.received), state
	assert "Error" not in [one.status for one in state], state


def test_both_files_of_a_wordless_answer_are_deleted_at_once(desk, ticket, salaries, monkeypatch):
	other = (f"{unique('other')}.txt", unique("other").encode())
	written = desk.say(ticket, "", files=[salaries, other])
	assert len(replies(ticket)) == 1
	meet = threading.Barrier(2, timeout=20)

	def of_author(known, place):
		meet.wait()

	monkeypatch.setattr(rights, "of_author", of_author)
	frappe.db.commit()

	def work(file):
		deleted_files.take({"event": {"file_id": file}})
		frappe.db.commit()

	in_parallel(work, [file["id"] for file in written["files"]], workers=2)
	assert replies(ticket) == []


def test_a_word_comes_while_the_file_is_taken_off(desk, ticket, salaries, monkeypatch):
	written = desk.say(ticket, "", files=[salaries])
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	desk.slack.edit(desk.user, desk.channel, written["ts"], "The wrong file, sorry")
	edit = desk.slack.events[-1]
	has_read, has_edited = threading.Event(), threading.Event()
	usual = rights.of_author

	def of_author(known, place):
		if threading.current_thread().name == "deleter":
			has_read.set()
			assert has_edited.wait(20)
			return None
		return usual(known, place)

	monkeypatch.setattr(rights, "of_author", of_author)
	frappe.db.commit()

	def work(what):
		if what == "delete":
			threading.current_thread().name = "deleter"
			deleted_files.take({"event": {"file_id": written["files"][0]["id"]}})
		else:
			assert has_read.wait(20)
			answers.take(edit)
			frappe.db.commit()
			has_edited.set()
		frappe.db.commit()

	in_parallel(work, ["delete", "edit"], workers=2)
	assert [one.content for one in replies(ticket)] == ["<p>The wrong file, sorry</p>"]


def test_everything_at_once(desk, ticket, salaries):
	before = frappe.db.count("Error Log")
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	thread = desk.post(ticket)["ts"]
	for number in range(6):
		written = desk.slack.say(
			desk.user,
			desk.channel,
			f"No {number}",
			thread_ts=thread,
			files=[(f"{number}.txt", salaries[1] + b"%d" % number)],
		)
		if number % 2:
			desk.slack.remove_file(desk.user, written["files"][0]["id"])
		if number > 3:
			desk.slack.remove(desk.user, desk.channel, written["ts"])
	now = int(time.time())
	events = list(desk.slack.events)[::-1]
	for place, event in enumerate(events):
		assert desk.slack.deliver(event, at=now - place)[0] == 200
	in_parallel(lambda _place: intake.work_off(8), range(3), workers=3)
	desk.run()
	assert sorted(one.content for one in replies(ticket)) == [f"<p>No {number}</p>" for number in range(4)]
	names = frappe.get_all(
		"File", {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name)}, pluck="file_name"
	)
	assert len(names) == 2, names
	assert frappe.db.count("Error Log") == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize(
	("first", "edited", "outcome"),
	[("note: he is a fool", "he is a fool!", (0, 1)), ("Hello", "note: Hello", (1, 0))],
	ids=["a note", "a reply"],
)
def test_it_stays_what_it_was_in_any_order(desk, ticket, first, edited, outcome, order):
	"""``outcome``: how many replies and comments."""
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	written = desk.slack.say(desk.user, desk.channel, first, thread_ts=desk.post(ticket)["ts"])
	desk.slack.edit(desk.user, desk.channel, written["ts"], edited)
	for place in order:
		assert desk.slack.deliver(desk.slack.events[place], at=int(time.time()) - place)[0] == 200
		desk.run()
	assert (len(replies(ticket)), len(comments(ticket))) == outcome
