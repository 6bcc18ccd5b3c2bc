"""People of the customer may be in its channel: nothing is there that Helpdesk keeps from customers."""

import frappe
import pytest

from customer_portal import statuses
from customer_portal.constants import IN_PROGRESS
from customer_portal.slack.posts import SET
from tests import system_settings
from tests.client import hidden_fields
from tests.factories import unique
from tests.filing import drop_fields, make_field, make_form
from tests.integration.slack.conftest import make_team
from tests.organisations import TICKETS, enter


@pytest.fixture
def form():
	names = [make_field(f"slack_{name}", "Small Text", label=name.title()) for name in ("margin", "floor")]
	yield make_form({"fieldname": names[0], "hide_from_customer": 1}, names[1])
	drop_fields(*names)


@pytest.fixture
def internal():
	"""Labels of two sub-statuses that customers cannot tell apart."""
	template = frappe.get_doc("Portal Ticket Template", {"ticket_template": "Default"})
	before = len(template.sub_statuses)
	names, labels = [], [unique("Waits for legal"), unique("Waits for the boss")]
	for label in labels:
		names.append(frappe.get_doc({"doctype": "Portal Sub-Status", "label": label}).insert().name)
		row = {"sub_status": names[-1], "main_status": IN_PROGRESS, "customer_label": "Under review"}
		template.append("sub_statuses", row)
	template.save()
	frappe.db.commit()
	yield dict(zip(names, labels, strict=True))
	template.reload()
	template.set("sub_statuses", template.sub_statuses[:before])
	template.save()
	for name in names:
		frappe.get_doc("Portal Sub-Status", name).update({"enabled": 0}).save()
	frappe.db.commit()


def shown(desk, ticket, channel: str | None = None) -> str:
	return str(desk.post(ticket, channel)["blocks"])


def menu(desk, ticket, channel: str | None = None) -> dict[str, str]:
	"""Labels by sub-status."""
	blocks = desk.post(ticket, channel)["blocks"]
	elements = [element for block in blocks for element in block.get("elements", ())]
	(found,) = [element for element in elements if element.get("action_id") == SET]
	options = [option for group in found["option_groups"] for option in group["options"]]
	return {option["value"].partition(":")[2]: option["text"]["text"] for option in options}


def test_form_fields_that_are_hidden_from_customers(desk, organisation, sara, form):
	values = {"slack_margin": "12 percent", "slack_floor": "Third\nto the left"}
	ticket = organisation.ticket(sara, template=form, **values)
	desk.run()
	assert "Margin" not in shown(desk, ticket) and "12 percent" not in shown(desk, ticket)
	assert "12 percent" in shown(desk, ticket, desk.slack.triage)
	for channel in (desk.channel, desk.slack.triage):
		texts = [
			field["text"]
			for block in desk.post(ticket, channel)["blocks"]
			for field in block.get("fields", ())
		]
		assert "*Floor*\nThird\nto the left" in texts


def test_the_status_is_what_customers_read(desk, ticket, internal):
	for name, label in internal.items():
		frappe.get_doc("HD Ticket", ticket.name).update({"sub_status": name}).save()
		desk.run()
		assert "Under review" in shown(desk, ticket)
		assert not [one for one in internal.values() if one in str(desk.slack.messages(desk.channel))]
		assert label in shown(desk, ticket, desk.slack.triage)


def test_the_menu_has_what_customers_can_tell_apart(desk, ticket, internal):
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": unique("Changed")}).save()
	desk.run()
	offered = menu(desk, ticket)
	(chosen,) = [name for name, label in offered.items() if label == "Under review"]
	assert chosen in internal
	assert internal.items() <= menu(desk, ticket, desk.slack.triage).items()
	desk.slack.click(
		desk.user, desk.channel, desk.post(ticket)["ts"], SET, selected_option=f"{ticket.name}:{chosen}"
	)
	desk.run()
	assert frappe.db.get_value("HD Ticket", ticket.name, "sub_status") == chosen


@pytest.fixture
def german():
	"""The site's language."""
	before = frappe.db.get_single_value("System Settings", "language")
	system_settings.change(language="de")
	yield
	system_settings.change(language=before)


def test_the_label_is_in_the_sites_language(desk, ticket, german):
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": unique("Changed")}).save()
	desk.run()
	row = frappe.db.get_value("HD Ticket", ticket.name, ["template", "sub_status"], as_dict=True)
	template = statuses.template_of(row)
	label = statuses.customer_label(template, row.sub_status, "de", 1)
	assert label != statuses.customer_label(template, row.sub_status, "en", 1)
	assert label in shown(desk, ticket)


def test_no_team(desk, organisation, sara, agent):
	team = make_team(agent)
	ticket = organisation.ticket(sara, agent_group=team)
	desk.run()
	assert team not in shown(desk, ticket)
	assert team in shown(desk, ticket, desk.slack.triage)


def test_a_member_hides_and_shows_a_ticket(desk, ticket, sara, new_client, open_door):
	member = enter(new_client(), sara)
	desk.say(ticket, "Hello", channel=desk.slack.triage)
	for act, expected in (("hide", 0), ("show", 1)):
		fields = hidden_fields(member.get(TICKETS).text, "/sign-out")
		assert member.post(f"{TICKETS}/{ticket.name}/{act}", fields).status_code == 303
		desk.run()
		assert len([one for one in desk.slack.messages(desk.channel) if one.get("blocks")]) == expected
	assert [one["text"] for one in desk.thread(ticket)] == ["Hello"]
