"""The same event several times, in any order: one reply, and the same end."""

import copy
import itertools
import time

import frappe
import pytest

from customer_portal.slack import delivery, intake
from tests.integration.slack.conftest import replies, rows, whispers
from tests.threads import in_parallel


@pytest.fixture
def quiet(desk, ticket):
	"""Slack tells nothing by itself; what happened is in ``slack.events``."""
	desk.slack.is_delivering = False
	del desk.slack.events[:]
	return desk


def tell(desk, *events) -> None:
	"""Each as Slack tells it, a second after the one before: no two have one signature."""
	now = int(time.time())
	for place, event in enumerate(events):
		status, text = desk.slack.deliver(event, at=now - place)
		assert status == 200, text


def deleted_event(desk, ticket, text="Hello") -> list:
	"""The events of a message that was written, edited, and deleted."""
	post = desk.post(ticket)
	written = desk.slack.say(desk.user, desk.channel, text, thread_ts=post["ts"])
	desk.slack.edit(desk.user, desk.channel, written["ts"], f"{text}, edited")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	return copy.deepcopy(desk.slack.events)


def test_four_times_at_once(quiet, ticket):
	quiet.slack.say(quiet.user, quiet.channel, "Hello", thread_ts=quiet.post(ticket)["ts"])
	(event,) = quiet.slack.events
	ages = range(4)
	now = int(time.time())
	found = in_parallel(lambda age: quiet.slack.deliver(event, at=now - age)[0], ages, workers=4)
	assert found == [200] * 4
	quiet.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_four_times_in_the_same_second(quiet, ticket):
	quiet.slack.say(quiet.user, quiet.channel, "Hello", thread_ts=quiet.post(ticket)["ts"])
	(event,) = quiet.slack.events
	now = int(time.time())
	found = in_parallel(lambda _place: quiet.slack.deliver(event, at=now)[0], range(4), workers=4)
	assert sorted(found) == [200, 401, 401, 401]
	quiet.run()
	assert len(replies(ticket)) == 1


def test_four_times_after_it_was_done(quiet, ticket):
	quiet.slack.say(quiet.user, quiet.channel, "Hello", thread_ts=quiet.post(ticket)["ts"])
	for place in range(4):
		tell(quiet, quiet.slack.events[0]) if not place else quiet.slack.deliver(
			quiet.slack.events[0], at=int(time.time()) - 10 * place
		)
		quiet.run()
	assert len(replies(ticket)) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))), ids=str)
