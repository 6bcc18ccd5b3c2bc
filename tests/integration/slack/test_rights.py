"""In Slack an agent may do what they may do in Helpdesk, which is asked as that agent."""

import frappe
import pytest

from customer_portal.slack.posts import CLOSE, TAKE
from tests.factories import make_agent, unique
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_buttons import assigned, press, sub_status
from tests.integration.slack.test_modes import comments

USER = "Portal Slack User"


def restrict(is_on: int) -> None:
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", is_on)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()


@pytest.fixture
def make_team():
	made = []

	def make(user: str, **values):
		users = [{"user": user}]
		team = frappe.get_doc({"doctype": "HD Team", "team_name": unique("Team"), "users": users, **values})
		made.append(team.insert())
		return team

	yield make
	frappe.db.rollback()
	for team in made:
		frappe.db.delete("HD Team Member", {"parent": team.name})
		frappe.db.delete("HD Team", {"name": team.name})
	frappe.db.commit()


@pytest.fixture
def restricted(ticket, agent, make_team):
	"""The ticket is of the agent's team, whose members alone see it."""
	frappe.db.set_value("HD Ticket", ticket.name, "agent_group", make_team(agent.name).name)
	restrict(1)
	yield
	frappe.db.rollback()
	restrict(0)


@pytest.fixture
def outsider(desk, restricted, make_team):
	"""In Slack, and an agent of no team; while the Administrator, as whom jobs run, is in one that sees all."""
	make_team("Administrator", ignore_restrictions=1)
	other = make_agent()
	user = desk.slack.add_user(other.full_name, other.email)
	desk.slack.invite(user, desk.channel)
	frappe.db.commit()
	return user


def test_an_agent_of_the_tickets_own_team_may_answer(desk, ticket, restricted):
	desk.say(ticket, "Hello")
	desk.say(ticket, "note: Between us")
	assert not whispers(desk)
	assert [reply.content for reply in replies(ticket)] == ["<p>Hello</p>"]
	assert len(comments(ticket)) == 1


def test_an_agent_of_the_tickets_own_team_may_press(desk, ticket, agent, restricted):
	press(desk, ticket, TAKE)
	assert assigned(ticket) == [agent.name]
	assert not whispers(desk)


@pytest.mark.parametrize("text", ["Hello", "note: Hello"])
def test_the_agents_access_is_asked_as_the_agent(desk, ticket, outsider, text):
	desk.say(ticket, text, user=outsider)
	assert replies(ticket) == [] and not comments(ticket)
	assert whispers(desk) == ["You may not change this ticket in Helpdesk."]


@pytest.mark.parametrize("action", [TAKE, CLOSE])
def test_a_pressers_access_is_asked_as_the_presser(desk, ticket, outsider, action):
	before = sub_status(ticket)
	press(desk, ticket, action, user=outsider)
	assert (assigned(ticket), sub_status(ticket)) == ([], before)
	assert whispers(desk) == ["You may not change this ticket in Helpdesk."]


def test_an_agent_manager_gives_nobody_a_voice(desk, ticket):
	"""They see who is who; whoever writes that speaks as whom they like."""
	manager = make_agent()
	manager.reload()
	manager.add_roles("Agent Manager")
	frappe.db.commit()
	desk.say(ticket, "Hello")
	frappe.set_user(manager.name)
	try:
		known = frappe.get_doc(USER, desk.user)
		assert known.has_permission("read")
		known.user = manager.name
		with pytest.raises(frappe.PermissionError):
			known.save()
		with pytest.raises(frappe.PermissionError):
			frappe.delete_doc(USER, desk.user)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc({"doctype": USER, "slack_user": "U0OTHER", "user": manager.name}).insert()
	finally:
		frappe.set_user("Administrator")


def choose(slack_user: str, user: str) -> None:
	frappe.get_doc({"doctype": USER, "slack_user": slack_user, "user": user}).insert()


@pytest.mark.parametrize("user", ["Administrator", "Guest"])
def test_nobody_is_given_the_voice_of_a_user_of_the_system(desk, user):
	with pytest.raises(frappe.ValidationError, match="no active agent"):
		choose(desk.user, user)


@pytest.mark.parametrize(("doctype", "field"), [("User", "enabled"), ("HD Agent", "is_active")])
def test_nobody_is_given_the_voice_of_who_has_left(desk, doctype, field):
	left = make_agent().name
	frappe.db.set_value(doctype, left, field, 0)
	frappe.clear_document_cache("User", left)
	with pytest.raises(frappe.ValidationError, match="no active agent"):
		choose(desk.user, left)


def test_nobody_is_given_the_voice_of_a_customer(desk, sara):
	with pytest.raises(frappe.ValidationError, match="no active agent"):
		choose(desk.user, sara)


def test_a_row_that_names_the_administrator_gives_no_voice(desk, ticket):
	"""Whoever can write the table is past us; the words still are nobody's."""
	desk.say(ticket, "First")
	frappe.db.set_value(USER, desk.user, {"user": "Administrator", "is_fixed": 1})
	frappe.db.commit()
	desk.say(ticket, "Second")
	assert [reply.owner for reply in replies(ticket)] == [desk.agent.name]
	assert len(whispers(desk)) == 1


def test_the_administrators_address_gives_no_voice(desk, ticket):
	address = frappe.db.get_value("User", "Administrator", "email")
	user = desk.slack.add_user("Boss", address)
	desk.slack.invite(user, desk.channel)
	desk.say(ticket, "I am the boss", user=user)
	assert replies(ticket) == []
	assert frappe.db.get_value(USER, user, "user") is None
	assert len(whispers(desk)) == 1
