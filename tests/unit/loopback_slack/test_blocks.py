"""What Slack refuses of Block Kit."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.unit.loopback_slack.samples import BUTTONS, refusal


def plain(length: int) -> dict:
	return {"type": "plain_text", "text": "x" * length}


def section(length: int = 1, **values) -> dict:
	return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}, **values}


def actions(*elements: dict, **values) -> dict:
	return {"type": "actions", "elements": list(elements), **values}


def button(length: int = 1, **values) -> dict:
	return {"type": "button", "text": plain(length), **values}


def option(length: int = 1, value: str = "v", **values) -> dict:
	return {"text": plain(length), "value": value, **values}


def menu(*options: dict, **values) -> dict:
	return {"type": "static_select", "options": list(options), **values}


GOOD = [
	[section(3000)],
	[{"type": "section", "fields": [plain(2000)] * 5}],
	[section()] * 50,
	[actions(*[button(75, value="x" * 2000, action_id=f"{n}") for n in range(25)])],
	[actions(menu(*[option(75, "x" * 150)] * 50, initial_option=option(75, "x" * 150), action_id="a" * 255))],
	[
		section(
			block_id="x" * 255,
			accessory=button(confirm={n: plain(30) for n in ("title", "text", "confirm", "deny")}),
		)
	],
	[
		{"type": "header", "text": plain(150)},
		{"type": "divider"},
		{"type": "context", "elements": [plain(1)] * 10},
	],
	[{"type": "image", "image_url": "https://a.example/b.png", "alt_text": "b"}],
	[{"type": "markdown", "text": "x" * 12_000}],
	BUTTONS,
]

BAD = [
	[section(3001)],
	[section(0)],
	[{"type": "section"}],
	[{"type": "section", "fields": [plain(1)] * 11}],
	[{"type": "section", "fields": [plain(2001)]}],
	[{"type": "section", "text": "x"}],
	[section()] * 51,
	[section(colour="red")],
	[{"type": "poem"}],
	[section(block_id="x" * 256)],
	[section(block_id="same"), section(block_id="same")],
	[actions()],
	[actions(*[button(action_id=f"{n}") for n in range(26)])],
	[actions(button(action_id="same"), button(action_id="same"))],
	[actions(button(76))],
	[actions(button(action_id="x" * 256))],
	[actions(button(value="x" * 2001))],
	[actions(button(url="https://" + "x" * 3000))],
	[actions(button(style="blue"))],
	[actions(button() | {"text": {"type": "mrkdwn", "text": "x"}})],
	[actions(menu())],
	[actions(menu(*[option()] * 101))],
	[actions(menu(option(76)))],
	[actions(menu(option(1, "x" * 151)))],
	[actions(menu(option(), initial_option=option(1, "other")))],
	[actions(menu(option(), placeholder=plain(151)))],
	[actions({"type": "overflow", "options": [option()] * 6})],
	[actions(button(confirm={"title": plain(101)}))],
	[{"type": "header", "text": plain(151)}],
	[{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
	[{"type": "context", "elements": [plain(1)] * 11}],
	[{"type": "image", "image_url": "https://a.example/b.png"}],
]


@pytest.mark.parametrize("blocks", GOOD)
def test_blocks_within_the_limits(app, channel, blocks):
	assert app.chat_postMessage(channel=channel, text="x", blocks=blocks)["ok"]


@pytest.mark.parametrize("blocks", BAD)
def test_blocks_beyond_them(app, channel, blocks):
	assert refusal(app.chat_postMessage, channel=channel, text="x", blocks=blocks) == "invalid_blocks"


def test_the_answer_points_to_what_is_wrong(app, channel):
	with pytest.raises(SlackApiError) as caught:
		app.chat_postMessage(channel=channel, text="x", blocks=[section(), section(3001)])
	assert caught.value.response["errors"] == [
		"must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
	]


def test_what_is_no_list_of_blocks(app, channel):
	for wrong in ("{", "{}", "[1]"):
		assert (
			refusal(app.chat_postMessage, channel=channel, text="x", blocks=wrong) == "invalid_blocks_format"
		)


def test_all_blocks_together(app, channel):
	blocks = [section(3000)] * 5
	assert refusal(app.chat_postMessage, channel=channel, text="x", blocks=blocks) == "msg_blocks_too_long"


def test_a_block_gets_an_id(workspace, app, channel):
	app.chat_postMessage(channel=channel, text="x", blocks=BUTTONS)
	(message,) = workspace.messages(channel)
	assert all(block["block_id"] for block in message["blocks"])
