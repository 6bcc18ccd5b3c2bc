"""An admin sets Slack up: the test message, what Slack says of the channels, and what is sent again. As the Desk asks."""

import frappe
import pytest

from customer_portal.integrations.slack.errors import NOT_LET_IN
from customer_portal.slack import outbox
from customer_portal.slack.outbox import FAILED, QUEUED, SENT
from tests.accounts import log_in
from tests.doors import reset_limits
from tests.factories import make_agent, unique
from tests.gateways import configure
from tests.gateways.slack import TOKEN, use_slack
from tests.gateways.slack.workspace import BOT_USER
from tests.integration.slack.conftest import answer, rows

API = "/api/method/customer_portal.api.slack."
OK, WARNING = "OK", "Warning"


@pytest.fixture(autouse=True)
def no_other_channels(site):
	"""Organisations of other tests keep no channel."""
	frappe.db.set_value("Portal Customer Access", {"slack_channel": ("is", "set")}, "slack_channel", None)
	frappe.db.commit()
	reset_limits()


@pytest.fixture
def with_roles(new_client):
	"""Call it with roles: the browser of somebody who has them."""

	def make(*roles: str):
		user = make_agent().reload()
		user.add_roles(*roles)
		frappe.db.commit()
		client = new_client()
		log_in(client, user.name)
		return client

	return make


@pytest.fixture
def manager(with_roles):
	return with_roles("System Manager")


def ask(client, what: str, **values) -> list[tuple[str, str]]:
	answer = client.post(f"{API}{what}", values)
	assert answer.status_code == 200, answer.text
	assert TOKEN not in answer.text
	return [(line["state"], line["text"]) for line in answer.json()["message"]]


def texts(slack, channel: str) -> list[str]:
	return [message["text"] for message in slack.messages(channel)]


# The test message


def test_the_test_message_is_in_the_triage_channel_and_the_others_are_looked_at(slack, manager, organisation):
	other = slack.add_channel("acme")
	organisation.change(slack_channel=other)
	lines = ask(manager, "send_test")
	assert lines == [
		(OK, "Triage channel (#triage): the test message is there."),
		(OK, f"{organisation.customer} (#acme): the app is in the channel."),
	]
	assert texts(slack, slack.triage) == ["This is a test: the tickets of all customers will be posted here."]
	assert texts(slack, other) == []
	assert rows() == []


def test_a_look_posts_nothing(slack, manager):
	assert ask(manager, "look") == [(OK, "Triage channel (#triage): the app is in the channel.")]
	assert texts(slack, slack.triage) == []


def test_the_test_message_of_a_customer(slack, manager, organisation):
	name = unique("Beans & Co")
	frappe.rename_doc("HD Customer", organisation.customer, name)
	organisation.customer = frappe.db.get_value("Portal Customer Access", {"customer": name})
	own = slack.add_channel("acme", is_private=True)
	organisation.change(slack_channel=own)
	lines = ask(manager, "send_test", customer=name)
	assert lines == [(OK, f"{name} (#acme): the test message is there.")]
	(text,) = texts(slack, own)
	assert text.startswith("This is a test: tickets of Beans &amp; Co")
	assert texts(slack, slack.triage) == []


@pytest.mark.parametrize(
	("arrange", "says"),
	[
		(lambda slack, channel: slack.kick(channel), "the slack app is not in the channel: invite it there."),
		(
			lambda slack, channel: setattr(slack.channels[channel], "is_archived", True),
			"the slack channel is archived.",
		),
		(
			lambda slack, channel: slack.channels.pop(channel),
			"the slack app cannot see the channel: its id is wrong, or the app is not in it.",
		),
	],
	ids=["not invited", "archived", "unknown"],
)
@pytest.mark.parametrize("whose", ["triage", "customer"])
def test_a_channel_into_which_nothing_goes(slack, manager, organisation, arrange, says, whose):
	own = slack.add_channel("acme")
	organisation.change(slack_channel=own)
	arrange(slack, slack.triage if whose == "triage" else own)
	lines = ask(manager, "send_test")
	(trouble,) = [text for state, text in lines if state == "Failed"]
	assert says in trouble.lower()
	assert trouble.startswith("Triage channel" if whose == "triage" else organisation.customer)
	assert len(lines) == 2
	assert len(slack.calls_of("chat.postMessage")) == (whose == "customer")


def test_a_private_channel_without_the_app_is_unknown_to_it(slack, manager):
	slack.channels[slack.triage].is_private = True
	slack.kick(slack.triage)
	((state, text),) = ask(manager, "send_test")
	assert (state, "cannot see the channel" in text) == ("Failed", True)
	assert slack.triage in text


