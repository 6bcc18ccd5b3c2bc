"""What people do arrives signed at the Request URLs."""

import json
import time
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier

from tests.gateways.server import HttpServer
from tests.gateways.slack import SIGNING_SECRET, sign
from tests.gateways.slack.workspace import APP, BOT_USER, OTHER_TEAM, TEAM
from tests.unit.loopback_slack.samples import BUTTONS


class Receiver(HttpServer):
	"""The app's own server, as far as Slack sees it."""

	def respond(self, request, body):
		headers = dict(request.headers)
		self.received.append({"path": request.path, "headers": headers, "body": body})
		return 200, json.loads(body).get("challenge", "") if body.startswith("{") else "", {}

	@property
	def events(self) -> list[dict]:
		return [json.loads(got["body"])["event"] for got in self.received if got["path"].endswith("/events")]


@pytest.fixture
def receiver(workspace):
	server = Receiver()
	workspace.connect(server.url, "help.example:8000")
	yield server
	server.stop()


def is_signed(got: dict) -> bool:
	return SignatureVerifier(SIGNING_SECRET).is_valid_request(got["body"], got["headers"])


def test_the_signature_of_slacks_own_example():
	body = (
		"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
		"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	)
	signed = sign(body, at=1531420618)["X-Slack-Signature"]
	assert signed == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_a_message_and_its_envelope(workspace, receiver, channel, agent):
	message = workspace.say(agent, channel, "Hello :smile:")
	(got,) = receiver.received
	envelope = json.loads(got["body"])
	assert got["path"] == "/portal/hooks/slack/events" and is_signed(got)
	assert got["headers"]["Host"] == "help.example:8000"
	assert (envelope["type"], envelope["team_id"], envelope["api_app_id"]) == ("event_callback", TEAM, APP)
	assert envelope["authorizations"][0]["user_id"] == BOT_USER and envelope["event_id"].startswith("Ev")
	event = envelope["event"]
	assert (event["user"], event["text"], event["ts"]) == (agent, "Hello :smile:", message["ts"])
	assert (event["channel"], event["channel_type"]) == (channel, "channel")
	assert workspace.deliveries[-1].status == 200


def test_replies_edits_and_deletions(workspace, receiver, channel, agent):
	parent = workspace.say(agent, channel, "Parent")["ts"]
	reply = workspace.say(agent, channel, "Reply", thread_ts=parent)["ts"]
	workspace.edit(agent, channel, reply, "Better")
	workspace.unfurl(channel, reply, "https://example.com")
	workspace.remove(agent, channel, reply)
	_, said, edited, unfurled, removed = receiver.events
	assert (said["thread_ts"], said["parent_user_id"]) == (parent, agent)
	assert (edited["message"]["text"], edited["previous_message"]["text"]) == ("Better", "Reply")
	assert edited["message"]["edited"]["user"] == agent and edited["hidden"]
	assert unfurled["message"]["edited"] == unfurled["previous_message"]["edited"]
	assert (removed["deleted_ts"], removed["previous_message"]["text"]) == (reply, "Better")
	assert [m["ts"] for m in workspace.thread(channel, parent)] == [parent]


def test_what_a_person_cannot_do(workspace, channel, agent):
	other = workspace.add_user("Bob", "bob@portal-tests.example")
	with pytest.raises(ValueError):
		workspace.say(other, channel, "x")
	workspace.invite(other, channel)
	ts = workspace.say(agent, channel, "x")["ts"]
	with pytest.raises(ValueError):
		workspace.edit(other, channel, ts, "y")
	workspace.archive(channel)
	with pytest.raises(ValueError):
		workspace.say(agent, channel, "x")


def test_a_guest_of_a_shared_channel(workspace, receiver):
	guest = workspace.add_user("Guest", "g@customer.example", team_id=OTHER_TEAM)
	shared = workspace.add_channel("shared", [guest], is_ext_shared=True, is_private=True)
	workspace.say(guest, shared, "x")
	(event,) = receiver.events
	assert (event["user_team"], event["channel_type"]) == (OTHER_TEAM, "group")
	assert workspace.events[-1]["is_ext_shared_channel"]


def test_nothing_is_heard_of_channels_without_the_app(workspace, receiver, agent):
	outside = workspace.add_channel("outside", [agent], with_bot=False)
	workspace.say(agent, outside, "x")
	assert not receiver.received and not workspace.events


def test_the_apps_own_posts_come_back(workspace, receiver, app, channel):
	ts = app.chat_postMessage(channel=channel, text="x")["ts"]
	app.chat_update(channel=channel, ts=ts, text="y")
	app.chat_delete(channel=channel, ts=ts)
	workspace.settle()
	assert [event.get("subtype") for event in receiver.events] == [None, "message_changed", "message_deleted"]


def test_delivery_by_hand(workspace, receiver, channel, agent):
	workspace.is_delivering = False
	workspace.say(agent, channel, "x")
	assert not receiver.received
	(envelope,) = workspace.events
	old = int(time.time()) - 360
	assert workspace.deliver(envelope, retry=2) == (200, "")
	workspace.deliver(envelope, at=old)
	workspace.deliver(envelope, secret="wrong")
	assert [is_signed(got) for got in receiver.received] == [True, False, False]
	headers = receiver.received[0]["headers"]
	assert (headers["X-Slack-Retry-Num"], headers["X-Slack-Retry-Reason"]) == ("2", "http_timeout")
	assert receiver.received[1]["headers"]["X-Slack-Request-Timestamp"] == str(old)


def test_nobody_answers(workspace, receiver, channel, agent):
	receiver.stop()
	workspace.say(agent, channel, "x")
	assert workspace.deliveries[-1].status == 0


def test_the_request_url_is_verified(workspace, receiver):
	assert workspace.verify_url("abc") == (200, "abc")
	assert is_signed(receiver.received[0])


class TestClicks:
	@pytest.fixture
	def post(self, app, channel):
		return app.chat_postMessage(channel=channel, text="Ticket 7", blocks=BUTTONS)["ts"]

	def payload(self, got: dict) -> dict:
		assert got["path"] == "/portal/hooks/slack/actions" and is_signed(got)
		assert got["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
		return json.loads(parse_qs(got["body"])["payload"][0])

	def test_a_button(self, workspace, post, receiver, channel, agent):
		workspace.click(agent, channel, post, "take")
		payload = self.payload(receiver.received[-1])
		(action,) = payload["actions"]
		assert (payload["type"], payload["user"]["id"], payload["channel"]["id"]) == (
			"block_actions",
			agent,
			channel,
		)
		assert (action["action_id"], action["value"], action["type"]) == ("take", "7", "button")
		assert payload["container"]["message_ts"] == payload["message"]["ts"] == post
		assert action["block_id"] == payload["message"]["blocks"][1]["block_id"]

	def test_a_menu(self, workspace, post, receiver, channel, agent):
		workspace.click(agent, channel, post, "status", selected_option="shipped")
		payload = self.payload(receiver.received[-1])
		(action,) = payload["actions"]
		assert action["selected_option"]["value"] == "shipped"
		chosen = payload["state"]["values"][action["block_id"]]["status"]["selected_option"]
		assert chosen == action["selected_option"]

	def test_what_is_not_there(self, workspace, post, channel, agent):
		with pytest.raises(LookupError):
			workspace.click(agent, channel, post, "close")
		with pytest.raises(LookupError):
			workspace.click(agent, channel, post, "status", selected_option="lost")
