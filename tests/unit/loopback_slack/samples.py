"""What the tests of the loopback Slack post, and how they see it refuse."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.gateways.slack import TOKEN, Slack

METADATA = {"event_type": "customer_portal", "event_payload": {"key": "row-1"}}
BUTTONS = [
	{"type": "section", "text": {"type": "mrkdwn", "text": "*Ticket 7*"}},
	{
		"type": "actions",
		"elements": [
			{
				"type": "button",
				"action_id": "take",
				"text": {"type": "plain_text", "text": "Take it"},
				"value": "7",
			},
			{
				"type": "static_select",
				"action_id": "status",
				"placeholder": {"type": "plain_text", "text": "Status"},
				"options": [{"text": {"type": "plain_text", "text": "Shipped"}, "value": "shipped"}],
			},
		],
	},
]


def app_of(slack: Slack, token: str | None = TOKEN) -> WebClient:
	return WebClient(token, base_url=f"{slack.url}/api/", timeout=2, retry_handlers=[])


def refusal(call, *arguments, **values) -> str:
	with pytest.raises(SlackApiError) as caught:
		call(*arguments, **values)
	return caught.value.response["error"]
