"""Private tickets, followers, and people with whom a ticket is shared."""

import frappe
import pytest

from customer_portal import access, followers, switches
from customer_portal.tickets import Participant
from tests.client import hidden_fields
from tests.door import sign_in
from tests.organisations import ALL, TICKETS


@pytest.fixture
def organisation(organisation):
	organisation.change(sees=ALL)
	return organisation


@pytest.fixture
def raiser(organisation):
	return organisation.address("raiser")


@pytest.fixture
def ticket(organisation, raiser):
	return organisation.ticket(raiser)


@pytest.fixture
def raiser_client(sign_in_as, raiser):
	return sign_in_as(raiser)


@pytest.fixture
def colleague(organisation):
	return organisation.address("colleague")


@pytest.fixture
def colleague_client(sign_in_as, colleague):
	return sign_in_as(colleague)


def path_of(ticket) -> str:
	return f"{TICKETS}/{ticket.name}"


def press(client, ticket, act: str, **values):
	"""A form of the ticket's page. Where the page does not offer it, one is made up."""
	fields = hidden_fields(client.get(TICKETS).text, "/sign-out")
	return client.post(f"{path_of(ticket)}/{act}", {**fields, **values})


def sees(client, ticket) -> bool:
	return client.get(path_of(ticket)).status_code == 200


def is_private(ticket) -> bool:
	frappe.db.rollback()
	return bool(frappe.db.get_value("HD Ticket", ticket.name, "portal_private"))


def test_a_private_ticket(sign_in_as, organisation, ticket, raiser_client, colleague_client):
	manager = sign_in_as(organisation.manager())
	assert sees(colleague_client, ticket)
	answer = press(raiser_client, ticket, "hide")
	assert answer.status_code == 303
	assert "The ticket is private now." in raiser_client.follow(answer).text
	assert not sees(colleague_client, ticket)
	assert f'{path_of(ticket)}"' not in colleague_client.get(TICKETS).text
	assert sees(raiser_client, ticket)
	assert sees(manager, ticket)
	assert press(manager, ticket, "show").status_code == 303
	assert sees(colleague_client, ticket)


def test_a_colleague_hides_nothing(ticket, colleague_client):
	for act in ("hide", "show"):
		answer = press(colleague_client, ticket, act)
		assert answer.status_code == 409
	assert press(colleague_client, ticket, "share", email="x@example.com").status_code == 409
	assert not is_private(ticket)
	page = colleague_client.get(path_of(ticket)).text
	assert "/hide" not in page
	assert "/share" not in page


def test_to_follow_is_no_way_to_keep_a_private_ticket(ticket, raiser_client, colleague_client):
	assert press(colleague_client, ticket, "follow").status_code == 303
	press(raiser_client, ticket, "hide")
	assert not sees(colleague_client, ticket)
	assert press(colleague_client, ticket, "follow").status_code == 404


def test_whom_somebody_has_added(ticket, colleague, raiser_client, colleague_client):
	press(raiser_client, ticket, "hide")
	assert press(raiser_client, ticket, "share", email=colleague.upper()).status_code == 303
	assert sees(colleague_client, ticket)
	assert press(colleague_client, ticket, "unfollow").status_code == 303
	assert sees(colleague_client, ticket)
	assert press(raiser_client, ticket, "unshare", user=colleague).status_code == 303
	assert not sees(colleague_client, ticket)


@pytest.mark.parametrize("email", ["nobody@example.com", "x", "a@b"])
def test_shared_with_colleagues_alone(
	organisation, other_organisation, sign_in_as, ticket, raiser_client, email
):
	stranger = other_organisation.address()
	stranger_client = sign_in_as(stranger)
	for address in (stranger, email, organisation.address("never-here")):
		answer = press(raiser_client, ticket, "share", email=address)
		assert answer.status_code == 422
		assert f'value="{address}"' in answer.text
	assert not sees(stranger_client, ticket)
	frappe.db.rollback()
	assert not followers.chosen(str(ticket.name))


def test_who_was_not_added_cannot_be_removed(ticket, colleague, raiser_client, colleague_client):
	press(colleague_client, ticket, "follow")
	assert press(raiser_client, ticket, "unshare", user=colleague).status_code == 404
	frappe.db.rollback()
	assert [one.user for one in followers.chosen(str(ticket.name))] == [colleague]


def test_followers_are_shown_to_members(
	ticket, raiser, colleague, raiser_client, colleague_client, organisation
):
	press(colleague_client, ticket, "follow")
	name = frappe.db.get_value("User", colleague, "full_name")
	assert name in raiser_client.get(path_of(ticket)).text
	organisation.put(colleague, is_disabled=1)
	page = raiser_client.get(path_of(ticket)).text
	assert f"<bdi>{name}</bdi>" not in page


def test_follow_and_unfollow(ticket, raiser, raiser_client, colleague, colleague_client):
	row = frappe.db.get_value("HD Ticket", ticket.name, access.FIELDS, as_dict=True)
	for client, who, acts in (
		(raiser_client, raiser, ("unfollow", "follow")),
		(colleague_client, colleague, ("follow", "unfollow")),
	):
		for act in acts:
			assert press(client, ticket, act).status_code == 303
			frappe.db.rollback()
			assert followers.is_following(access.member(who), row) is (act == "follow")


def test_helpdesk_and_its_rules_see_nothing_but_an_activity(ticket, raiser, raiser_client):
	before = frappe.db.get_value("HD Ticket", ticket.name, ["modified", "status", "sub_status"])
	press(raiser_client, ticket, "hide")
	press(raiser_client, ticket, "hide")
	frappe.db.rollback()
	assert frappe.db.get_value("HD Ticket", ticket.name, ["modified", "status", "sub_status"]) == before
	activities = frappe.get_all(
		"HD Ticket Activity", filters={"ticket": ticket.name}, fields=["action", "owner"]
	)
	hidden = [one for one in activities if "hidden" in one.action]
	assert [one.owner for one in hidden] == [raiser]


def test_the_ticket_link_is_as_before(client, ticket, raiser_client):
	assert "Who sees this ticket" in raiser_client.get(path_of(ticket)).text
	home = sign_in(client, ticket)
	assert "Who sees this ticket" not in client.get(home).text


def test_a_ticket_without_customer_is_not_hidden(organisation, raiser, raiser_client):
	ticket = organisation.ticket(raiser)
	frappe.db.set_value("HD Ticket", ticket.name, "customer", None)
	frappe.db.commit()
	assert "/hide" not in raiser_client.get(path_of(ticket)).text
	assert press(raiser_client, ticket, "hide").status_code == 409


def test_how_many_statements_the_page_costs(ticket, raiser, raiser_client, organisation, sign_in_as):
	"""As many with ten followers as with two."""

	def cost() -> int:
		person = access.member(raiser)
		row = frappe.db.get_value("HD Ticket", ticket.name, access.FIELDS, as_dict=True)
		switches.read(row, Participant(str(ticket.name), person))
		before = int(frappe.db.sql("show session status like 'Questions'")[0][1])
		switches.read(row, Participant(str(ticket.name), person))
		return int(frappe.db.sql("show session status like 'Questions'")[0][1]) - before - 1

	counted = []
	for number in range(4):
		address = organisation.address(f"p{number}")
		sign_in_as(address)
		followers.follow(str(ticket.name), address)
		frappe.db.commit()
		counted.append(cost())
	assert counted[1] == counted[-1] <= 4
