"""Whom an admin takes off the list has no session of Frappe any more, with which Helpdesk's own API would go on."""

import frappe
import pytest

from tests.organisations import ACCESS, make_organisation

NAMED = "Named people only"


@pytest.fixture
def named(open_door):
	"""An organisation of named people, one of whom stays."""
	return make_organisation(who=NAMED, people=[{"email": "stays@elsewhere.example"}])


def is_signed_in(client) -> bool:
	answer = client.get("/api/method/frappe.auth.get_logged_user")
	assert answer.status_code in (200, 401, 403)
	return answer.status_code == 200


def remove(organisation, address: str) -> None:
	people = [row for row in frappe.get_doc(ACCESS, organisation.customer).people if row.email != address]
	organisation.change(people=people)


def delete(organisation) -> None:
	frappe.delete_doc(ACCESS, organisation.customer)
	frappe.db.commit()


OF_A_PERSON = {
	"row removed": remove,
	"row disabled": lambda organisation, address: organisation.put(address, is_disabled=1),
	"organisation off": lambda organisation, _address: organisation.change(enabled=0),
	"deleted": lambda organisation, _address: delete(organisation),
}
OF_A_DOMAIN = {
	"domain removed": {"domains": [], "people": [{"email": "stays@elsewhere.example"}]},
	"named people only": {"who": NAMED, "people": [{"email": "stays@elsewhere.example"}]},
	"organisation off": {"enabled": 0},
}


@pytest.mark.parametrize("act", OF_A_PERSON.values(), ids=OF_A_PERSON)
def test_who_was_listed(named, sign_in_as, act):
	address = named.put(named.address("gone"))
	browser = sign_in_as(address)
	ticket = named.ticket(address, subject="Not for who is gone")
	assert is_signed_in(browser)
	act(named, address)
	assert not is_signed_in(browser)
	assert "Not for who is gone" not in browser.get(f"/api/resource/HD Ticket/{ticket.name}").text


@pytest.mark.parametrize("values", OF_A_DOMAIN.values(), ids=OF_A_DOMAIN)
def test_who_came_by_the_domain(organisation, sign_in_as, values):
	browser = sign_in_as(organisation.address("gone"))
	organisation.change(**values)
	assert not is_signed_in(browser)


def test_colleagues_stay(organisation, sign_in_as):
	gone, stays = organisation.address("gone"), organisation.address("stays")
	first, second = sign_in_as(gone), sign_in_as(stays)
	organisation.put(gone, is_disabled=1)
	assert (is_signed_in(first), is_signed_in(second)) == (False, True)


def test_whom_another_organisation_admits_stays(organisation, other_organisation, sign_in_as):
	address = organisation.address("both")
	other_organisation.put(address)
	browser = sign_in_as(address)
	organisation.change(enabled=0)
	assert is_signed_in(browser)


def test_who_is_listed_and_of_the_domain_loses_only_the_row(organisation, sign_in_as):
	address = organisation.put(organisation.address("sara"))
	browser = sign_in_as(address)
	remove(organisation, address)
	assert is_signed_in(browser)


def test_an_agent_stays(organisation, sign_in_as):
	address = organisation.put(organisation.address("agent"))
	browser = sign_in_as(address)
	frappe.get_doc({"doctype": "HD Agent", "user": address, "agent_name": "Sara"}).insert(
		ignore_permissions=True
	)
	frappe.db.commit()
	organisation.put(address, is_disabled=1)
	assert is_signed_in(browser)


def test_a_change_that_is_rolled_back_puts_nobody_out(organisation, sign_in_as):
	browser = sign_in_as(organisation.address("sara"))
	access = frappe.get_doc(ACCESS, organisation.customer)
	access.enabled = 0
	access.save()
	frappe.db.rollback()
	frappe.db.commit()
	assert is_signed_in(browser)
