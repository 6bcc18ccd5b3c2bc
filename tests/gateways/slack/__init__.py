"""Slack: a loopback workspace that checks what Slack checks, and delivers what happens in it.

``Slack`` is put together from: workspace (channels, people, messages), people (they write), clicks (they press
buttons), files, events (signed delivery), limits, and the Web API: api (what methods share), chat, reading, files.
Errors are those that docs.slack.dev lists for each method.
"""

import pytest

from tests.gateways import configure, save
from tests.gateways.slack.api import TOKEN
from tests.gateways.slack.events import SIGNING_SECRET, sign
from tests.gateways.slack.server import Slack

__all__ = ["SIGNING_SECRET", "TOKEN", "Slack", "sign", "use_slack"]


def use_slack(slack: Slack, **values) -> None:
	save(
		**{
			"slack_enabled": 1,
			"slack_bot_token": slack.token,
			"slack_signing_secret": slack.signing_secret,
			"slack_triage_channel": slack.triage,
			"slack_triage_mode": "Two-way",
			"slack_api_base": slack.url,
			"provider_timeout_seconds": 2,
			**values,
		}
	)


@pytest.fixture
def slack(site):
	"""Customer Portal Settings leads to this workspace; ``slack.triage`` is its triage channel. Events are only collected."""
	workspace = Slack()
	use_slack(workspace)
	yield workspace
	workspace.stop()
	configure(slack_enabled=0, slack_triage_channel="", slack_api_base="")


@pytest.fixture
def slack_hooks(slack, server, site):
	"""The same workspace, whose events and clicks go to the loopback web server."""
	slack.connect(f"http://127.0.0.1:{server}", f"{site}:{server}")
	yield slack
	slack.is_delivering = False
