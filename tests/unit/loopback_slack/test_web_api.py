"""The loopback Slack checks what Slack checks: all through Slack's own client, so that other tests can trust it."""

import time

import pytest
import requests
from slack_sdk.errors import SlackApiError

from tests.gateways.slack import TOKEN
from tests.gateways.slack.texts import as_stored
from tests.gateways.slack.workspace import APP, BOT, BOT_USER, OTHER_TEAM, TEAM
from tests.unit.loopback_slack.samples import BUTTONS, METADATA, app_of, refusal


class TestTokens:
	def test_who_the_app_is(self, workspace, app):
		found = app.auth_test()
		assert (found["team_id"], found["user_id"], found["bot_id"]) == (TEAM, BOT_USER, BOT)
		assert found["url"] == "https://portal-tests.slack.com/"
		assert "chat:write.customize" in found.headers["x-oauth-scopes"].split(",")

	def test_no_token_a_wrong_one_and_a_revoked_one(self, workspace, app):
		assert refusal(app_of(workspace, None).auth_test) == "not_authed"
		assert refusal(app_of(workspace, "xoxb-wrong").auth_test) == "invalid_auth"
		workspace.revoke_token()
		assert refusal(app.auth_test) == "token_revoked"
		assert workspace.events[-1]["event"] == {
			"type": "tokens_revoked",
			"tokens": {"oauth": [], "bot": [BOT_USER]},
		}
		workspace.uninstall()
		assert refusal(app.auth_test) == "account_inactive"
		assert workspace.events[-1]["event"] == {"type": "app_uninstalled"}
		workspace.restore_token()
		assert app.auth_test()["ok"]

	def test_a_scope_that_is_missing(self, workspace, app, channel):
		workspace.scopes -= {"chat:write"}
		with pytest.raises(SlackApiError) as caught:
			app.chat_postMessage(channel=channel, text="x")
		answer = caught.value.response
		assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
		assert answer["provided"].split(",") == sorted(workspace.scopes)

	def test_a_name_of_its_own_needs_its_scope(self, workspace, app, channel):
		assert app.chat_postMessage(channel=channel, text="x", username="Ann")["message"]["username"] == "Ann"
		workspace.scopes -= {"chat:write.customize"}
		assert refusal(app.chat_postMessage, channel=channel, text="x", username="Ann") == "missing_scope"

	def test_a_private_channel_needs_the_scopes_of_groups(self, workspace, app):
		private = workspace.add_channel("secret", is_private=True)
		workspace.scopes -= {"groups:read", "groups:history"}
		assert refusal(app.conversations_info, channel=private) == "missing_scope"
		assert refusal(app.conversations_history, channel=private) == "missing_scope"


class TestRequests:
	def post(self, workspace, name: str, **options) -> dict:
		headers = {"Authorization": f"Bearer {TOKEN}", **options.pop("headers", {})}
		return requests.post(f"{workspace.url}/api/{name}", headers=headers, timeout=5, **options).json()

	def test_an_unknown_method(self, app):
		assert refusal(app.api_call, "chat.shout") == "unknown_method"

	def test_arguments_that_are_missing(self, app, channel):
		assert refusal(app.api_call, "chat.postMessage", json={"text": "x"}) == "invalid_arguments"
		assert (
			refusal(app.api_call, "chat.update", json={"channel": channel, "text": "x"})
			== "invalid_arguments"
		)
		assert (
			refusal(app.api_call, "conversations.replies", params={"channel": channel}) == "thread_not_found"
		)

	def test_content_types(self, workspace, channel):
		form = self.post(workspace, "chat.postMessage", data={"channel": channel, "text": "by a form"})
		assert form["ok"]
		plain = {"headers": {"Content-Type": "text/plain"}, "data": "channel"}
		assert self.post(workspace, "chat.postMessage", **plain)["error"] == "invalid_post_type"
		broken = {"headers": {"Content-Type": "application/json"}, "data": "{"}
		assert self.post(workspace, "chat.postMessage", **broken)["error"] == "invalid_json"
		as_list = {"headers": {"Content-Type": "application/json"}, "data": "[]"}
		assert self.post(workspace, "chat.postMessage", **as_list)["error"] == "json_not_object"

	def test_a_forms_blocks_and_metadata_are_json(self, workspace, channel):
		wrong = self.post(workspace, "chat.postMessage", data={"channel": channel, "blocks": "{"})
		assert wrong["error"] == "invalid_blocks_format"
		wrong = self.post(
			workspace, "chat.postMessage", data={"channel": channel, "text": "x", "metadata": "{"}
		)
		assert wrong["error"] == "invalid_metadata_format"

	def test_upload_addresses_are_asked_for_by_a_form(self, workspace):
		found = self.post(workspace, "files.getUploadURLExternal", json={"filename": "a", "length": 1})
		assert found["error"] == "invalid_arguments"

	def test_every_call_is_recorded(self, workspace, app, channel):
		started = time.monotonic()
		app.chat_postMessage(channel=channel, text="x")
		(call,) = workspace.calls_of("chat.postMessage")
		assert call.arguments["text"] == "x" and call.answer["ok"] and call.at >= started
		assert workspace.wait_for(1)[0]["to"] == channel