@pytest.mark.parametrize("error", sorted(NOT_LET_IN - {"not_authed", "missing_scope"}))
def test_a_token_that_slack_does_not_accept(slack, manager, error):
	slack.token_error = error
	((state, text),) = ask(manager, "send_test")
	assert (state, error in text) == ("Failed", True)


def test_a_wrong_token(slack, manager):
	slack.token = "xoxb-another"
	assert ask(manager, "send_test") == [("Failed", "Slack does not accept the bot token (invalid_auth).")]


@pytest.mark.parametrize("scope", ["chat:write", "groups:read", "users:read.email", "chat:write.customize"])
def test_a_scope_that_is_missing_is_named(slack, manager, scope):
	slack.scopes.discard(scope)
	lines = ask(manager, "send_test")
	assert ("Failed", f"The Slack app lacks these permissions (scopes): {scope}.") in lines
	is_posted = (OK, "Triage channel (#triage): the test message is there.") in lines
	assert is_posted == (scope != "chat:write")


def test_slack_that_is_away(slack, manager):
	slack.stop()
	((state, text),) = ask(manager, "send_test")
	assert (state, text) == ("Failed", "Slack could not be reached.")
	slack.start()


@pytest.mark.parametrize("error", ["500", "hang", "drop", "ratelimited", "restricted_action", "no_text"])
def test_a_message_that_does_not_get_through(slack, manager, error):
	slack.fail("chat.postMessage", error)
	((state, text),) = ask(manager, "send_test")
	assert state == "Failed"
	assert text.startswith("Triage channel (#triage): ")
	assert rows() == []


def test_without_a_triage_channel(slack, manager, organisation):
	own = slack.add_channel("acme")
	configure(slack_triage_channel="")
	warning = (WARNING, "There is no triage channel, so no test message was sent.")
	assert ask(manager, "send_test") == [warning]
	organisation.change(slack_channel=own)
	lines = ask(manager, "send_test")
	assert lines == [(OK, f"{organisation.customer} (#acme): the app is in the channel."), warning]
	assert texts(slack, own) == []


def test_while_slack_is_off(slack, manager):
	configure(slack_enabled=0)
	assert ask(manager, "send_test") == [(WARNING, "Slack is switched off in Customer Portal Settings.")]
	assert slack.calls == []


def test_a_channel_that_is_shared_with_another_company(slack, manager, organisation):
	own = slack.add_channel("acme", is_ext_shared=True)
	organisation.change(slack_channel=own)
	for lines in (ask(manager, "look"), ask(manager, "look", customer=organisation.customer)):
		(warning,) = [text for state, text in lines if state == WARNING]
		assert warning.startswith(f"{organisation.customer} (#acme) is shared with another company")


def test_hundreds_of_channels_are_no_flood_of_calls(slack, manager, organisation):
	"""Slack takes about 50 calls a minute of such a method."""
	for number in range(1200):
		slack.add_channel(f"other-{number}")
	organisation.change(slack_channel=slack.add_channel("acme"))
	lines = ask(manager, "look")
	assert [state for state, _text in lines] == [OK, OK]
	assert len(slack.calls_of("users.conversations")) == 2
	assert slack.calls_of("conversations.info") == []


def test_too_many_tests(slack, manager):
	for _time in range(10):
		ask(manager, "send_test")
	before = len(slack.calls)
	answer = manager.post(f"{API}send_test")
	assert answer.status_code == 429
	assert "test messages" in answer.text
	assert len(slack.calls) == before
	assert ask(manager, "look")


@pytest.mark.parametrize("customer", ["Nobody", "x' OR 1=1", "a" * 200, "\0"])
def test_a_customer_without_a_channel(slack, manager, organisation, customer):
	for name in (customer, organisation.customer):
		for what in ("send_test", "look"):
			assert manager.post(f"{API}{what}", {"customer": name}).status_code == 404
	assert slack.calls == []


def test_who_may_ask(slack, client, with_roles, organisation):
	organisation.change(slack_channel=slack.add_channel("acme"))
	agent, agent_manager = with_roles(), with_roles("Agent Manager")
	own = {"customer": organisation.customer}
	for one in (client, agent, agent_manager):
		assert one.post(f"{API}send_test").status_code == 403
		assert one.post(f"{API}send_test", own).status_code == 403
		assert one.post(f"{API}look").status_code == 403
		assert one.post(f"{API}send_again", {"messages": "x"}).status_code == 403
	assert [one.post(f"{API}look", own).status_code for one in (client, agent)] == [403, 403]
	assert slack.calls == []
	assert ask(agent_manager, "look", **own) == [
		(OK, f"{organisation.customer} (#acme): the app is in the channel.")
	]


