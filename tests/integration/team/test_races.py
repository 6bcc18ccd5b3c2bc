"""Two managers, and two browsers of one, at the same moment."""

import frappe
import pytest

from customer_portal import access, teams
from customer_portal.exceptions import PortalError, TeamManagersOnly
from customer_portal.sign_in import people
from tests.integration.team.conftest import letters, row_of
from tests.organisations import make_organisation
from tests.threads import in_parallel


def outcome(act, *arguments) -> str:
	try:
		act(*arguments)
	except PortalError as problem:
		frappe.db.rollback()
		return type(problem).__name__
	return "done"


@pytest.fixture
def two(organisation):
	"""The addresses of two managers, who have users."""
	addresses = [organisation.manager(name) for name in ("mona", "nour")]
	for address in addresses:
		people.user_of(address, "en")
	frappe.db.commit()
	return addresses


def test_two_managers_who_dismiss_each_other(organisation, two):
	"""One is faster, and the other is no manager any more: never both, and never none."""
	members = [access.member(address) for address in two]

	def dismiss(number: int) -> str:
		return outcome(teams.set_manager, members[number], organisation.customer, two[1 - number], False)

	for _time in range(5):
		for address in two:
			organisation.put(address, role="Manager")
		assert sorted(in_parallel(dismiss, [0, 1], workers=2)) == ["TeamManagersOnly", "done"]
		assert len(teams.managers(organisation.customer)) == 1


def test_two_managers_who_invite_the_same_person(organisation, two):
	members = [access.member(address) for address in two]
	address = organisation.address("lina")

	def invite(member) -> str:
		return outcome(teams.invite, member, organisation.customer, address, "en")

	assert set(in_parallel(invite, members * 3, workers=6)) == {"done"}
	document = frappe.get_doc("Portal Customer Access", organisation.customer)
	assert [row.email for row in document.people].count(address) == 1
	assert len(letters(recipient=address)) == 1


def test_nothing_of_many_changes_is_lost(organisation, two):
	"""Each changes another person in the one document."""
	members = [access.member(address) for address in two]
	addresses = [organisation.put(organisation.address(f"p{number}")) for number in range(6)]

	def change(number: int) -> str:
		return outcome(
			teams.set_visibility, members[number % 2], organisation.customer, addresses[number], True
		)

	assert set(in_parallel(change, range(6), workers=6)) == {"done"}
	frappe.db.rollback()
	assert all(row_of(organisation, address).sees == "All tickets" for address in addresses)


def test_the_limit_of_invitations_holds(organisation, two):
	member = access.member(two[0])
	addresses = [organisation.address(f"p{number}") for number in range(24)]

	def invite(address: str) -> str:
		return outcome(teams.invite, member, organisation.customer, address, "en")

	results = in_parallel(invite, addresses, workers=8)
	assert (results.count("done"), results.count("TooManyInvitations")) == (20, 4)


def test_a_dismissed_manager_whose_request_is_on_its_way(organisation, two):
	"""The rights of the moment count, not those of when the request came."""
	member = access.member(two[0])
	organisation.put(two[0])
	with pytest.raises(TeamManagersOnly):
		teams.invite(member, organisation.customer, organisation.address("lina"), "en")
	other = make_organisation("globex")
	with pytest.raises(TeamManagersOnly):
		teams.disable(member, other.customer, other.address())
