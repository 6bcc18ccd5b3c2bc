"""What becomes of a form: Helpdesk's ticket, once, raised by the member, with files and copies."""

from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from tests.client import hidden_fields
from tests.factories import make_agent, unique
from tests.filing import (
	GOOD,
	NEW,
	drop_fields,
	fill,
	make_field,
	make_form,
	problems,
	ticket_of,
	tickets_of,
	typed,
)
from tests.gateways import configure
from tests.talk import messages


def test_it_is_the_members_ticket_in_helpdesk(organisation, person, member):
	answer = fill(
		member,
		"Default",
		subject="  Leak\tin <b>hall</b> ",
		description="Water.\r\nA lot.\r\n\r\nHelp <i>me</i>",
	)
	ticket = ticket_of(answer)
	wanted = {
		"subject": "Leak in <b>hall</b>",
		"description": '<p dir="auto">Water.<br>A lot.</p><p dir="auto">Help &lt;i&gt;me&lt;/i&gt;</p>',
		"raised_by": person,
		"owner": person,
		"customer": organisation.customer,
		"template": "Default",
		"via_customer_portal": 1,
		"status_category": "Open",
		"portal_private": 0,
	}
	assert {field: ticket.get(field) for field in wanted} == wanted
	assert frappe.db.get_value("Contact", ticket.contact, "user") == person
	(message,) = messages(ticket)
	assert (message.sender, message.sent_or_received, message.communication_medium) == (
		person,
		"Received",
		"Email",
	)
	assert message.content == ticket.description
	page = member.follow(answer).text
	assert "Your request is filed." in page
	assert "Water.<br>A lot." in page
	assert str(ticket.name) in member.get("/portal/tickets").text


def test_the_same_as_from_helpdesks_own_portal(organisation, person, member):
	"""Every field of the ticket and of its message, and what rules make of them."""
	own = ticket_of(fill(member, "Default"))
	frappe.get_doc("User", person).add_roles("HD Customer")
	frappe.set_user(person)
	values = {
		"subject": own.subject,
		"description": own.description,
		"raised_by": person,
		"customer": own.customer,
	}
	theirs = frappe.get_doc(
		{"doctype": "HD Ticket", **values, "via_customer_portal": 1, "template": "Default"}
	).insert()
	frappe.set_user("Administrator")
	frappe.db.commit()
	moments = {"name", "creation", "modified", "key", "opening_time", "response_by", "resolution_by"}
	moments |= {
		"service_level_agreement_creation",
		"modified_by",
		"last_customer_response",
		"portal_updated_on",
	}
	for field in own.meta.get_valid_columns():
		if field not in moments:
			assert own.get(field) == frappe.get_doc("HD Ticket", theirs.name).get(field), field
	assert own.response_by and own.sla
	mine, other = messages(own)[0], messages(theirs)[0]
	of_one = {"name", "creation", "modified", "communication_date", "owner", "modified_by", "reference_name"}
	of_one |= {"reference_owner", "user", "_seen", "sender_full_name"}
	for field in mine.keys() - of_one:
		assert mine[field] == other[field], field


def test_agents_see_it_and_may_be_assigned_by_rules(member):
	agent = make_agent()
	rule = frappe.get_doc(
		{
			"doctype": "Assignment Rule",
			"name": unique("Rule"),
			"document_type": "HD Ticket",
			"rule": "Round Robin",
			"description": "x",
			"assign_condition": "subject == 'Assign me'",
			"assignment_days": [
				{"day": day}
				for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
			],
			"users": [{"user": agent.name}],
		}
	).insert()
	frappe.db.commit()
	try:
		ticket = ticket_of(fill(member, "Default", subject="Assign me"))
	finally:
		rule.delete()
		frappe.db.commit()
	assert agent.name in frappe.db.get_value("HD Ticket", ticket.name, "_assign")


def test_the_first_status_is_told_in_the_ledger(member, person):
	ticket = ticket_of(fill(member, "Default"))
	(event,) = frappe.get_all(
		"Portal Status Event", {"ticket": str(ticket.name)}, ["to_main_status", "source"]
	)
	assert (event.to_main_status, event.source) == (1, "Customer")


def test_sent_twice_it_is_one_ticket(organisation, member):
	fields = {**hidden_fields(member.get(NEW).text, NEW), **GOOD}
	first, second = member.post(NEW, fields), member.post(NEW, {**fields, "subject": "Other words"})
	assert first.headers["Location"] == second.headers["Location"]
	assert ticket_of(first).subject == GOOD["subject"]
	assert tickets_of(organisation) == 1


