"""Slack's limits: https://docs.slack.dev/apis/web-api/rate-limits. One message a second in a channel, and Retry-After."""

import time
from datetime import timedelta

import frappe
import pytest

from customer_portal.integrations.failures import TemporaryFailure
from customer_portal.integrations.slack import client
from customer_portal.slack import delivery
from tests.factories import unique
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.time_machine import forget_limits, make_due, sweep_until_quiet
from tests.organisations import make_organisation
from tests.talk import say


@pytest.fixture(autouse=True)
def pace():
	"""As it is."""


def texts(desk, ticket, channel=None) -> list[str]:
	return [message["text"] for message in desk.thread(ticket, channel)]


def waiting() -> list:
	return rows(kind="Message", state="Queued")


def test_ten_messages_in_one_channel(desk, ticket):
	"""Slack never has to say that it is too much."""
	desk.slack.burst = 3
	said = [f"Message {number}" for number in range(10)]
	for text in said:
		say(ticket, f"<p>{text}</p>", sent=False)
	started = time.monotonic()
	while waiting() and time.monotonic() < started + 120:
		delivery.deliver_due(10)
	seconds = time.monotonic() - started
	assert texts(desk, ticket) == said
	assert texts(desk, ticket, desk.slack.triage) == said
	assert desk.slack.refused == 0
	assert seconds >= 9
	assert_side_by_side(desk, len(said))


def assert_side_by_side(desk, most: int) -> None:
	"""Neither channel is far ahead of the other."""
	ahead = 0
	for call in desk.slack.calls_of("chat.postMessage"):
		ahead += 1 if call.arguments["channel"] == desk.channel else -1
		assert abs(ahead) <= 2 < most


def test_channels_do_not_wait_for_each_other(desk, ticket, open_door):
	desk.slack.burst = 1
	others = [make_organisation("other") for _number in range(4)]
	places = [desk.slack.add_channel(unique("other")) for _other in others]
	for place, other in zip(places, others, strict=True):
		other.change(slack_channel=place)
	tickets = [other.ticket() for other in others]
	for text in ("one", "two"):
		for one in tickets:
			say(one, f"<p>{text}</p>", sent=False)
	make_due()
	desk.slack.calls.clear()
	while waiting():
		delivery.deliver_due(10)
	for place, one in zip(places, tickets, strict=True):
		assert texts(desk, one, place) == ["one", "two"]
	assert desk.slack.refused == 0
	said = [call.arguments for call in desk.slack.calls_of("chat.postMessage")]
	first = [one["text"] for one in said if one["channel"] in places and one["text"] in ("one", "two")]
	assert first[: len(places)] == ["one"] * len(places)


@pytest.mark.parametrize("seconds", [2, 4])
def test_retry_after_is_obeyed(desk, ticket, agent, seconds):
	desk.slack.fail("chat.postMessage", "ratelimited", times=3, retry_after=seconds)
	for text in ("one", "two", "three"):
		answer(ticket, agent, f"<p>{text}</p>")
	deadline = time.monotonic() + 60
	while waiting() and time.monotonic() < deadline:
		delivery.deliver_due(10)
	assert desk.slack.impatient == 0
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["one", "two", "three"]


def test_one_method_says_nothing_about_the_others(desk, ticket, agent):
	"""Slack counts each by itself: what people say does not wait for updates of posts."""
	desk.slack.fail("chat.update", "ratelimited", times=1, retry_after=30)
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Changed"}).save()
	frappe.db.commit()
	delivery.deliver_due(30)
	answer(ticket, agent, "<p>Hello</p>")
	delivery.deliver_due(30)
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["Hello"]
	assert desk.slack.impatient == 0


def test_everybody_who_calls_waits(desk):
	desk.slack.fail("users.info", "ratelimited", times=1, retry_after=30)
	for _call in range(3):
		with pytest.raises(TemporaryFailure) as failure:
			client.member(desk.user, "T0PORTAL01")
		assert 25 <= failure.value.retry_after <= 30
	assert len(desk.slack.calls_of("users.info")) == 1


def test_a_storm_counts_as_no_attempt(desk, ticket, agent):
	"""Afterwards nothing waits for the end of a long pause."""
	desk.slack.mode = "429"
	answer(ticket, agent, "<p>Hello</p>")
	for _storm in range(6):
		make_due()
		forget_limits()
		delivery.deliver_due(0.5)
	assert [row.attempts for row in waiting()] == [0, 0]
	desk.slack.mode = "ok"
	sweep_until_quiet()
	assert texts(desk, ticket) == ["Hello"]


@pytest.mark.parametrize("error", ["ratelimited", "rate_limited", "message_limit_exceeded"])
def test_a_limit_that_comes_as_a_plain_error(desk, ticket, agent, error):
	desk.slack.errors_without_status.add(error)
	answer(ticket, agent, "<p>Hello</p>")
	make_due()
	delivery.deliver_due(1)
	assert len(waiting()) == 2
	desk.slack.errors_without_status.clear()
	forget_limits()
	sweep_until_quiet()
	assert texts(desk, ticket) == ["Hello"]


@pytest.mark.parametrize("header", ["99999999999999999999", "soon", "-5", ""])
def test_a_retry_after_that_makes_no_sense(desk, ticket, agent, header):
	desk.slack.retry_after_header = header
	desk.slack.mode = "429"
	answer(ticket, agent, "<p>Hello</p>")
	make_due()
	delivery.deliver_due(1)
	assert len(waiting()) == 2
	assert all(row.due_at < row.queued_at + timedelta(hours=2) for row in waiting())


def test_people_do_not_wait_for_what_follows_tickets(desk, agent, organisation, sara):
	"""An agent edits many tickets at once; a customer's message comes before all those updates."""
	tickets = [organisation.ticket(sara) for _number in range(8)]
	sweep_until_quiet()
	for one in tickets:
		frappe.get_doc("HD Ticket", one.name).update({"subject": unique("Changed")}).save()
	frappe.db.commit()
	say(tickets[-1], "<p>Help</p>", sent=False)
	desk.slack.calls.clear()
	make_due()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		of_channel = [call.method for call in desk.slack.calls if call.arguments.get("channel") == channel]
		assert of_channel[0] == "chat.postMessage"
		assert "chat.update" in of_channel[1:]
