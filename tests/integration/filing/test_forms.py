"""Which forms a member is shown, what stands in them, and what is taken of what is sent."""

import frappe

from tests.client import hidden_fields, text_of
from tests.filing import (
	NEW,
	fill,
	make_form,
	offer,
	options,
	page_of,
	problems,
	ticket_of,
	typed,
)
from tests.organisations import make_organisation

HOSTILE = (
	'<h2 onclick="x()">Before you begin</h2><script>alert(1)</script><p style="position:fixed">Unplug it.</p>'
)


def test_without_forms_the_default_one_opens(member):
	page = member.get(NEW).text
	assert "<h1>New request</h1>" in page
	assert ticket_of(fill(member, "Default")).template == "Default"


def test_one_form_opens_directly(offered, member):
	form = make_form("priority")
	offered(form)
	page = member.get(NEW).text
	assert f"<h1>{form}</h1>" in page
	assert "Choose another form" not in page
	assert ticket_of(fill(member, form)).template == form


def test_several_are_offered_to_choose_from(offered, member):
	first, second = make_form(about=HOSTILE), make_form(about="<p>For &amp; about " + "words " * 100 + "</p>")
	offered(second, first, "Default")
	page = member.get(NEW).text
	assert page.index(second) < page.index(first) < page.index("General request")
	assert "Before you begin Unplug it." in text_of(page)
	assert "For &amp; about words" in page
	assert "…</span>" in page
	assert "alert(1)" not in page
	opened = member.get(page_of(first))
	assert f"<h1>{first}</h1>" in opened.text
	assert "Choose another form" in opened.text


def test_a_name_with_every_sign(offered, member):
	form = make_form(template_name=f'A/B & "C"?#%2F+ {frappe.generate_hash(length=6)} مرحبا')
	offered(form, "Default")
	assert "General request" in member.get(NEW).text
	assert ticket_of(fill(member, form)).template == form


def test_what_is_not_offered_cannot_be_opened_or_sent(organisation, other_organisation, offered, member):
	own, foreign = make_form(), make_form()
	offered(own)
	offer(other_organisation, foreign)
	fields = hidden_fields(member.get(NEW).text, NEW)
	before = frappe.db.count("HD Ticket")
	for name in (foreign, "Default", "Nothing of this name"):
		answer = member.get(page_of(name))
		assert answer.status_code == 404
		answer = member.post(NEW, {**fields, "form": name, "subject": "x", "description": "y"})
		assert answer.status_code == 404
		assert "This form is not here." in answer.text
	frappe.db.rollback()
	assert frappe.db.count("HD Ticket") == before


def test_a_form_that_is_withdrawn_while_it_is_filled_in(offered, member):
	form = make_form()
	offered(form)
	fields = hidden_fields(member.get(NEW).text, NEW)
	offered("Default")
	answer = member.post(NEW, {**fields, "subject": "x", "description": "y"})
	assert answer.status_code == 404


def test_who_is_no_member_is_asked_to_sign_in(client, new_client):
	assert client.get(NEW).status_code in (303, 403)
	assert client.get("/portal/articles?q=printer").status_code in (303, 401, 403)


def test_who_is_taken_off_the_list_files_nothing(organisation, person, member):
	fields = hidden_fields(member.get(NEW).text, NEW)
	organisation.put(person, is_disabled=1)
	before = frappe.db.count("HD Ticket")
	assert member.post(NEW, {**fields, "subject": "x", "description": "y"}).status_code in (303, 403)
	frappe.db.rollback()
	assert frappe.db.count("HD Ticket") == before


def test_texts_of_the_form(offered, member, note):
	row = {"fieldname": note, "placeholder": 'Such as "A-1"', "required": 1}
	subject = {"fieldname": "subject", "placeholder": "In short"}
	form = make_form(row, subject, about=HOSTILE, description_template="<p>Where?</p><ul><li>When?</li></ul>")
	offered(form)
	page = member.get(NEW).text
	assert 'placeholder="Such as &#34;A-1&#34;"' in page
	assert 'placeholder="In short"' in page
	assert "Stands &lt;b&gt;below&lt;/b&gt; the machine" in page
	assert ">Serial number</span>" in page
	assert "<script>alert(1)" not in page
	assert "position:fixed" not in page
	assert "Unplug it." in page
	assert typed(page, "description") == "Where?\n- When?"


def test_what_is_needed_is_asked_for_by_name(offered, member, note):
	form = make_form({"fieldname": note, "required": 1})
	offered(form)
	answer = fill(member, form, subject=" ", description="")
	assert answer.status_code == 422
	needed = "This is needed."
	assert problems(answer.text) == {f"f_{note}": needed, "subject": needed, "description": needed}
	for field, label in (
		(f"f_{note}", "Serial number"),
		("subject", "Subject"),
		("description", "Description"),
	):
		assert f'<a href="#{field}"><bdi>{label}</bdi></a>: {needed}' in answer.text
		assert f'aria-invalid="true" aria-describedby="problem-{field}' in answer.text
	assert 'role="alert"' in answer.text
	assert "<title>Problem: New request" in answer.text


