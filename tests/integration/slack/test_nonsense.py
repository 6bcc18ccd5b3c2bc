"""Signed requests that are out of order."""

import json
import time
from urllib.parse import urlencode

import pytest

from tests.factories import unique
from tests.gateways.slack.events import sign
from tests.integration.slack.conftest import replies


def post_signed(desk, body: bytes, where="events"):
	address = desk.slack.events_url if where == "events" else desk.slack.actions_url
	kind = "application/json" if where == "events" else "application/x-www-form-urlencoded"
	return desk.slack.post(address, body, sign(body) | {"Content-Type": kind})


def event_with(**inner) -> bytes:
	return json.dumps({"type": "event_callback", "event_id": unique("Ev"), "event": inner}).encode()


@pytest.mark.parametrize("number", range(14))
def test_signed_nonsense_is_no_5xx(desk, ticket, number):
	c, t = desk.channel, desk.post(ticket)["ts"]
	action = {"type": "block_actions", "trigger_id": unique("t")}
	bodies = [
		(
			"events",
			json.dumps({"type": "event_callback", "event_id": "\ud800", "event": {"type": "x"}}).encode(),
		),
		("events", event_with(type="\ud800")),
		("events", event_with(type="message", channel=c, thread_ts="\ud800", user="U1")),
		("events", event_with(type="message", channel=c, thread_ts=t, user="\ud800", text="x")),
		("events", json.dumps({"type": "url_verification", "challenge": "\ud800"}).encode()),
		("events", b'{"type":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
		("events", event_with(type="message", channel="\ud800", thread_ts=t, user="U1")),
		("events", event_with(type="x" * 5000, channel={"a": 1})),
		(
			"events",
			json.dumps({"type": "event_callback", "event_id": "\x00" * 10, "event": {"type": "x"}}).encode(),
		),
		("actions", urlencode({"payload": json.dumps({**action, "channel": "C1"})}).encode()),
		("actions", urlencode({"payload": json.dumps({**action, "message": [1]})}).encode()),
		("actions", urlencode({"payload": json.dumps({**action, "user": "U1"})}).encode()),
		("actions", urlencode({"payload": json.dumps({**action, "trigger_id": "\ud800"})}).encode()),
		("actions", urlencode({"payload": json.dumps({"type": "\ud800"})}).encode()),
	]
	where, body = bodies[number]
	answer_ = post_signed(desk, body, where)
	assert answer_.status_code < 500, (number, answer_.status_code, answer_.text[:300])


@pytest.mark.parametrize(
	"odd",
	[
		{"files": 5},
		{"files": [{"id": "F1", "size": "x"}]},
		{"edited": "x"},
		{"edited": {"ts": "abc"}},
		{"ts": "abc"},
		{"text": None},
		{"text": 5},
		{"ts": "abc", "edited": {"ts": "1.0"}, "changed": 1},
	],
	ids=str,
)
def test_an_odd_message_keeps_its_thread_not_waiting(desk, ticket, odd):
	odd = dict(odd)
	message = {
		"type": "message",
		"channel": desk.channel,
		"user": desk.user,
		"text": "odd",
		"ts": f"{time.time():.6f}",
	}
	message |= {"thread_ts": desk.post(ticket)["ts"]}
	if odd.pop("changed", None):
		event = {
			"type": "message",
			"subtype": "message_changed",
			"channel": desk.channel,
			"message": message | odd,
		}
	else:
		event = message | odd
	assert desk.slack.deliver(desk.slack.envelope(event))[0] == 200
	desk.say(ticket, "After it")
	assert "<p>After it</p>" in [one.content for one in replies(ticket)]