class TestPosting:
	def test_a_message_and_its_thread(self, workspace, app, channel):
		posted = app.chat_postMessage(channel=channel, text="Hello", metadata=METADATA)
		reply = app.chat_postMessage(channel=channel, text="More", thread_ts=posted["ts"])
		assert [m["text"] for m in workspace.messages(channel)] == ["Hello"]
		assert [m["ts"] for m in workspace.thread(channel, posted["ts"])] == [posted["ts"], reply["ts"]]
		assert reply["message"]["parent_user_id"] == BOT_USER
		assert posted["message"]["metadata"] == {"event_type": "customer_portal"}

	def test_a_reply_that_is_broadcast_is_in_the_channel_too(self, workspace, app, channel):
		parent = app.chat_postMessage(channel=channel, text="Hello")["ts"]
		app.chat_postMessage(channel=channel, text="All", thread_ts=parent, reply_broadcast=True)
		assert [m["text"] for m in workspace.messages(channel)] == ["Hello", "All"]

	@pytest.mark.parametrize("method", ["chat_postMessage", "chat_postEphemeral"])
	def test_channels(self, workspace, app, agent, method):
		values = {"text": "x", **({"user": agent} if method == "chat_postEphemeral" else {})}
		outside = workspace.add_channel("outside", with_bot=False)
		hidden = workspace.add_channel("hidden", with_bot=False, is_private=True)
		archived = workspace.add_channel("archived")
		workspace.archive(archived)
		for channel, error in (
			("C0NOWHERE", "channel_not_found"),
			(outside, "not_in_channel"),
			(hidden, "channel_not_found"),
			(archived, "is_archived"),
		):
			assert refusal(getattr(app, method), channel=channel, **values) == error
		workspace.unarchive(archived)
		workspace.invite(agent, archived)
		assert getattr(app, method)(channel=archived, **values)["ok"]
		kinds = [envelope["event"]["type"] for envelope in workspace.events]
		assert kinds[:2] == ["channel_archive", "channel_unarchive"]

	def test_threads_exist(self, app, channel):
		assert (
			refusal(app.chat_postMessage, channel=channel, text="x", thread_ts="soon") == "invalid_thread_ts"
		)
		missing = "1700000000.000001"
		assert (
			refusal(app.chat_postMessage, channel=channel, text="x", thread_ts=missing) == "thread_not_found"
		)

	def test_texts(self, app, channel):
		assert refusal(app.chat_postMessage, channel=channel, text="") == "no_text"
		assert app.chat_postMessage(channel=channel, text="x" * 40_000)["ok"]
		assert refusal(app.chat_postMessage, channel=channel, text="x" * 40_001) == "msg_too_long"

	def test_metadata(self, app, channel):
		values = {"channel": channel, "text": "x"}
		nameless = {"event_payload": {}}
		assert refusal(app.chat_postMessage, **values, metadata=nameless) == "invalid_metadata_schema"
		flat = {"event_type": "x", "event_payload": "y"}
		assert refusal(app.chat_postMessage, **values, metadata=flat) == "invalid_metadata_schema"

	def test_a_private_answer_needs_somebody_in_the_channel(self, workspace, app, channel, agent):
		app.chat_postEphemeral(channel=channel, user=agent, text="Only you")
		(told,) = workspace.ephemerals
		assert (told["user"], told["text"], told["channel"]) == (agent, "Only you", channel)
		assert not workspace.messages(channel)
		stranger = workspace.add_user("Zoe", "zoe@elsewhere.example")
		assert (
			refusal(app.chat_postEphemeral, channel=channel, user=stranger, text="x") == "user_not_in_channel"
		)