def test_sent_many_times_at_once_it_is_one_ticket(organisation, member):
	fields = {**hidden_fields(member.get(NEW).text, NEW), **GOOD}
	with ThreadPoolExecutor(6) as pool:
		answers = list(pool.map(lambda _: member.post(NEW, fields), range(6)))
	assert {answer.status_code for answer in answers} == {303}
	assert len({answer.headers["Location"] for answer in answers}) == 1
	assert tickets_of(organisation) == 1


def test_a_key_belongs_to_its_member(organisation, member, sign_in_as):
	other = sign_in_as(organisation.address())
	key = hidden_fields(member.get(NEW).text, NEW)["key"]
	fields = hidden_fields(other.get(NEW).text, NEW)
	one, two = fill(member, "Default", key=key), other.post(NEW, {**fields, **GOOD, "key": key})
	assert ticket_of(one).name != ticket_of(two).name


def test_a_form_that_failed_can_be_sent_again(organisation, member):
	answer = fill(member, "Default", subject="")
	fields = {**hidden_fields(answer.text, NEW), **GOOD}
	ticket_of(member.post(NEW, fields))
	assert tickets_of(organisation) == 1


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "G" * 32, "0" * 33])
def test_keys_that_no_page_of_ours_has(organisation, member, key):
	assert fill(member, "Default", key=key).status_code == 400
	assert tickets_of(organisation) == 0


def test_one_person_files_so_many_in_an_hour(organisation, member, sign_in_as):
	configure(tickets_per_person_per_hour=2)
	for _time in range(2):
		ticket_of(fill(member, "Default"))
	answer = fill(member, "Default", subject="Keep me")
	assert answer.status_code == 429
	assert int(answer.headers["Retry-After"]) > 3000
	assert "You have sent a lot in a short time." in answer.text
	assert typed(answer.text, "subject") == "Keep me"
	ticket_of(fill(sign_in_as(organisation.address()), "Default"))
	assert tickets_of(organisation) == 3


def test_one_organisation_files_so_many_in_an_hour(organisation, other_organisation, member, sign_in_as):
	configure(tickets_per_customer_per_hour=1)
	ticket_of(fill(member, "Default"))
	assert fill(sign_in_as(organisation.address()), "Default").status_code == 429
	ticket_of(fill(sign_in_as(other_organisation.address()), "Default"))


def test_what_a_rule_of_others_refuses_is_a_clear_sentence(organisation, offered, member):
	"""A field that every ticket must have, and that the form does not show: the admin reads why in the Error Log."""
	make_field("filing_needed", "Data", reqd=1)
	try:
		answer = fill(member, "Default", subject="Keep me")
		assert answer.status_code == 409
		assert "This could not be done." in answer.text
		assert "filing_needed" not in answer.text
		assert typed(answer.text, "subject") == "Keep me"
		frappe.db.rollback()
		logged = frappe.get_last_doc("Error Log")
		assert "filing_needed" in logged.error
		form = make_form("filing_needed")
		offered(form)
		assert problems(fill(member, form).text) == {"f_filing_needed": "This is needed."}
		ticket_of(fill(member, form, f_filing_needed="x"))
	finally:
		drop_fields("filing_needed")
	assert tickets_of(organisation) == 1


TEXTS = {
	"subject": ("x" * 141, "a\x00b", "\ufffd"),
	"description": ("x" * 10_001, "a\x00b"),
	"copies": ("x" * 2_500,),
	"f_priority": ("x" * 25_000, "a\x00b", "Nonsense"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_that_are_not_taken(organisation, offered, member, name):
	form = make_form("priority")
	offered(form)
	for text in TEXTS[name]:
		answer = fill(member, form, **{name: text})
		assert answer.status_code in (400, 422), text[:20]
		assert "Traceback" not in answer.text
	assert fill(member, form, **{name: ["a", "b"]}).status_code in (400, 422)
	assert tickets_of(organisation) == 0


def test_hostile_words_stay_words(member):
	hostile = "<img src=x onerror=alert(1)>{{1234567*7654321}}"
	answer = fill(member, "Default", subject=hostile, description=hostile)
	page = member.follow(answer).text
	assert "<img src=x" not in page
	assert "9449772114007" not in page
	assert "{{1234567*7654321}}" in page
