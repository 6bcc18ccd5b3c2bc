"""A Contact that a website user has made, with whatever address, gives nobody a ticket."""

import frappe
import pytest

from customer_portal import access, followers
from tests.factories import unique
from tests.organisations import TICKETS, hidden_fields, member_form


def send(client, method: str, path: str, **data):
	"""Frappe's generic REST, as a script of the member's browser calls it."""
	headers = {"X-Frappe-CSRF-Token": member_form(client)["csrf_token"], "Origin": f"http://{client.host}"}
	return client.session.request(method, client._url(f"/api/resource/{path}"), json=data, headers=headers)


def contact_with(client, address: str) -> str:
	answer = send(
		client, "POST", "Contact", first_name="x", email_ids=[{"email_id": address, "is_primary": 1}]
	)
	assert answer.status_code == 200, answer.text
	return answer.json()["data"]["name"]


def by_mail(sender: str):
	"""As Helpdesk opens a ticket for a mail."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	ticket = frappe.get_doc({"doctype": "HD Ticket", "subject": unique("Secret"), "raised_by": sender})
	ticket.insert(ignore_permissions=True)
	frappe.db.commit()
	return ticket


@pytest.fixture
def thief(organisation):
	return organisation.address("eve")


@pytest.fixture
def client_of_thief(thief, sign_in_as):
	return sign_in_as(thief)


def test_a_stranger_who_had_no_contact(client_of_thief, thief):
	victim = f"{unique('victim')}@elsewhere.example"
	contact = contact_with(client_of_thief, victim)
	ticket = by_mail(victim)
	assert not ticket.contact
	ticket.db_set("contact", contact)  # as of a ticket from before this app was installed
	frappe.db.commit()
	mails = [{"email_id": thief, "is_primary": 1}]
	assert send(client_of_thief, "PUT", f"Contact/{contact}", user=thief, email_ids=mails).status_code == 200
	assert client_of_thief.get(f"{TICKETS}/{ticket.name}").status_code == 404
	assert ticket.subject not in client_of_thief.get(TICKETS).text
	frappe.db.rollback()
	row = frappe.db.get_value("HD Ticket", ticket.name, access.FIELDS, as_dict=True)
	assert row.contact == contact
	assert contact not in access.member(thief).contacts
	assert followers.of_ticket(row) == []


def test_a_contact_without_a_user_says_nothing_either(client_of_thief, thief):
	contact = contact_with(client_of_thief, thief)
	frappe.db.rollback()
	assert contact not in access.member(thief).contacts


def test_a_contact_does_not_become_staffs(client_of_thief, thief):
	contact = contact_with(client_of_thief, thief)
	send(client_of_thief, "PUT", f"Contact/{contact}", owner="Administrator")
	frappe.db.rollback()
	assert frappe.db.get_value("Contact", contact, "owner") == thief


def test_the_contact_of_the_sign_in_counts(client_of_thief, thief):
	frappe.db.rollback()
	(contact,) = access.member(thief).contacts
	assert frappe.db.get_value("Contact", contact, ["owner", "user"]) == ("Administrator", thief)


def test_a_colleague_of_another_organisation_keeps_contact_and_customer(
	client_of_thief, other_organisation, sign_in_as
):
	victim = other_organisation.address("vic")
	contact_with(client_of_thief, victim)
	sign_in_as(victim)
	ticket = by_mail(victim)
	frappe.db.rollback()
	assert frappe.db.get_value("Contact", ticket.contact, "user") == victim
	assert ticket.customer == other_organisation.customer


def test_who_made_their_own_contact_keeps_it(customer):
	"""As in Helpdesk's own portal."""
	frappe.set_user(customer.name)
	contact = frappe.get_doc({"doctype": "Contact", "first_name": unique("Own"), "user": customer.name})
	contact.append("email_ids", {"email_id": customer.name, "is_primary": 1})
	contact.insert()
	ticket = frappe.get_doc({"doctype": "HD Ticket", "subject": "Mine", "contact": contact.name})
	ticket.insert(ignore_permissions=True)
	assert ticket.contact == contact.name


@pytest.mark.parametrize("values", [{"customer": ""}, {"is_merged": 1}, {"merged_with": "other"}])
def test_a_member_takes_no_ticket_out_of_the_managers_sight(
	organisation, client_of_thief, thief, sign_in_as, values
):
	boss = sign_in_as(organisation.manager())
	contact = frappe.db.get_value("Contact", {"user": thief})
	ticket, other = (organisation.ticket(thief, contact=contact) for _one in range(2))
	values = {field: str(other.name) if value == "other" else value for field, value in values.items()}
	page = f"{TICKETS}/{ticket.name}"
	assert hidden_fields(client_of_thief.get(page).text, "/reply")
	answer = send(client_of_thief, "PUT", f"HD Ticket/{ticket.name}", **values)
	assert answer.status_code == 403
	assert "Only agents may change the field" in answer.text
	assert boss.get(page).status_code == 200
	allowed = send(
		client_of_thief, "PUT", f"HD Ticket/{ticket.name}", customer=organisation.customer, is_merged=0
	)
	assert allowed.status_code == 200