class TestChanging:
	def test_an_update_keeps_blocks_and_metadata(self, workspace, app, channel):
		ts = app.chat_postMessage(channel=channel, text="Old", blocks=BUTTONS, metadata=METADATA)["ts"]
		app.chat_update(channel=channel, ts=ts, text="New")
		(message,) = workspace.messages(channel)
		assert message["text"] == "New" and message["edited"]["user"] == BOT
		assert message["metadata"] == METADATA and len(message["blocks"]) == 2
		app.chat_update(channel=channel, ts=ts, text="New", blocks=[], metadata={})
		(message,) = workspace.messages(channel)
		assert "blocks" not in message and "metadata" not in message

	def test_only_own_messages(self, workspace, app, channel, agent):
		said = workspace.say(agent, channel, "Mine")["ts"]
		assert refusal(app.chat_update, channel=channel, ts=said, text="x") == "cant_update_message"
		assert refusal(app.chat_delete, channel=channel, ts=said) == "cant_delete_message"
		missing = "1700000000.000001"
		assert refusal(app.chat_update, channel=channel, ts=missing, text="x") == "message_not_found"
		assert refusal(app.chat_delete, channel=channel, ts=missing) == "message_not_found"

	def test_an_update_is_shorter_and_not_in_an_archive(self, workspace, app, channel):
		ts = app.chat_postMessage(channel=channel, text="x")["ts"]
		assert refusal(app.chat_update, channel=channel, ts=ts, text="x" * 4001) == "msg_too_long"
		workspace.archive(channel)
		assert refusal(app.chat_update, channel=channel, ts=ts, text="y") == "is_inactive"

	def test_a_parent_that_is_deleted_leaves_a_tombstone(self, workspace, app, channel):
		parent = app.chat_postMessage(channel=channel, text="Parent")["ts"]
		reply = app.chat_postMessage(channel=channel, text="Reply", thread_ts=parent)["ts"]
		app.chat_delete(channel=channel, ts=parent)
		assert [m.get("subtype") for m in workspace.messages(channel)] == ["tombstone"]
		assert workspace.events[-1]["event"]["message"]["subtype"] == "tombstone"
		app.chat_delete(channel=channel, ts=reply)
		assert workspace.events[-1]["event"]["deleted_ts"] == reply
		assert refusal(app.chat_update, channel=channel, ts=parent, text="x") == "message_not_found"