def test_no_link_of_another_site_sends_anything(slack, manager):
	for what in ("send_test", "look", "send_again"):
		assert manager.get(f"{API}{what}").status_code == 403
	assert slack.calls == []


# What waits goes out when it is mended


@pytest.fixture
def waiting(desk, organisation, sara):
	"""A ticket's posts wait for minutes, since the app had been removed."""
	desk.slack.token_error = "token_revoked"
	made = organisation.ticket(sara)
	for _channel in (desk.channel, desk.slack.triage):
		desk.run()
	assert {row.state for row in rows()} == {QUEUED}
	desk.slack.token_error = ""
	desk.run()
	assert desk.slack.messages(desk.channel) == []
	return made


def test_what_waits_goes_out_after_a_test_without_trouble(desk, waiting, manager):
	desk.slack.kick(desk.slack.triage)
	ask(manager, "send_test")
	desk.run()
	assert desk.slack.messages(desk.channel) == []
	desk.slack.invite(BOT_USER, desk.slack.triage)
	ask(manager, "send_test")
	desk.run()
	assert f"#{waiting.name}" in str(desk.post(waiting)["blocks"])


def test_what_waits_goes_out_when_the_settings_are_saved(desk, waiting):
	reset_limits()  # else the settings are none that could be saved
	use_slack(desk.slack)
	desk.run()
	assert f"#{waiting.name}" in str(desk.post(waiting)["blocks"])


# What failed goes out again


@pytest.fixture
def refused(desk, organisation, sara):
	"""A ticket whose posts Slack has refused for good."""
	for _channel in (desk.channel, desk.slack.triage):
		desk.slack.fail("chat.postMessage", "invalid_blocks")
	made = organisation.ticket(sara)
	desk.run()
	assert {row.state for row in rows(kind="Post")} == {FAILED}
	return made


def test_what_failed_is_sent_again(desk, refused, manager):
	names = [row.name for row in rows(state=FAILED)]
	answer = manager.post(f"{API}send_again", {"messages": ",".join(names)})
	assert answer.json()["message"] == len(names)
	waiting = rows()
	assert {(row.state, row.attempts) for row in waiting} == {(QUEUED, 0)}
	desk.run()
	assert {row.state for row in rows()} == {SENT}
	assert f"#{refused.name}" in str(desk.post(refused)["blocks"])
	assert len(desk.slack.messages(desk.channel)) == 1


def test_what_has_not_failed_stays_as_it_is(desk, ticket, manager):
	before = rows()
	names = [*(row.name for row in before), "nothing of this name", ""]
	answer = manager.post(f"{API}send_again", {"messages": ",".join(names)})
	assert (answer.status_code, answer.json()["message"]) == (200, 0)
	assert rows() == before


def test_a_message_that_was_said_long_ago_is_sent_again_too(desk, ticket, sara, manager):
	"""It is no copy of a merged ticket, although its row is handled long after."""
	desk.slack.fail("chat.postMessage", "invalid_blocks", times=2)
	answer(ticket, desk.agent, "It is repaired.")
	desk.run()
	names = [row.name for row in rows(state=FAILED)]
	assert names
	frappe.db.sql(
		f"UPDATE `tab{outbox.DOCTYPE}` SET creation = creation - INTERVAL 2 DAY, creation = creation - INTERVAL 2 DAY"
	)
	frappe.db.sql("UPDATE `tabCommunication` SET creation = creation - INTERVAL 2 DAY")
	frappe.db.commit()
	manager.post(f"{API}send_again", {"messages": ",".join(names)})
	desk.run()
	assert [message["text"] for message in desk.thread(ticket)] == ["It is repaired."]


def test_what_is_left_of_a_deleted_ticket_is_not_sent_again(desk, refused):
	names = [row.name for row in rows(state=FAILED)]
	frappe.delete_doc("HD Ticket", refused.name, force=True, ignore_permissions=True)
	frappe.db.commit()
	assert [outbox.again(name) for name in names] == [False] * len(names)
	desk.run()
	assert desk.slack.messages(desk.channel) == []


@pytest.mark.parametrize("values", [{}, {"messages": ""}, {"messages": ","}, {"messages": "\0"}])
def test_lists_without_a_message(slack, manager, values):
	answer = manager.post(f"{API}send_again", values)
	assert (answer.status_code, answer.json()["message"]) == (200, 0)
