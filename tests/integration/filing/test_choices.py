"""What the fields of a form offer: defaults, records, and what a method knows."""

import frappe
import pytest

from tests.factories import make_agent, unique
from tests.filing import (
	NEW,
	drop_fields,
	fill,
	make_field,
	make_form,
	options,
	problems,
	ticket_of,
	typed,
)
from tests.organisations import ACCESS


def test_defaults_are_chosen_and_can_be_changed(offered, member, colour):
	form = make_form(colour)
	offered(form)
	assert '<option value="Red" selected>' in member.get(NEW).text
	assert ticket_of(fill(member, form, f_filing_colour="Green")).filing_colour == "Green"
	assert ticket_of(fill(member, form, f_filing_colour="")).filing_colour == ""
	without = make_form()
	offered(without)
	assert ticket_of(fill(member, without)).filing_colour == "Red"


def test_defaults_of_today(offered, member):
	make_field("filing_day", "Date", default="Today")
	try:
		form = make_form("filing_day")
		offered(form)
		assert typed(member.get(NEW).text, "f_filing_day") == frappe.utils.nowdate()
	finally:
		drop_fields("filing_day")


def make_team(**values):
	team = frappe.new_doc("HD Team")
	team.update({"team_name": unique("Team"), "users": [{"user": make_agent().name}], **values})
	return team.insert()


def test_helpdesks_own_fields(offered, member):
	"""Disabled records are not offered: the fields' own filters say so. Helpdesk's role for customers may choose teams."""
	team, gone = (make_team(disabled=disabled) for disabled in (0, 1))
	frappe.db.commit()
	form = make_form("priority", {"fieldname": "ticket_type", "required": 1}, "agent_group")
	offered(form)
	page = member.get(NEW).text
	assert set(options(page, "f_priority")) == set(
		frappe.get_all("HD Ticket Priority", {"disabled": 0}, pluck="name")
	)
	assert team.name in options(page, "f_agent_group")
	assert gone.name not in options(page, "f_agent_group")
	kind = options(page, "f_ticket_type")[0]
	values = {"f_ticket_type": kind, "f_priority": "High"}
	ticket = ticket_of(fill(member, form, **values, f_agent_group=team.name))
	assert (ticket.ticket_type, ticket.priority, ticket.agent_group) == (kind, "High", team.name)
	answer = fill(member, form, **values, f_agent_group=gone.name)
	assert list(problems(answer.text)) == ["f_agent_group"]


@pytest.mark.parametrize(
	"doctype", ["User", "HD Agent", "HD Customer", "Email Account", ACCESS, "HD Ticket", "Nothing"]
)
def test_records_that_are_not_for_customers_are_not_told(organisation, offered, person, member, doctype):
	"""Neither listed nor confirmed; those whose sight is personal go by the member's own permissions."""
	make_field("filing_link", "Link", options="User")
	frappe.db.set_value("Custom Field", "HD Ticket-filing_link", "options", doctype)
	frappe.clear_cache(doctype="HD Ticket")
	frappe.db.commit()
	own = {person, organisation.customer}
	try:
		form = make_form("filing_link")
		offered(form)
		assert set(options(member.get(NEW).text, "f_filing_link")) <= own
		others = {"name": ("not in", list(own))}
		name = frappe.db.get_value(doctype, others) if doctype != "Nothing" else None
		answer = fill(member, form, f_filing_link=str(name or "x"))
		assert list(problems(answer.text)) == ["f_filing_link"]
	finally:
		drop_fields("filing_link")


def test_a_method_that_knows_the_values(offered, member, note):
	"""A whitelisted function, asked as the member; one that fails, or is none, leaves the field as it is."""
	form = make_form({"fieldname": note, "url_method": "frappe.translate.get_all_languages"})
	offered(form)
	assert "en" in options(member.get(NEW).text, f"f_{note}")
	assert ticket_of(fill(member, form, f_filing_note="en")).get(note) == "en"
	assert list(problems(fill(member, form, f_filing_note="nonsense").text)) == [f"f_{note}"]
	for path in ("frappe.utils.now", "no.such.thing", "https://x.example/list", "frappe.client.get_list"):
		other = make_form({"fieldname": note, "url_method": path})
		offered(other)
		assert ticket_of(fill(member, other, f_filing_note="typed")).get(note) == "typed"
