"""The page of a ticket for a member: what it tells, what it takes, and what it never shows."""

import frappe
import pytest

from customer_portal.constants import CLOSED, IN_PROGRESS, RESOLVED
from tests.client import hidden_fields, text_of
from tests.factories import attach_file
from tests.integration.member_tickets.conftest import make_named_agent
from tests.ledger import main_of
from tests.organisations import ALL, make_organisation
from tests.talk import PDF, act, files_of, messages, own_png, say, set_main


def test_the_heading_says_whose_and_what_it_is(sign_in_as, organisation):
	organisation.change(sees=ALL)
	raised_by = organisation.address("rami")
	ticket = organisation.ticket(raised_by, priority="Urgent", subject="Pump <b>broken</b>")
	colleague = sign_in_as(organisation.address("lina"))
	page = colleague.get(f"/portal/tickets/{ticket.name}").text
	shown = text_of(page)
	contact = frappe.db.get_value("Contact", ticket.contact, "first_name")
	for told in (ticket.name, "Pump &lt;b&gt;broken&lt;/b&gt;", "Urgent", contact, organisation.customer):
		assert str(told) in shown
	assert "<h1><bdi>Pump &lt;b&gt;broken&lt;/b&gt;</bdi></h1>" in page
	assert raised_by not in page
	assert "Current status" in shown
	assert 'class="steps"' in page


def test_ones_own_ticket_says_you(member, home):
	assert "Requester You" in text_of(member.get(home).text)


def test_a_form_is_named_and_the_default_one_is_not(member, home, ticket):
	assert "Form" not in text_of(member.get(home).text)
	template = frappe.get_doc(
		{"doctype": "HD Ticket Template", "template_name": frappe.generate_hash(length=8)}
	)
	template.insert(ignore_permissions=True)
	frappe.db.set_value("HD Ticket", ticket.name, "template", template.name)
	frappe.db.commit()
	assert f"Form {template.name}" in text_of(member.get(home).text)


def test_everybody_who_wrote_is_named_and_no_address_is_told(sign_in_as, organisation, address, ticket, home):
	organisation.change(sees=ALL)
	colleague_address = organisation.address("lina")
	colleague = sign_in_as(colleague_address)
	agent = make_named_agent("Huda Al-Salem")
	assert act(colleague, home, "reply", text="From a colleague").status_code == 303
	say(ticket, "<p>From an agent</p>", by=agent.name)
	say(ticket, "<p>From a mail</p>", by="somebody@private.example", sent=False)
	member = sign_in_as(address)
	act(member, home, "reply", text="From me")
	page = member.get(home).text
	shown = text_of(page)
	name = frappe.db.get_value("User", {"email": colleague_address}, "full_name")
	for author, said in (
		(name, "From a colleague"),
		("Huda Al-Salem", "From an agent"),
		("s•••@private.example", "From a mail"),
		("You", "From me"),
	):
		assert author in shown
		assert said in shown
	for private in (agent.name, colleague_address, "somebody@private.example"):
		assert private not in page


def test_a_reply_with_files_is_in_helpdesk_and_on_the_page(member, home, ticket):
	files = (("leak.png", own_png()), ("bill.pdf", PDF))
	assert act(member, home, "reply", files, text="See the files").status_code == 303
	assert sorted(file.file_name.split(".")[-1] for file in files_of(ticket)) == ["pdf", "png"]
	page = member.get(home).text
	for file in files_of(ticket):
		assert f"{home}/file/{file.name}" in page
		assert member.get(f"{home}/file/{file.name}").status_code == 200


def test_files_are_for_who_sees_the_ticket(member, home, ticket, client, sign_in_as, organisation):
	message = say(ticket, "<p>Here</p>")
	file = attach_file(message, "plan.pdf", PDF)
	path = f"{home}/file/{file.name}"
	assert member.get(path).status_code == 200
	assert client.get(path).status_code == 403
	assert sign_in_as(organisation.address("other")).get(path).status_code == 404
	assert sign_in_as(make_organisation("globex").manager()).get(path).status_code == 404


def test_internal_comments_are_never_shown(member, home, ticket, huda):
	comment = frappe.new_doc("HD Ticket Comment")
	comment.update(
		{"reference_ticket": ticket.name, "commented_by": huda.name, "content": "<p>Secret note</p>"}
	)
	comment.insert(ignore_permissions=True)
	frappe.db.commit()
	for path in (home, f"{home}/messages", f"{home}/state"):
		assert "Secret note" not in member.get(path).text


# Closing, opening again, rating


def test_closing_without_a_reason(member, home, ticket):
	before = len(messages(ticket))
	assert act(member, home, "close").status_code == 303
	assert _main(ticket) == CLOSED
	assert len(messages(ticket)) == before


def test_closing_with_a_reason_leaves_the_reason_as_a_message(member, home, ticket, address):
	set_main(ticket, IN_PROGRESS)
	assert act(member, home, "close", text="It works <again>").status_code == 303
	assert _main(ticket) == CLOSED
	last = messages(ticket)[-1]
	assert "It works &lt;again&gt;" in last.content
	assert last.sender == address
	assert "The ticket is closed." in member.get(f"{home}?done=close").text


def test_closing_is_for_who_raised_it_and_for_managers(sign_in_as, organisation, ticket, home):
	organisation.change(sees=ALL)
	colleague = sign_in_as(organisation.address("lina"))
	page = colleague.get(home).text
	assert f"{home}/close" not in page
	fields = hidden_fields(page, "/reply")
	assert colleague.post(f"{home}/close", fields).status_code == 409
	assert _main(ticket) != CLOSED
	manager = sign_in_as(organisation.manager())
	assert act(manager, home, "close", text="Not needed").status_code == 303
	assert _main(ticket) == CLOSED


def test_a_reason_may_be_too_long_and_is_kept(member, home, ticket):
	answer = act(member, home, "close", text="x" * 10_001)
	assert answer.status_code == 422
	assert "x" * 10_001 in answer.text
	assert _main(ticket) != CLOSED


def test_opening_again_and_rating(member, home, ticket):
	set_main(ticket, RESOLVED)
	assert act(member, home, "rate", stars="4").status_code == 303
	assert act(member, home, "accept").status_code == 303
	assert _main(ticket) == CLOSED
	assert act(member, home, "reopen", text="Not yet").status_code == 303
	assert _main(ticket) < RESOLVED
	frappe.db.rollback()
	assert round(frappe.db.get_value("HD Ticket", ticket.name, "feedback_rating") * 5) == 4


# Live


def test_state_and_messages_answer_304_while_nothing_changes(member, home, ticket):
	for part in ("state", "messages"):
		first = member.get(f"{home}/{part}")
		tag = {"If-None-Match": first.headers["ETag"]}
		again = member.get(f"{home}/{part}", headers=tag)
		assert (first.status_code, again.status_code, again.text) == (200, 304, "")
	say(ticket, "<p>News</p>")
	assert "News" in member.get(f"{home}/messages", headers=tag).text


@pytest.mark.parametrize("part", ["", "/state", "/messages", "/mentions"])
def test_who_is_taken_off_the_list_sees_nothing_from_then_on(member, home, organisation, address, part):
	assert member.get(f"{home}{part}").status_code == 200
	organisation.put(address, is_disabled=1)
	assert member.get(f"{home}{part}").status_code == (403 if part else 303)  # the page leads to the sign-in


def _main(ticket) -> int:
	frappe.db.rollback()
	ticket.reload()
	return main_of(ticket)