@pytest.mark.parametrize("is_worked_between", [True, False])
def test_a_message_and_its_edit_in_any_order(quiet, ticket, order, is_worked_between):
	post = quiet.post(ticket)
	written = quiet.slack.say(quiet.user, quiet.channel, "Hello", thread_ts=post["ts"])
	quiet.slack.edit(quiet.user, quiet.channel, written["ts"], "Hello, *edited*")
	for place in order:
		tell(quiet, quiet.slack.events[place])
		if is_worked_between:
			quiet.run()
	quiet.run()
	expected = "<p>Hello, <strong>edited</strong></p>"
	assert [reply.content for reply in replies(ticket)] == [expected]
	assert [one["text"] for one in quiet.thread(ticket, quiet.slack.triage)] == ["Hello, *edited*"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_message_two_edits_in_any_order(quiet, ticket, order):
	post = quiet.post(ticket)
	written = quiet.slack.say(quiet.user, quiet.channel, "One", thread_ts=post["ts"])
	quiet.slack.edit(quiet.user, quiet.channel, written["ts"], "Two")
	quiet.slack.edit(quiet.user, quiet.channel, written["ts"], "Three")
	for place in order:
		tell(quiet, quiet.slack.events[place])
		quiet.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Three</p>"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_a_message_that_was_deleted_in_any_order(quiet, ticket, order):
	events = deleted_event(quiet, ticket)
	for place in order:
		tell(quiet, events[place])
		quiet.run()
	assert replies(ticket) == []
	assert quiet.thread(ticket, quiet.slack.triage) == []


def test_all_at_once_by_several_workers(quiet, ticket):
	"""Of five messages: each once, edited, and two deleted again."""
	post = quiet.post(ticket)
	for number in range(5):
		written = quiet.slack.say(quiet.user, quiet.channel, f"No {number}", thread_ts=post["ts"])
		quiet.slack.edit(quiet.user, quiet.channel, written["ts"], f"Number {number}")
		if number > 2:
			quiet.slack.remove(quiet.user, quiet.channel, written["ts"])
	shuffled = sorted(quiet.slack.events, key=lambda event: event["event_id"][::-1]) * 2
	now = int(time.time())
	statuses = in_parallel(
		lambda pair: quiet.slack.deliver(pair[1], at=now - pair[0])[0], enumerate(shuffled), workers=6
	)
	assert set(statuses) == {200}
	in_parallel(lambda _place: work(), range(3), workers=3)
	quiet.run()
	contents = sorted(reply.content for reply in replies(ticket))
	assert contents == [f"<p>Number {number}</p>" for number in range(3)]


def work() -> None:
	intake.work_off(8)


def test_a_reply_before_we_know_our_own_post(desk, organisation, sara):
	"""Somebody answers while Slack's answer about the ticket's post is on its way, or was lost."""
	desk.slack.fail("chat.postMessage", "drop", times=2)
	ticket = organisation.ticket(sara)
	frappe.db.commit()
	delivery.deliver_due(8)
	(post,) = desk.slack.messages(desk.channel)
	desk.slack.say(desk.user, desk.channel, "Quick", thread_ts=post["ts"])
	for _round in range(6):
		desk.run()
		if replies(ticket):
			break
		time.sleep(2)
	assert [reply.content for reply in replies(ticket)] == ["<p>Quick</p>"]
	assert len(desk.slack.messages(desk.channel)) == 1


def test_messages_of_one_thread_keep_their_order(quiet, ticket):
	post = quiet.post(ticket)
	for number in range(6):
		quiet.slack.say(quiet.user, quiet.channel, f"{number}", thread_ts=post["ts"])
	tell(quiet, *quiet.slack.events)
	in_parallel(lambda _place: work(), range(3), workers=3)
	assert [reply.content for reply in replies(ticket)] == [f"<p>{number}</p>" for number in range(6)]


def test_own_echoes_make_no_loop(desk, ticket, agent):
	desk.say(ticket, "From Slack")
	for text in ("One", "Two"):
		frappe.set_user(agent.name)
		frappe.get_doc("HD Ticket", ticket.name).reply_via_agent(text, to=ticket.raised_by)
		frappe.set_user("Administrator")
		desk.run()
	before = len(desk.slack.calls), len(rows())
	desk.run()
	desk.run()
	assert (len(desk.slack.calls), len(rows())) == before
	assert len(replies(ticket)) == 3
	assert [one["text"] for one in desk.thread(ticket)] == ["From Slack", "One", "Two"]


def test_a_preview_of_a_link_changes_nothing(desk, ticket):
	written = desk.say(ticket, "See <https://example.com>")
	modified = frappe.db.get_value("Communication", replies(ticket)[0].name, "modified")
	desk.slack.unfurl(desk.channel, written["ts"], "https://example.com")
	desk.run()
	assert frappe.db.get_value("Communication", replies(ticket)[0].name, "modified") == modified
	assert not whispers(desk)


def test_what_is_in_no_thread_of_ours_is_ignored(desk, ticket):
	alone = desk.slack.say(desk.user, desk.channel, "Lunch?")
	desk.slack.say(desk.user, desk.channel, "Yes", thread_ts=alone["ts"])
	desk.slack.edit(desk.user, desk.channel, alone["ts"], "Dinner?")
	desk.slack.remove(desk.user, desk.channel, alone["ts"])
	desk.slack.notice(desk.user, desk.channel, "channel_topic", "set the topic")
	desk.run()
	assert not replies(ticket) and not whispers(desk)
	assert not frappe.db.count("Portal Slack Event", {"state": ("!=", "Done")})
