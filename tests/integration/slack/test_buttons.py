"""Take it, set a status, close: with the agent's own rights, and shown in the post."""

import time

import frappe
import pytest

from customer_portal import statuses
from customer_portal.constants import CLOSED, IN_PROGRESS
from customer_portal.slack.posts import CLOSE, SET, TAKE
from tests.factories import make_agent, unique
from tests.integration.slack.conftest import whispers


def press(desk, ticket, action: str, user: str | None = None, channel: str | None = None, **options) -> None:
	where = channel or desk.channel
	desk.slack.click(user or desk.user, where, desk.post(ticket, where)["ts"], action, **options)
	desk.run()


def assigned(ticket) -> list[str]:
	frappe.db.rollback()
	return frappe.parse_json(frappe.db.get_value("HD Ticket", ticket.name, "_assign") or "[]")


def sub_status(ticket) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("HD Ticket", ticket.name, "sub_status")


def shown(desk, ticket, channel: str | None = None) -> str:
	return str(desk.post(ticket, channel)["blocks"])


def test_take_it(desk, ticket, agent):
	press(desk, ticket, TAKE)
	assert assigned(ticket) == [agent.name]
	for channel in (desk.channel, desk.slack.triage):
		assert agent.full_name in shown(desk, ticket, channel)
	assert not whispers(desk)


def test_take_it_from_somebody(desk, ticket, agent):
	press(desk, ticket, TAKE)
	other = make_agent()
	user = desk.slack.add_user(other.full_name, other.email)
	desk.slack.invite(user, desk.channel)
	press(desk, ticket, TAKE, user=user)
	assert assigned(ticket) == [other.name]
	press(desk, ticket, TAKE, user=user)
	assert assigned(ticket) == [other.name]


def test_set_a_status(desk, ticket, agent):
	template = statuses.template_of(ticket)
	chosen = next(
		one for one in statuses.choices(template) if one.main_status == IN_PROGRESS and not one.is_default
	)
	press(desk, ticket, SET, selected_option=f"{ticket.name}:{chosen.name}")
	assert sub_status(ticket) == chosen.name
	assert chosen.label in shown(desk, ticket, desk.slack.triage)
	event = frappe.get_last_doc("Portal Status Event", {"ticket": str(ticket.name)})
	assert (event.to_sub_status, event.actor, event.source) == (chosen.name, agent.name, "Agent")


def test_close(desk, ticket):
	press(desk, ticket, CLOSE)
	assert sub_status(ticket) == statuses.template_of(ticket).default_of(CLOSED).name
	assert CLOSE not in shown(desk, ticket)


def test_the_menu_has_the_templates_choices(desk, ticket):
	(menu,) = [
		element
		for block in desk.post(ticket)["blocks"]
		for element in block.get("elements", ())
		if element.get("action_id") == SET
	]
	offered = {
		option["value"].partition(":")[2] for group in menu["option_groups"] for option in group["options"]
	}
	template = statuses.template_of(ticket)
	assert offered == {one.name for one in statuses.choices(template)} - {sub_status(ticket)}


@pytest.mark.parametrize("action", [TAKE, CLOSE])
def test_a_stranger_presses(desk, ticket, action):
	before = sub_status(ticket)
	user = desk.slack.add_user("Somebody", f"{unique('s')}@elsewhere.example")
	desk.slack.invite(user, desk.channel)
	press(desk, ticket, action, user=user)
	assert (assigned(ticket), sub_status(ticket)) == ([], before)
	assert [one["user"] for one in desk.slack.ephemerals] == [user]


@pytest.mark.parametrize("value", ["", "x", "1:", "1:nonsense", "'; DROP TABLE", "9" * 150])
def test_a_forged_choice(desk, ticket, value):
	before = sub_status(ticket)
	option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
	press(desk, ticket, SET, selected_option=option)
	assert sub_status(ticket) == before
	assert len(whispers(desk)) == 1


def test_a_choice_that_is_of_another_ticket_changes_this_one_alone(desk, ticket, organisation, sara):
	"""What is pressed is the post; what the button says about a ticket counts for nothing."""
	other = organisation.ticket(sara)
	desk.run()
	before = sub_status(other)
	chosen = next(
		one for one in statuses.choices(statuses.template_of(ticket)) if one.main_status == IN_PROGRESS
	)
	option = {"text": {"type": "plain_text", "text": "x"}, "value": f"{other.name}:{chosen.name}"}
	press(desk, ticket, SET, selected_option=option)
	assert (sub_status(ticket), sub_status(other)) == (chosen.name, before)


def test_an_unknown_action(desk, ticket):
	payload = desk.slack.click(desk.user, desk.channel, desk.post(ticket)["ts"], TAKE)
	for place, action in enumerate(("nonsense", None, 5)):
		changed = {**payload, "trigger_id": f"t{place}", "actions": [{"action_id": action}]}
		assert desk.slack.deliver(changed)[0] == 200
	for place, actions in enumerate(([], None, ["x"], {})):
		assert desk.slack.deliver({**payload, "trigger_id": f"u{place}", "actions": actions})[0] == 200
	desk.run()
	assert not frappe.db.count("Portal Slack Event", {"state": ("!=", "Done")})


def test_pressed_twice(desk, ticket):
	desk.slack.is_delivering = False
	payload = desk.slack.click(desk.user, desk.channel, desk.post(ticket)["ts"], CLOSE)
	now = int(time.time())
	told = [desk.slack.deliver(payload, at=now - age)[0] for age in range(3)]
	assert told == [200, 200, 200]
	desk.run()
	closed = statuses.template_of(ticket).default_of(CLOSED).name
	assert frappe.db.count("Portal Status Event", {"ticket": str(ticket.name), "to_sub_status": closed}) == 1


def test_what_helpdesk_refuses_is_told(desk, ticket):
	"""A rule of another app or of a Server Script."""
	frappe.db.set_value("HD Ticket", ticket.name, "is_merged", 1)
	frappe.db.commit()
	before = sub_status(ticket)
	press(desk, ticket, CLOSE)
	assert sub_status(ticket) == before
	assert len(whispers(desk)) == 1
