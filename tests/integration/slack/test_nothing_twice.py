"""Workers that die, calls without an answer, and several workers at once: nothing is in Slack twice."""

import signal
from datetime import timedelta

import frappe
import pytest

from customer_portal.slack import delivery, outbox
from tests import processes
from tests.factories import attach_file
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.time_machine import expire_claims, make_due, sweep_until_quiet
from tests.talk import PDF, say
from tests.threads import in_parallel


def texts(desk, ticket, channel=None) -> list[str]:
	return [message["text"] for message in desk.thread(ticket, channel)]


def kill_a_worker(command: str) -> None:
	process = processes.start(command)
	process.wait(300)
	assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("command", ["die_before_slack", "die_after_slack"])
def test_a_worker_is_killed_at_a_message(desk, ticket, agent, command):
	answer(ticket, agent, "<p>Hello</p>")
	make_due()
	for _worker in range(2):
		kill_a_worker(command)
	assert [row.state for row in rows(kind="Message", state="Sending")] == ["Sending", "Sending"]
	expire_claims()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["Hello"]


def test_a_worker_is_killed_at_a_post(desk, organisation, sara):
	ticket = organisation.ticket(sara)
	kill_a_worker("die_after_slack")
	kill_a_worker("die_after_slack")
	expire_claims()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert len(desk.slack.messages(channel)) == 1
		assert desk.post(ticket, channel)


@pytest.mark.parametrize("kind", ["hang", "drop", "500"])
def test_a_post_is_found_among_many(desk, organisation, sara, kind):
	"""More have been written since than Slack hands out at once."""
	ticket = organisation.ticket(sara)
	desk.slack.fail("chat.postMessage", kind, times=1, is_taken=True)
	delivery.deliver_due(2)
	(doubtful,) = rows(doubtful_since=("is", "set"))
	for number in range(450):
		desk.slack.say(desk.user, doubtful.channel, f"Other talk {number}")
	sweep_until_quiet()
	ours = [post for post in desk.slack.messages(doubtful.channel) if post.get("bot_id")]
	assert len(ours) == 1
	assert desk.post(ticket, doubtful.channel)["ts"] == ours[0]["ts"]


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_post_is_found_by_another_clock(desk, organisation, sara, minutes):
	"""Ours is so far ahead of Slack's; farther, and Slack's signatures would not be taken."""
	organisation.ticket(sara)
	desk.slack.fail("chat.postMessage", "drop", times=1, is_taken=True)
	delivery.deliver_due(2)
	(doubtful,) = rows(doubtful_since=("is", "set"))
	doubted = doubtful.doubtful_since + timedelta(minutes=minutes)
	frappe.db.set_value(outbox.DOCTYPE, doubtful.name, "doubtful_since", doubted)
	sweep_until_quiet()
	assert len(desk.slack.messages(doubtful.channel)) == 1


@pytest.mark.parametrize("kind", ["hang", "drop", "500"])
def test_a_reply_is_found_in_a_long_thread(desk, ticket, agent, kind):
	answer(ticket, agent, "<p>Hello</p>")
	desk.slack.fail("chat.postMessage", kind, times=1, is_taken=True)
	make_due()
	delivery.deliver_due(2)
	(doubtful,) = rows(doubtful_since=("is", "set"))
	post = desk.post(ticket, doubtful.channel)
	for number in range(250):
		desk.slack.say(desk.user, doubtful.channel, f"Other talk {number}", thread_ts=post["ts"])
	sweep_until_quiet()
	assert texts(desk, ticket, doubtful.channel).count("Hello") == 1


@pytest.mark.parametrize(
	("method", "error"),
	[
		("upload", "500"),
		("upload", "drop"),
		("files.getUploadURLExternal", "drop"),
		("files.getUploadURLExternal", "ratelimited"),
		("files.completeUploadExternal", "hang"),
		("files.completeUploadExternal", "drop"),
		("files.completeUploadExternal", "500"),
		("files.completeUploadExternal", "ratelimited"),
		("files.completeUploadExternal", "internal_error"),
		("files.completeUploadExternal", "service_unavailable"),
	],
)
def test_a_file_comes_once(desk, ticket, agent, method, error):
	message = say(ticket, "<p>See the file</p>", sent=False, email_account="")
	attach_file(message, "manual.pdf", PDF, owner=message.owner)
	desk.slack.fail(method, error, times=2)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		files = [file for one in desk.thread(ticket, channel) for file in one.get("files", ())]
		assert [file["name"] for file in files] == ["manual.pdf"]
		assert desk.thread(ticket, channel)[0]["text"] == "See the file"


def test_four_workers_at_once(desk, organisation, sara, agent):
	"""Each message once, and each thread in its order."""
	desk.slack.is_limited = False
	tickets = [organisation.ticket(sara) for _number in range(3)]
	said = [f"Message {number}" for number in range(3)]
	for text in said:
		for ticket in tickets:
			answer(ticket, agent, f"<p>{text}</p>")
	for _round in range(8):
		make_due()
		in_parallel(lambda _worker: delivery.deliver_due(3), range(4), workers=4)
		if {row.state for row in rows()} == {"Sent"}:
			break
	for channel in (desk.channel, desk.slack.triage):
		assert len(desk.slack.messages(channel)) == len(tickets)
		assert all(texts(desk, ticket, channel) == said for ticket in tickets)
