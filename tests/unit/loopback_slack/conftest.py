"""A workspace without a site."""

import pytest

from tests.gateways.slack import Slack
from tests.unit.loopback_slack.samples import app_of


@pytest.fixture
def workspace():
	slack = Slack()
	slack.burst = 100
	yield slack
	slack.stop()


@pytest.fixture
def channel(workspace):
	return workspace.triage


@pytest.fixture
def agent(workspace, channel):
	user = workspace.add_user("Ann Agent", "ann@portal-tests.example")
	workspace.invite(user, channel)
	return user


@pytest.fixture
def app(workspace):
	return app_of(workspace)
