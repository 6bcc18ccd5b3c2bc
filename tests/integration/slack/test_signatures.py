"""Requests that are not Slack's, or not of now: 401, and nothing is written.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import json
import time
from urllib.parse import urlencode

import frappe
import pytest

from tests.gateways import configure
from tests.gateways.slack import sign
from tests.integration.slack.conftest import rows
from tests.threads import in_parallel

KINDS = {"events": "application/json", "actions": "application/x-www-form-urlencoded"}
MINUTES = 60


@pytest.fixture(params=KINDS)
def envelope(request, desk, ticket):
	"""A message in the ticket's thread or a press of a button, and where it is sent."""
	slack, post = desk.slack, desk.post(ticket)
	slack.is_delivering = False
	if request.param == "events":
		slack.say(desk.user, desk.channel, "Hello", thread_ts=post["ts"])
		return slack.events_url, json.dumps(slack.events[-1]).encode(), KINDS["events"]
	pressed = slack.click(desk.user, desk.channel, post["ts"], "customer_portal_take")
	return slack.actions_url, urlencode({"payload": json.dumps(pressed)}).encode(), KINDS["actions"]


@pytest.fixture
def send(desk, envelope):
	"""Call it with headers, and a body that is not the signed one: the status."""
	address, right, kind = envelope

	def send(headers: dict, body: bytes = right) -> int:
		return desk.slack.post(address, body, {"Content-Type": kind, **headers}).status_code

	return send


@pytest.fixture
def body(envelope):
	return envelope[1]


def state() -> tuple:
	frappe.db.rollback()
	kinds = ("Portal Slack Event", "Communication", "HD Ticket Comment", "ToDo", "Portal Slack User")
	return *(frappe.db.count(doctype) for doctype in kinds), len(rows())


def test_signed_now(send, body):
	before = state()
	assert send(sign(body)) == 200
	assert state()[0] == before[0] + 1


def test_one_byte_changed(send, body):
	before = state()
	headers = sign(body)
	for place in (0, len(body) // 2, len(body) - 1):
		changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
		assert send(headers, changed) == 401
	assert send(headers, body + b" ") == 401
	assert state() == before


@pytest.mark.parametrize("shift", [-6 * MINUTES, 6 * MINUTES, -24 * 60 * MINUTES])
def test_not_of_now(send, body, shift):
	before = state()
	assert send(sign(body, at=int(time.time()) + shift)) == 401
	assert state() == before


def test_replayed(send, body):
	headers = sign(body)
	assert send(headers) == 200
	before = state()
	assert [send(headers) for _time in range(3)] == [401, 401, 401]
	assert state() == before


def test_told_again_by_slack(send, body):
	assert send(sign(body)) == 200
	before = state()
	again = [sign(body, at=int(time.time()) - age) for age in (2, 60, 200)]
	assert [send(headers) for headers in again] == [200, 200, 200]
	assert state()[1:] == before[1:]
	assert frappe.db.count("Portal Slack Event", {"reason": "told again", "payload": ("is", "not set")}) == 3
	told = state()
	assert [send(headers) for headers in again] == [401, 401, 401]
	assert state() == told


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_missing(send, body, missing):
	before = state()
	headers = sign(body)
	del headers[missing]
	assert send(headers) == 401
	assert send({}) == 401
	assert state() == before


@pytest.mark.parametrize(
	"changes",
	[
		{"X-Slack-Request-Timestamp": "now"},
		{"X-Slack-Request-Timestamp": "١٢٣"},
		{"X-Slack-Request-Timestamp": "1e9"},
		{"X-Slack-Request-Timestamp": "9" * 400},
		{"X-Slack-Request-Timestamp": "-1"},
		{"X-Slack-Signature": "v0="},
		{"X-Slack-Signature": "v0=" + "é" * 64},
		{"X-Slack-Signature": "v1=" + "0" * 64},
		{"X-Slack-Signature": "0" * 5000},
	],
	ids=lambda changes: str(*changes.values())[:20],
)
def test_nonsense_in_the_headers(send, body, changes):
	before = state()
	encoded = {name: value.encode() for name, value in {**sign(body), **changes}.items()}
	assert send(encoded) == 401
	assert state() == before


def test_signed_with_another_secret(send, body):
	before = state()
	for secret in ("", "a", "8f742231b10e8888abcd99yyyzzz85a6"):
		assert send(sign(body, secret)) == 401
	assert state() == before


def test_without_a_secret_in_the_settings(send, body):
	before = state()
	frappe.db.delete("__Auth", {"fieldname": "slack_signing_secret"})
	configure(slack_signing_secret="")
	assert send(sign(body, "")) == 401
	assert send(sign(body)) == 401
	assert state() == before


@pytest.mark.parametrize(
	"wrong", [b"", b"{}", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b'{"type": "event_callback"}']
)
def test_signed_nonsense(send, wrong):
	before = state()
	assert 400 <= send(sign(wrong), wrong) < 500
	assert state() == before


def test_too_large(send):
	large = b'{"type": "event_callback", "x": "' + b"x" * 1_100_000 + b'"}'
	assert send(sign(large), large) == 413


def test_the_address_is_proved(desk):
	assert desk.slack.verify_url("a-challenge") == (200, "a-challenge")
	status, _body = desk.slack.deliver({"type": "url_verification", "challenge": "x"}, secret="wrong")
	assert status == 401


def test_repeated_many_times_at_once(send, body):
	headers = sign(body)
	assert send(headers) == 200
	before = state()
	for _round in range(10):
		assert set(in_parallel(lambda _time: send(headers), range(16), workers=16)) == {401}
	assert state() == before