class TestReading:
	def test_a_channel(self, workspace, app, channel):
		found = app.conversations_info(channel=channel)["channel"]
		assert found["is_member"] and not found["is_archived"] and not found["is_ext_shared"]
		workspace.kick(channel)
		workspace.archive(channel)
		found = app.conversations_info(channel=channel)["channel"]
		assert found["is_archived"] and not found["is_member"]
		shared = workspace.add_channel("shared", is_ext_shared=True)
		found = app.conversations_info(channel=shared)["channel"]
		assert found["is_ext_shared"] and OTHER_TEAM in found["shared_team_ids"]
		assert refusal(app.conversations_info, channel="C0NOWHERE") == "channel_not_found"

	def test_a_thread_comes_in_pages_and_each_has_the_parent(self, app, channel):
		parent = app.chat_postMessage(channel=channel, text="0", metadata=METADATA)["ts"]
		for number in range(1, 4):
			app.chat_postMessage(channel=channel, text=str(number), thread_ts=parent)
		values = {"channel": channel, "ts": parent, "limit": 2}
		page = app.conversations_replies(**values)
		assert [m["text"] for m in page["messages"]] == ["0", "1", "2"] and page["has_more"]
		assert page["messages"][0]["reply_count"] == 3
		assert page["messages"][0]["metadata"] == {"event_type": "customer_portal"}
		cursor = page["response_metadata"]["next_cursor"]
		page = app.conversations_replies(**values, cursor=cursor, include_all_metadata=True)
		assert [m["text"] for m in page["messages"]] == ["0", "3"] and not page["has_more"]
		assert page["messages"][0]["metadata"] == METADATA
		assert refusal(app.conversations_replies, **values, cursor="rubbish") == "invalid_cursor"
		assert refusal(app.conversations_replies, channel=channel, ts="1.000001") == "thread_not_found"

	def test_a_channels_history_is_between_two_times(self, workspace, app, channel):
		stamps = [app.chat_postMessage(channel=channel, text=str(number))["ts"] for number in range(4)]
		app.chat_postMessage(channel=channel, text="reply", thread_ts=stamps[3])

		def texts(**values):
			return [m["text"] for m in app.conversations_history(channel=channel, **values)["messages"]]

		assert texts() == ["3", "2", "1", "0"]
		assert texts(oldest=stamps[1]) == ["3", "2"]
		assert texts(oldest=stamps[1], inclusive=True) == ["3", "2", "1"]
		assert texts(latest=stamps[2], oldest=stamps[0]) == ["1"]
		assert texts(limit=1) == ["3"]
		assert refusal(app.conversations_history, channel=channel, oldest="now") == "invalid_ts_oldest"
		workspace.kick(channel)
		assert refusal(app.conversations_history, channel=channel) == "not_in_channel"

	def test_people(self, workspace, app, agent):
		found = app.users_info(user=agent)["user"]
		assert found["profile"]["email"] == "ann@portal-tests.example" and found["is_email_confirmed"]
		assert app.users_lookupByEmail(email="Ann@portal-tests.example")["user"]["id"] == agent
		workspace.scopes -= {"users:read.email"}
		assert "email" not in app.users_info(user=agent)["user"]["profile"]
		assert refusal(app.users_lookupByEmail, email="ann@portal-tests.example") == "missing_scope"

	def test_people_who_are_not_found(self, workspace, app):
		workspace.add_user("Gone", "gone@portal-tests.example", deleted=True)
		guest = workspace.add_user("Guest", "g@customer.example", is_stranger=True, team_id=OTHER_TEAM)
		assert refusal(app.users_info, user="U0NOBODY") == "user_not_found"
		for email in ("gone@portal-tests.example", "g@customer.example", "nobody@portal-tests.example"):
			assert refusal(app.users_lookupByEmail, email=email) == "users_not_found"
		found = app.users_info(user=guest)["user"]
		assert found["is_stranger"] and found["team_id"] == OTHER_TEAM and "email" not in found["profile"]


def test_texts_as_slack_stores_them():
	typed = "a & b <c> 👍 @Ann see https://example.com/a?b=1&c."
	stored = "a &amp; b &lt;c&gt; :+1: <@U0ANN> see <https://example.com/a?b=1&amp;c>."
	assert as_stored(typed, {"Ann": "U0ANN"}) == stored


def test_what_the_app_posts_comes_back_as_events(workspace, app, channel):
	ts = app.chat_postMessage(channel=channel, text="x", metadata=METADATA)["ts"]
	app.chat_update(channel=channel, ts=ts, text="y")
	app.chat_delete(channel=channel, ts=ts)
	posted, changed, deleted = (envelope["event"] for envelope in workspace.events)
	assert (posted["bot_id"], posted["app_id"], posted["metadata"]) == (BOT, APP, METADATA)
	assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "y")
	assert changed["previous_message"]["text"] == "x" and changed["message"]["bot_id"] == BOT
	assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
