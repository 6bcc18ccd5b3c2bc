"""What a ticket's form has asked for, of fields of every type, beside what a post tells anyway."""

import frappe
import pytest

from tests.factories import unique
from tests.filing import drop_fields, make_field, make_form
from tests.integration.slack.conftest import make_team, rows
from tests.integration.slack.time_machine import sweep_until_quiet

VALUELESS = {
	"Table": {"options": "Portal Access Form"},
	"HTML": {"options": "<b>Hello</b>"},
	"Button": {},
	"Heading": {},
	"Data": {"is_virtual": 1, "options": "'computed'"},
}
NO_CALL = "@here http://evil.example #general"


@pytest.fixture
def form():
	"""Call it with a type and values of a field each; returns the form and its fields' names."""
	made = []

	def make(*fields: tuple[str, dict]) -> tuple[str, list[str]]:
		names = [f"slack_field_{number}" for number, _field in enumerate(fields)]
		made.extend(names)
		for name, (fieldtype, values) in zip(names, fields, strict=True):
			make_field(name, fieldtype, **values)
		return make_form(*names), names

	yield make
	drop_fields(*made)


@pytest.fixture
def table():
	"""Call it with a DocType: the name of a table of links to it."""
	made = []

	def make(target: str) -> str:
		link = {"fieldname": "target", "fieldtype": "Link", "options": target, "in_list_view": 1}
		values = {"name": unique("Table"), "module": "Helpdesk", "custom": 1, "istable": 1, "fields": [link]}
		made.append(frappe.get_doc({"doctype": "DocType", **values}).insert().name)
		return made[-1]

	yield make
	for name in made:
		frappe.delete_doc("DocType", name, force=True)
		frappe.db.sql_ddl(f"DROP TABLE IF EXISTS `tab{name}`")


def texts(desk, ticket, channel: str | None = None) -> list[dict]:
	"""All text objects of sections."""
	blocks = desk.post(ticket, channel)["blocks"]
	return [text for block in blocks for text in (block.get("text"), *block.get("fields", ())) if text]


def facts(desk, ticket, channel: str | None = None) -> list[tuple[str, str]]:
	"""Labels and values, in their order."""
	found = (text["text"].partition("*\n") for text in texts(desk, ticket, channel))
	return [(label.removeprefix("*"), value) for label, between, value in found if between]


def test_a_field_with_several_values(desk, organisation, sara, form):
	several = ("Table MultiSelect", {"options": "Portal Access Form", "label": "Similar requests"})
	template, (name,) = form(several)
	chosen = frappe.get_all("HD Ticket Template", pluck="name", limit=2)
	values = {name: [{"ticket_template": one} for one in chosen]}
	ticket = organisation.ticket(sara, template=template, **values)
	desk.run()
	assert len(chosen) == 2
	for channel in (desk.channel, desk.slack.triage):
		assert ("Similar requests", ", ".join(chosen)) in facts(desk, ticket, channel)
	frappe.get_doc("HD Ticket", ticket.name).update({name: []}).save()
	sweep_until_quiet()
	assert "Similar requests" not in dict(facts(desk, ticket))


def test_several_values_are_called_as_in_the_form(desk, organisation, sara, form, table):
	title = unique("Printers")
	category = frappe.get_doc({"doctype": "HD Article Category", "category_name": title}).insert().name
	template, (name,) = form(
		("Table MultiSelect", {"options": table("HD Article Category"), "label": "About"})
	)
	ticket = organisation.ticket(sara, template=template, **{name: [{"target": category}]})
	desk.run()
	assert ("About", title) in facts(desk, ticket)


def test_titles_that_not_everybody_may_read(desk, organisation, sara, form, table):
	"""Another customer's ticket."""
	other = organisation.ticket(customer=None, subject=unique("Secret"))
	template, (name,) = form(("Table MultiSelect", {"options": table("HD Ticket"), "label": "Like"}))
	ticket = organisation.ticket(sara, template=template, **{name: [{"target": str(other.name)}]})
	desk.run()
	assert ("Like", str(other.name)) in facts(desk, ticket)
	assert other.subject not in str(desk.post(ticket))


def test_fields_without_a_value_of_their_own(desk, organisation, sara, form):
	template, _names = form(*VALUELESS.items(), ("Data", {"label": "Floor"}))
	ticket = organisation.ticket(sara, template=template, slack_field_5="Third")
	desk.run()
	assert {row.state for row in rows()} == {"Sent"}
	for channel in (desk.channel, desk.slack.triage):
		assert [one for one in facts(desk, ticket, channel) if "Slack_Field" in one[0]] == []
		assert ("Floor", "Third") in facts(desk, ticket, channel)


def test_a_form_that_asks_for_what_the_post_tells_anyway(desk, organisation, sara, agent):
	known = ("agent_group", "priority", "sub_status", "customer", "raised_by", "contact")
	team = make_team(agent)
	ticket = organisation.ticket(sara, template=make_form(*known), agent_group=team, priority="High")
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		found = facts(desk, ticket, channel)
		assert len({label for label, _value in found}) == len(found)
		assert {("Customer", organisation.customer), ("Priority", "High")} <= set(found)
	assert ("Team", team) in facts(desk, ticket, desk.slack.triage)
	assert team not in str(desk.post(ticket))


def test_two_fields_with_one_label(desk, organisation, sara, form):
	field = ("Data", {"label": "Details"})
	template, (first, second, _empty) = form(field, field, field)
	ticket = organisation.ticket(sara, template=template, **{first: "One", second: "Two"})
	desk.run()
	found = [value for label, value in facts(desk, ticket) if label == "Details"]
	assert found == ["One", "Two"]


def test_a_field_that_is_called_like_a_fact(desk, ticket, organisation, sara, form):
	own = dict(facts(desk, ticket))["Requester"]
	template, (name,) = form(("Data", {"label": "Requester"}))
	other = organisation.ticket(sara, template=template, **{name: "The boss"})
	desk.run()
	found = [value for label, value in facts(desk, other) if label == "Requester"]
	assert found == [own, "The boss"]


def test_nothing_is_made_of_what_customers_type(desk, organisation, sara, form):
	template, (name,) = form(("Data", {"label": "Floor"}))
	ticket = organisation.ticket(sara, subject=NO_CALL, template=template, **{name: NO_CALL})
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		assert len([text for text in texts(desk, ticket, channel) if NO_CALL in text["text"]]) == 2
		marked = [text for text in texts(desk, ticket, channel) if text["type"] == "mrkdwn"]
		assert len(marked) > 2 and all(text["verbatim"] is True for text in marked)
