"""Slack is slow, down, broken, or says that it is called too often."""

import time

import pytest
from slack_sdk.errors import SlackApiError

from tests.unit.loopback_slack.samples import app_of


def limited(call, **values):
	with pytest.raises(SlackApiError) as caught:
		call(**values)
	response = caught.value.response
	assert (response.status_code, response["error"]) == (429, "ratelimited")
	return int(response.headers["Retry-After"])


def test_about_one_message_a_second_in_a_channel(workspace, app, channel):
	workspace.burst = 2
	workspace.posts_per_second = 0.2
	other = workspace.add_channel("other")
	for _ in range(2):
		app.chat_postMessage(channel=channel, text="x")
	assert limited(app.chat_postMessage, channel=channel, text="x") == 5
	assert (workspace.refused, workspace.impatient) == (1, 0)
	time.sleep(5.05)
	app.chat_postMessage(channel=channel, text="x")
	app.chat_postMessage(channel=other, text="x")
	assert (workspace.refused, workspace.impatient) == (1, 0)
	assert len(workspace.messages(channel)) == 3


def test_a_call_before_retry_after_is_over_is_counted(workspace, app, channel):
	workspace.burst, workspace.posts_per_second = 1, 0.05
	app.chat_postMessage(channel=channel, text="x")
	limited(app.chat_postMessage, channel=channel, text="x")
	app.conversations_info(channel=channel)
	assert workspace.impatient == 0
	limited(app.chat_postMessage, channel=channel, text="x")
	assert (workspace.refused, workspace.impatient) == (2, 1)


def test_other_methods_by_their_tier(workspace, app, channel):
	for _ in range(50):
		app.conversations_info(channel=channel)
	assert 1 <= limited(app.conversations_info, channel=channel) <= 2
	workspace.is_limited = False
	assert app.conversations_info(channel=channel)["ok"]


def test_a_storm_of_429_takes_nothing(workspace, app, channel):
	workspace.mode, workspace.retry_after = "429", 30
	assert limited(app.chat_postMessage, channel=channel, text="x") == 30
	assert limited(app.auth_test) == 30
	assert not workspace.messages(channel) and workspace.refused == 0
	workspace.mode = "ok"
	app.chat_postMessage(channel=channel, text="x")
	assert workspace.impatient == 1


def test_a_server_error_takes_nothing(workspace, app, channel):
	workspace.mode = "500"
	with pytest.raises(SlackApiError) as caught:
		app.chat_postMessage(channel=channel, text="x")
	assert caught.value.response.status_code == 500
	assert not workspace.messages(channel)
	assert workspace.calls_of("chat.postMessage")[0].arguments["text"] == "x"


@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_a_message_that_was_taken_without_an_answer(workspace, app, channel, mode):
	workspace.mode = mode
	with pytest.raises(OSError):
		app.chat_postMessage(channel=channel, text="x")
	assert [m["text"] for m in workspace.messages(channel)] == ["x"]


def test_down_and_up_again(workspace, channel):
	workspace.stop()
	with pytest.raises(OSError):
		app_of(workspace).chat_postMessage(channel=channel, text="x")
	workspace.start()
	app_of(workspace).chat_postMessage(channel=channel, text="x")
	assert len(workspace.messages(channel)) == 1


def test_the_next_calls_of_one_method(workspace, app, channel):
	workspace.fail("chat.postMessage", "fatal_error", times=2)
	for _ in range(2):
		with pytest.raises(SlackApiError, match="fatal_error"):
			app.chat_postMessage(channel=channel, text="x")
		assert app.auth_test()["ok"]
	app.chat_postMessage(channel=channel, text="y")
	assert [m["text"] for m in workspace.messages(channel)] == ["y"]


@pytest.mark.parametrize("error", ["drop", "500", "fatal_error"])
def test_one_call_that_was_taken_and_failed(workspace, app, channel, error):
	workspace.fail("chat.postMessage", error, is_taken=True)
	with pytest.raises((OSError, SlackApiError)):
		app.chat_postMessage(channel=channel, text="x")
	found = app.conversations_history(channel=channel)["messages"]
	assert [message["text"] for message in found] == ["x"]


def test_one_call_that_is_told_to_wait(workspace, app, channel):
	workspace.fail("chat.postMessage", "ratelimited", retry_after=7)
	assert limited(app.chat_postMessage, channel=channel, text="x") == 7
	assert (workspace.refused, len(workspace.messages(channel))) == (0, 0)
