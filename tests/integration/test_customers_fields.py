"""What people who are no agents may set on a ticket."""

import frappe
import pytest

from customer_portal.exceptions import AddressIsNotYours, FieldIsForAgents
from customer_portal.extends import hd_ticket
from tests.factories import make_agent, make_contact, unique
from tests.ledger import (
	default_of,
	events,
	main_of,
	set_sub_status,
)


def ticket_of(customer):
	"""A ticket that generic REST lets this customer write."""
	frappe.set_user(customer.name)
	ticket = frappe.get_doc({"doctype": "HD Ticket", "subject": "Mine", "raised_by": customer.name})
	return ticket.insert(ignore_permissions=True)


@pytest.mark.parametrize(
	("fieldname", "value"),
	[
		("sub_status", "Closed"),
		("portal_archived", 1),
		("portal_archived_on", "2026-01-01 00:00:00"),
		("portal_phone", "+966550000000"),
		("portal_email", "thief@example.com"),
		("portal_language", "ar"),
	],
)
def test_customers_may_not_change_our_fields(customer, fieldname, value):
	ticket = ticket_of(customer)
	ticket.set(fieldname, default_of(4) if fieldname == "sub_status" else value)
	with pytest.raises(FieldIsForAgents) as refused:
		ticket.save(ignore_permissions=True)
	assert isinstance(refused.value, frappe.PermissionError)
	assert "Only agents may change the field" in str(refused.value)


@pytest.fixture
def contact(customer):
	contact = make_contact(phone="+966 55 000 0001", email=f"{unique('second')}@example.com")
	return contact.update({"user": customer.name}).save(ignore_permissions=True)


def insert_as(user, **values):
	frappe.set_user(user.name)
	ticket = frappe.get_doc({"doctype": "HD Ticket", "subject": "Mine", "raised_by": user.name, **values})
	return ticket.insert(ignore_permissions=True)


def test_customers_may_give_their_contact_data_with_a_new_ticket(customer, contact):
	address = contact.email_ids[0].email_id
	for values in (
		{"portal_phone": "00966 550000001"},
		{"portal_email": address.upper()},
		{"portal_email": customer.name},
		{"portal_language": "ar"},
	):
		ticket = insert_as(customer, **values)
		assert {fieldname: ticket.get(fieldname) for fieldname in values} == values


@pytest.mark.parametrize("has_contact", [True, False])
@pytest.mark.parametrize(
	"values",
	[
		{"portal_phone": "+8821612345678"},
		{"portal_phone": "+966550000002"},
		{"portal_phone": "a friend"},
		{"portal_email": "stranger@example.com"},
		{"portal_email": "no address"},
		{"raised_by": "stranger@example.com"},
	],
	ids=str,
)
def test_but_nobody_elses(customer, request, has_contact, values):
	if has_contact:
		request.getfixturevalue("contact")
	make_contact(phone="+966550000002", email="stranger@example.com")
	with pytest.raises(AddressIsNotYours) as refused:
		insert_as(customer, **values)
	assert (refused.value.http_status_code, isinstance(refused.value, frappe.PermissionError)) == (403, True)
	assert "takes only what your own contact has." in str(refused.value)


def test_a_contact_of_another_user_that_has_ones_address_is_not_ones_own(customer):
	other = make_contact(phone="+966550000003", email=customer.name)
	other.update({"user": make_agent().name}).save(ignore_permissions=True)
	with pytest.raises(AddressIsNotYours):
		insert_as(customer, portal_phone="+966550000003")


@pytest.mark.parametrize("fieldname", ["sub_status", "portal_archived"])
def test_customers_may_not_set_agents_fields_of_a_new_ticket(customer, fieldname):
	value = default_of(2) if fieldname == "sub_status" else 1
	frappe.set_user(customer.name)
	ticket = frappe.get_doc(
		{"doctype": "HD Ticket", "subject": "x", "raised_by": customer.name, fieldname: value}
	)
	with pytest.raises(frappe.PermissionError):
		ticket.insert(ignore_permissions=True)


def test_a_customers_answer_moves_the_ticket_though_they_may_not_set_the_sub_status(customer):
	ticket = ticket_of(customer)
	frappe.set_user("Administrator")
	set_sub_status(ticket, default_of(3))
	frappe.set_user(customer.name)
	ticket = frappe.get_doc("HD Ticket", ticket.name)
	ticket.status = "Open"
	ticket.save(ignore_permissions=True)
	assert main_of(ticket) == 2
	assert (events(ticket)[-1].source, events(ticket)[-1].actor) == ("Customer", customer.name)


def test_the_fields_that_are_guarded_exist():
	meta = frappe.get_meta("HD Ticket")
	for fieldname in hd_ticket.FOR_AGENTS + hd_ticket.FOR_AGENTS_ONCE_CREATED:
		assert meta.has_field(fieldname)
