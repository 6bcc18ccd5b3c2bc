"""Whoever is shut out does not come back by another tag of the same mailbox."""

import frappe
import pytest

from customer_portal import access, join_requests, teams
from customer_portal.exceptions import ColleagueIsOut
from customer_portal.sign_in import people
from tests.factories import unique
from tests.organisations import TICKETS


def tagged(address: str, tag: str) -> str:
	local, _at, domain = address.partition("@")
	return f"{local}+{tag}@{domain}"


def admits(address: str) -> bool:
	return bool(access.of_address(address))


@pytest.fixture
def out(organisation):
	return organisation.put(organisation.address("mona"), is_disabled=1)


def test_by_a_tag(out):
	assert not admits(tagged(out, "1"))
	assert not people.may_enter(tagged(out, "1"))


def test_without_the_tag_and_by_another_one(organisation):
	address = organisation.address("mona")
	organisation.put(tagged(address, "1"), is_disabled=1)
	assert not admits(address)
	assert not admits(tagged(address, "2"))


def test_a_row_of_their_own_comes_first(organisation, out):
	organisation.put(tagged(out, "billing"))
	assert admits(tagged(out, "billing"))
	assert not admits(tagged(out, "other"))


def test_others_are_not_concerned(organisation, out):
	local, _at, domain = out.partition("@")
	for other in (f"x{out}", f"{local}.x+1@{domain}", f"{local.replace('a', 'á')}+1@{domain}"):
		assert admits(other)
	start = unique("a")
	organisation.put(f"{start}_%b@{domain}", is_disabled=1)
	assert admits(f"{start}cdb+1@{domain}")
	lina = organisation.address("lina")
	organisation.put(tagged(lina, "1"))
	assert admits(lina)


def test_another_organisation_goes_on_admitting(out, other_organisation):
	address = other_organisation.put(tagged(out, "1"))
	assert [one.customer for one in access.of_address(address)] == [other_organisation.customer]


def test_who_is_in_already_is_out_at_once(organisation, sign_in_as):
	address = organisation.address("mona")
	client = sign_in_as(tagged(address, "1"))
	assert client.get(TICKETS).status_code == 200
	organisation.put(address, is_disabled=1)
	assert client.get(TICKETS).status_code != 200
	manager = people.user_of(organisation.manager(), "en")
	frappe.db.commit()
	team = teams.read(access.member(manager), organisation.customer)
	assert tagged(address, "1") not in {one.address for one in team.colleagues}
	assert teams.admitted(organisation.customer, [tagged(address, "1")]) == set()


def test_managers_do_not_invite_them(organisation, out):
	manager = access.member(people.user_of(organisation.manager(), "en"))
	frappe.db.commit()
	with pytest.raises(ColleagueIsOut):
		teams.invite(manager, organisation.customer, tagged(out, "1"), "en")


def test_nor_are_they_noted_as_new(organisation, out):
	organisation.manager()
	organisation.change(who="Named people only")
	new = organisation.address("new")
	join_requests.note(new)
	join_requests.note(tagged(out, "1"))
	noted = frappe.get_all("Portal Join Request", {"customer": organisation.customer}, pluck="email")
	assert noted == [new]