def test_all_that_was_typed_is_still_there(offered, member, note, colour):
	form = make_form(note, colour, "priority")
	offered(form)
	words = {
		"subject": 'A "quoted" <b>',
		"description": "\nOne\n\n  Two </textarea>",
		"copies": "nobody@x.example",
	}
	answer = fill(member, form, **words, f_filing_note="N-1", f_filing_colour="Green", f_priority="High")
	assert answer.status_code == 422
	page = answer.text
	assert typed(page, "subject") == words["subject"]
	assert typed(page, "description") == words["description"].lstrip("\n") or typed(page, "description")
	assert "Two </textarea>" not in page.split('name="description"')[1].split("</textarea>")[0]
	assert typed(page, "copies") == words["copies"]
	assert typed(page, f"f_{note}") == "N-1"
	assert '<option value="Green" selected>' in page
	assert '<option value="High" selected>' in page


def test_hidden_fields_are_neither_shown_nor_taken(offered, member, note, colour):
	form = make_form({"fieldname": note, "hide_from_customer": 1, "required": 1}, colour)
	offered(form)
	assert note not in member.get(NEW).text
	ticket = ticket_of(fill(member, form, f_filing_note="forged", f_filing_colour="Green"))
	assert not ticket.get(note)
	assert ticket.get(colour) == "Green"


FORGED = {
	"raised_by": "boss@else.example",
	"contact": "Somebody",
	"owner": "Administrator",
	"template": "Other",
	"status": "Closed",
	"status_category": "Resolved",
	"sub_status": "x",
	"sla": "x",
	"key": "x",
	"via_customer_portal": "0",
	"portal_private": "1",
	"portal_email": "x@else.example",
	"portal_archived": "1",
	"feedback_rating": "1",
	"is_merged": "1",
	"merged_with": "1",
	"resolution_details": "x",
	"opening_date": "2020-01-01",
	"agreement_status": "Fulfilled",
	"email_account": "x",
	"docstatus": "1",
	"name": "7",
	"priority": "Urgent",
	"agent_group": "Billing",
}


def test_only_fields_of_the_form_are_set(organisation, other_organisation, person, member):
	"""By their own names, and as if they were fields of the form."""
	plain = ticket_of(fill(member, "Default"))
	for prefix in ("", "f_"):
		forged = {f"{prefix}{name}": value for name, value in FORGED.items() if name != "key"}
		forged["f_customer"] = other_organisation.customer
		ticket = ticket_of(fill(member, "Default", customer=other_organisation.customer, **forged))
		assert ticket.customer == organisation.customer
		assert ticket.raised_by == person
		for name in FORGED:
			if name not in ("name", "key"):
				assert ticket.get(name) == plain.get(name), name
		assert int(ticket.name) == int(plain.name) + (1 if prefix == "" else 2)


def test_a_template_may_not_hand_out_what_is_not_a_customers(offered, person, member):
	"""An admin lists fields of Helpdesk's that say whose a ticket is, and how it stands."""
	rows = [name for name in FORGED if frappe.get_meta("HD Ticket").has_field(name)]
	rows = [name for name in rows if name not in ("status", "agreement_status", "priority", "agent_group")]
	form = make_form(*rows, "customer", "subject", "description")
	offered(form)
	page = member.get(NEW).text
	assert 'name="f_' not in page
	ticket = ticket_of(fill(member, form, **{f"f_{name}": FORGED[name] for name in rows}))
	assert ticket.raised_by == person
	assert ticket.template == form


def test_a_member_of_two_organisations_says_for_which(organisation, other_organisation, sign_in_as):
	person = organisation.address()
	other_organisation.put(person)
	member = sign_in_as(person)
	stranger = make_organisation("stranger").customer
	page = member.get(NEW).text
	assert options(page, "customer") == [] and "Organisation" in page
	for chosen in (None, "", stranger):
		answer = fill(member, "Default", customer=chosen)
		assert list(problems(answer.text)) == ["customer"]
	for one in (organisation, other_organisation):
		ticket = ticket_of(fill(member, "Default", customer=one.customer))
		assert ticket.customer == one.customer
	form = make_form()
	offer(other_organisation, form)
	assert ticket_of(fill(member, form)).customer == other_organisation.customer
	assert list(problems(fill(member, form, customer=organisation.customer).text)) == []
	assert ticket_of(fill(member, "Default")).customer == organisation.customer
