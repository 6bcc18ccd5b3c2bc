"""A channel gets another customer, or none, or becomes the triage channel: what others' is in it goes."""

import frappe
import pytest

from tests.doors import reset_limits
from tests.factories import unique
from tests.gateways import configure
from tests.integration.slack.conftest import answer, make_team
from tests.organisations import ACCESS, make_organisation
from tests.talk import PDF


@pytest.fixture
def other(desk, open_door):
	"""Another customer, without a channel."""
	return make_organisation("other")


@pytest.fixture
def discussed(desk, ticket, agent):
	"""The ticket has a message and a file in both channels, and what an agent has written in the customer's."""
	answer(ticket, agent, "<p>From Helpdesk</p>")
	desk.run()
	desk.say(ticket, "From triage", channel=desk.slack.triage, files=[("manual.pdf", PDF)])
	desk.say(ticket, "From the customer's")
	assert len(ours(desk, desk.channel)) == 4
	return ticket


def ours(desk, channel: str) -> list[dict]:
	"""What the app shows in a channel, replies and files too."""
	there = desk.slack.channels[channel].messages.values()
	return [one for one in there if one.get("bot_id") and (one.get("text") or has_file(one))]


def has_file(message: dict) -> bool:
	return any(file["mode"] != "tombstone" for file in message.get("files", ()))


def choose_triage(channel: str) -> None:
	reset_limits()  # else the settings are none that could be saved
	frappe.get_doc("Customer Portal Settings").update({"slack_triage_channel": channel}).save()
	frappe.db.commit()


def rename(ticket, subject: str) -> None:
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": subject}).save()
	frappe.db.commit()


def test_it_is_given_to_another_customer(desk, organisation, other, discussed):
	organisation.change(slack_channel=None)
	other.change(slack_channel=desk.channel)
	desk.run()
	assert ours(desk, desk.channel) == []
	assert len(ours(desk, desk.slack.triage)) == 3
	made = other.ticket()
	rename(discussed, "Secret")
	desk.run()
	(post,) = ours(desk, desk.channel)
	assert post["ts"] == desk.post(made)["ts"]


@pytest.mark.parametrize("is_deleted", [True, False])
def test_the_first_customer_is_somewhere_else_by_then(desk, organisation, other, ticket, is_deleted):
	if is_deleted:
		frappe.delete_doc(ACCESS, organisation.customer)
		frappe.db.commit()
	else:
		organisation.change(slack_channel=desk.slack.add_channel(unique("new")))
	other.change(slack_channel=desk.channel)
	desk.run()
	assert ours(desk, desk.channel) == []


@pytest.mark.parametrize("is_deleted", [True, False])
def test_it_is_disconnected(desk, organisation, discussed, agent, is_deleted):
	"""What was said to its customer stays said; nothing is written any more."""
	before = desk.slack.messages(desk.channel)
	if is_deleted:
		frappe.delete_doc(ACCESS, organisation.customer)
	else:
		organisation.change(slack_channel=None)
	rename(discussed, "Secret")
	answer(discussed, agent, "<p>Secret</p>")
	desk.run()
	assert desk.slack.messages(desk.channel) == before
	assert len(ours(desk, desk.channel)) == 4


def test_it_goes_and_comes_back(desk, organisation, other, ticket):
	"""Nothing of the customer in between is left; its own post stays."""
	organisation.change(slack_channel=None)
	rename(ticket, "While it was away")
	organisation.change(slack_channel=desk.channel)
	desk.run()
	(post,) = ours(desk, desk.channel)
	assert "While it was away" in post["text"]


def test_triage_becomes_a_customers(desk, organisation, other, ticket, agent):
	"""Of all tickets its own alone stay, as a customer may see them."""
	old, team = desk.slack.triage, make_team(agent)
	own = other.ticket(agent_group=team)
	desk.run()
	assert team in str(desk.post(own, old)["blocks"])
	choose_triage(desk.slack.add_channel(unique("triage")))
	other.change(slack_channel=old)
	desk.run()
	(post,) = ours(desk, old)
	assert post["ts"] == desk.post(own, old)["ts"]
	assert team not in str(post["blocks"])


def test_a_customers_becomes_triage(desk, organisation, sara, agent):
	team = make_team(agent)
	organisation.ticket(sara, agent_group=team)
	desk.run()
	organisation.change(slack_channel=None)
	choose_triage(desk.channel)
	desk.run()
	(post,) = ours(desk, desk.channel)
	assert team in str(post["blocks"])


def test_another_customer_while_slack_is_switched_off(desk, organisation, other, ticket):
	configure(slack_enabled=0)
	organisation.change(slack_channel=None)
	other.change(slack_channel=desk.channel)
	desk.run()
	assert len(ours(desk, desk.channel)) == 1
	configure(slack_enabled=1)
	desk.run()
	assert ours(desk, desk.channel) == []
