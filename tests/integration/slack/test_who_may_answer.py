"""Whose words reach the customer, and what everybody else is told."""

import frappe
import pytest

from tests.factories import make_agent, unique
from tests.gateways.slack.workspace import OTHER_TEAM
from tests.integration.slack.conftest import replies, whispers

USER = "Portal Slack User"


@pytest.fixture
def newcomer(desk):
	"""Call it with an address and what Slack knows of its owner: somebody in the customer's channel."""

	def join(address: str, **values) -> str:
		user = desk.slack.add_user(unique("Somebody"), address, **values)
		desk.slack.invite(user, desk.channel)
		return user

	return join


def assert_unheard(desk, ticket, user: str, text: str = "Hello") -> None:
	"""Nothing becomes of what this person writes; they are told so, alone."""
	modified = frappe.db.get_value("HD Ticket", ticket.name, "modified")
	desk.say(ticket, text, user=user)
	assert replies(ticket) == []
	(told,) = desk.slack.ephemerals
	assert (told["user"], told["channel"]) == (user, desk.channel)
	assert told["thread_ts"] == desk.post(ticket)["ts"]
	assert frappe.db.get_value("HD Ticket", ticket.name, "modified") == modified
	assert not frappe.get_all("Email Queue", {"reference_name": str(ticket.name), "status": "Not Sent"})


def test_a_stranger(desk, ticket, newcomer):
	assert_unheard(desk, ticket, newcomer(f"{unique('guest')}@elsewhere.example"))


def test_the_customer_in_their_own_channel(desk, ticket, newcomer, sara):
	assert_unheard(desk, ticket, newcomer(sara))


@pytest.mark.parametrize(
	"values",
	[
		{"confirmed": False},
		{"deleted": True},
		{"is_restricted": True},
		{"is_ultra_restricted": True},
		{"is_stranger": True},
		{"team_id": OTHER_TEAM},
		{"is_stranger": True, "team_id": OTHER_TEAM},
	],
	ids=str,
)
def test_who_bears_an_agents_address(desk, ticket, newcomer, values):
	"""Unconfirmed, deactivated, a guest, or somebody of another workspace, where it may say any address."""
	assert_unheard(desk, ticket, newcomer(make_agent().email, **values))


@pytest.mark.parametrize("field", ["enabled", "is_active"])
def test_a_deactivated_agent(desk, ticket, agent, field):
	doctype = "User" if field == "enabled" else "HD Agent"
	frappe.db.set_value(
		doctype, {"name": agent.name} if doctype == "User" else {"user": agent.name}, field, 0
	)
	frappe.clear_document_cache("User", agent.name)
	frappe.db.commit()
	assert_unheard(desk, ticket, desk.user)


def test_an_agent_who_was_deactivated_after_a_first_answer(desk, ticket, agent):
	desk.say(ticket, "First")
	frappe.db.set_value("HD Agent", {"user": agent.name}, "is_active", 0)
	frappe.db.commit()
	desk.say(ticket, "Second")
	assert [reply.content for reply in replies(ticket)] == ["<p>First</p>"]
	assert len(whispers(desk)) == 1


def test_two_users_of_one_address(desk, ticket, newcomer):
	"""Frappe lets addresses differ in capitals alone: nobody can say which of the two it is."""
	agent = make_agent()
	assert_unheard(desk, ticket, newcomer(f"x{agent.email}"))


def test_a_member_of_slack_who_is_somebody_by_an_admins_word(desk, ticket, newcomer):
	other = make_agent()
	user = newcomer(f"{unique('private')}@elsewhere.example")
	desk.say(ticket, "Not yet", user=user)
	assert replies(ticket) == []
	known = frappe.get_doc(USER, user)
	known.user = other.name
	known.save()
	frappe.db.commit()
	desk.say(ticket, "Now", user=user)
	assert [(reply.content, reply.owner) for reply in replies(ticket)] == [("<p>Now</p>", other.name)]


def test_an_admin_takes_somebodys_voice(desk, ticket):
	desk.say(ticket, "First")
	known = frappe.get_doc(USER, desk.user)
	assert (known.user, known.is_fixed) == (desk.agent.name, 0)
	known.user = None
	known.save()
	frappe.db.commit()
	frappe.db.set_value(USER, desk.user, "checked_at", "2020-01-01")
	desk.say(ticket, "Second")
	assert [reply.content for reply in replies(ticket)] == ["<p>First</p>"]
	assert len(whispers(desk)) == 1


def test_slack_is_asked_again_after_a_while(desk, ticket):
	desk.say(ticket, "First")
	desk.slack.users[desk.user]["profile"]["email"] = f"{unique('new')}@elsewhere.example"
	desk.say(ticket, "Second")
	frappe.db.set_value(USER, desk.user, "checked_at", "2020-01-01")
	frappe.db.commit()
	desk.say(ticket, "Third")
	assert [reply.content for reply in replies(ticket)] == ["<p>First</p>", "<p>Second</p>"]


def test_a_deleted_agents_messages_stay(desk, ticket, agent):
	written = desk.say(ticket, "Hello")
	frappe.db.set_value("User", agent.name, "enabled", 0)
	frappe.db.commit()
	desk.slack.edit(desk.user, desk.channel, written["ts"], "Insulting")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]


def test_an_agent_of_another_team(desk, ticket, agent):
	other = [{"user": make_agent().name}]
	team = frappe.get_doc({"doctype": "HD Team", "team_name": unique("Team"), "users": other}).insert()
	frappe.db.set_value("HD Ticket", ticket.name, "agent_group", team.name)
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 1)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()
	try:
		assert_unheard(desk, ticket, desk.user)
	finally:
		frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 0)
		frappe.clear_document_cache("HD Settings", "HD Settings")
		frappe.db.commit()
