"""Fields, and values of fields, that depend on others: told by the server alone, with and without the page's module."""

import json

import frappe
import pytest

from tests.filing import NEW, depend, drop_fields, fill, make_field, make_form, options, problems, ticket_of

MAPPING = {"Car": ["Engine", "Brakes"], "Bike": ["Chain"], "Boat": []}


@pytest.fixture
def form(offered):
	make_field("filing_thing", "Select", options="\nCar\nBike\nBoat\nPlane")
	make_field("filing_part", "Select", options="\nEngine\nBrakes\nChain\nWing")
	script = depend("filing_thing", "filing_part", MAPPING)
	made = make_form("filing_thing", {"fieldname": "filing_part", "required": 1})
	offered(made)
	yield made
	frappe.delete_doc("HD Form Script", script, force=True)
	drop_fields("filing_thing", "filing_part")


def refreshed(member, form, **values) -> str:
	answer = fill(member, form, refresh="1", **values)
	assert answer.status_code == 200
	return answer.text


def test_nothing_is_offered_until_something_is_chosen(form, member):
	page = member.get(NEW).text
	assert options(page, "f_filing_part") == []
	assert '<option value="">First choose: Filing_Thing</option>' in page
	assert 'name="refresh"' in page
	assert "data-steers" in page


def test_a_press_narrows_the_values_and_keeps_what_was_typed(form, member):
	page = refreshed(member, form, f_filing_thing="Car", subject="Half a sub", description="")
	assert options(page, "f_filing_part") == ["Engine", "Brakes"]
	assert problems(page) == {}
	assert 'value="Half a sub"' in page
	assert '<option value="Car" selected>' in page
	page = refreshed(member, form, f_filing_thing="Bike", f_filing_part="Engine")
	assert options(page, "f_filing_part") == ["Chain"]
	assert "Engine" not in page


def test_what_does_not_go_together_is_refused(form, member):
	for thing, part in (
		("Car", "Chain"),
		("Bike", "Engine"),
		("Boat", "Engine"),
		("", "Engine"),
		("Plane", "Wing"),
	):
		answer = fill(member, form, f_filing_thing=thing, f_filing_part=part)
		assert list(problems(answer.text)) == ["f_filing_part"], thing
	ticket = ticket_of(fill(member, form, f_filing_thing="Car", f_filing_part="Brakes"))
	assert (ticket.filing_thing, ticket.filing_part) == ("Car", "Brakes")


def test_what_has_no_values_is_not_asked_for(form, member):
	ticket_of(fill(member, form, f_filing_thing="Boat"))
	answer = fill(member, form, f_filing_thing="Car")
	assert problems(answer.text) == {"f_filing_part": "This is needed."}


def test_a_disabled_dependency_and_a_broken_one_narrow_nothing(form, member):
	name = "Field Dependency-filing_thing-filing_part"
	frappe.db.set_value("HD Form Script", name, "enabled", 0)
	frappe.db.commit()
	assert "Wing" in options(member.get(NEW).text, "f_filing_part")
	frappe.db.set_value("HD Form Script", name, {"enabled": 1, "script": "//JSON: {broken"})
	frappe.db.commit()
	assert "Wing" in options(member.get(NEW).text, "f_filing_part")
	ticket_of(fill(member, form, f_filing_thing="Bike", f_filing_part="Wing"))


def test_a_parent_that_customers_do_not_see_narrows_nothing(form, offered, member):
	other = make_form({"fieldname": "filing_thing", "hide_from_customer": 1}, "filing_part")
	offered(other)
	assert ticket_of(fill(member, other, f_filing_part="Wing")).filing_part == "Wing"


@pytest.fixture
def conditional(offered):
	make_field("filing_kind", "Select", options="\nFault\nQuestion")
	make_field("filing_serial", "Data", depends_on="eval:doc.filing_kind == 'Fault'")
	make_field(
		"filing_where",
		"Data",
		depends_on="filing_serial",
		mandatory_depends_on="eval:doc.filing_serial != ''",
	)
	make_field(
		"filing_odd", "Data", depends_on="eval:frappe.user.name", mandatory_depends_on="eval:cur_frm.x"
	)
	names = ("filing_kind", "filing_serial", "filing_where", "filing_odd")
	made = make_form(*names)
	offered(made)
	yield made
	drop_fields(*names)


def test_fields_come_and_go_with_others(conditional, member):
	def shown(**values) -> set[str]:
		page = refreshed(member, conditional, **values)
		return {name for name in ("serial", "where", "odd") if f'name="f_filing_{name}"' in page}

	assert shown() == {"odd"}
	assert shown(f_filing_kind="Fault") == {"serial", "odd"}
	assert shown(f_filing_kind="Fault", f_filing_serial="1") == {"serial", "where", "odd"}
	# What is hidden counts for nothing, and hides what depends on it.
	assert shown(f_filing_kind="Question", f_filing_serial="1") == {"odd"}


def test_what_is_not_shown_is_not_taken(conditional, member):
	ticket = ticket_of(
		fill(member, conditional, f_filing_kind="Question", f_filing_serial="1", f_filing_where="x")
	)
	assert (ticket.filing_serial, ticket.filing_where) == (None, None)


def test_what_others_make_needed(conditional, member):
	values = {"f_filing_kind": "Fault", "f_filing_serial": "1"}
	answer = fill(member, conditional, **values)
	assert problems(answer.text) == {"f_filing_where": "This is needed."}
	assert ticket_of(fill(member, conditional, **values, f_filing_where="Hall")).filing_where == "Hall"


def test_records_by_a_filter_on_another_field(offered, member):
	filters = json.dumps([["HD Ticket Type", "priority", "=", "eval: doc.priority"]])
	make_field("filing_kind", "Link", options="HD Ticket Type", link_filters=filters)
	try:
		kind = frappe.get_doc(
			{"doctype": "HD Ticket Type", "name": frappe.generate_hash(length=8), "priority": "Low"}
		).insert()
		form = make_form("priority", "filing_kind")
		offered(form)
		assert kind.name in options(refreshed(member, form, f_priority="Low"), "f_filing_kind")
		assert kind.name not in options(refreshed(member, form, f_priority="High"), "f_filing_kind")
		answer = fill(member, form, f_priority="High", f_filing_kind=kind.name)
		assert list(problems(answer.text)) == ["f_filing_kind"]
	finally:
		drop_fields("filing_kind")
