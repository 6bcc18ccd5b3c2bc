"""Helpdesk's own portal for customers with an account goes on as before, and shows the same as ours."""

import re

import frappe
import pytest

from customer_portal import memberships
from tests.accounts import log_in
from tests.factories import PASSWORD, make_customer, make_ticket
from tests.integration.member_tickets.conftest import make_team
from tests.organisations import TICKETS, enter
from tests.talk import act, messages, say

GET_ONE = "/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.get_one"
GET_LIST = "/api/method/frappe.client.get_list"
RUN = "/api/method/run_doc_method"


@pytest.fixture
def account(organisation):
	"""A user of Helpdesk's portal from before, whose address the organisation admits now."""
	user = make_customer()
	organisation.put(user.name)
	return user


@pytest.fixture
def ticket(organisation, account):
	return organisation.ticket(account.name)


@pytest.fixture
def home(ticket):
	return f"{TICKETS}/{ticket.name}"


@pytest.fixture
def in_helpdesk(new_client, account):
	"""Their browser, signed in to Helpdesk with the password."""
	return log_in(new_client(), account.name, PASSWORD)


def read(client, ticket) -> dict:
	"""What Helpdesk's page of the ticket loads."""
	answer = client.get(f"{GET_ONE}?name={ticket.name}&is_customer_portal=true")
	assert answer.status_code == 200, answer.text
	return answer.json()["message"]


def listed(client) -> set[str]:
	"""The tickets that Helpdesk's rules let Frappe list."""
	answer = client.get(f"{GET_LIST}?doctype=HD%20Ticket&limit_page_length=0")
	assert answer.status_code == 200, answer.text
	return {str(row["name"]) for row in answer.json()["message"]}


def make_helpdesks_manager(user: str, customer: str) -> None:
	"""Who sees all tickets of the customer in Helpdesk: a manager since 1.28, every contact of theirs before."""
	contact = frappe.db.get_value("Contact", {"user": user})
	memberships.join(contact, customer)
	document = frappe.get_doc("HD Customer", customer)
	for row in document.get("contacts", {"contact_name": contact}):
		row.is_manager = 1
	document.save(ignore_permissions=True)
	frappe.db.commit()


def said(client, ticket) -> str:
	return " ".join(one["content"] for one in read(client, ticket)["communications"])


def write(client, ticket, text: str):
	"""As Helpdesk's page of the ticket does."""
	page = client.get("/helpdesk/my-tickets").text
	token = re.search(r"""csrf_token["'\]]*\s*[:=]\s*["']([0-9a-f]+)""", page)[1]
	arguments = {"dt": "HD Ticket", "dn": str(ticket.name), "method": "create_communication_via_contact"}
	body = {**arguments, "args": {"message": text, "attachments": []}}
	return client.session.post(
		f"{client.base}{RUN}", json=body, headers={"X-Frappe-CSRF-Token": token}, timeout=30
	)


def test_a_plain_customer_reads_and_answers_in_helpdesk(customer, customer_client, client):
	ticket = make_ticket(email=customer.name)
	say(ticket, "<p>We come on Monday.</p>")
	assert "We come on Monday." in said(customer_client, ticket)
	assert write(customer_client, ticket, "<p>Thank you</p>").status_code == 200
	assert messages(ticket)[-1].sender == customer.name
	assert "Thank you" in said(customer_client, ticket)
	assert customer_client.get(f"{TICKETS}/{ticket.name}").status_code == 403  # no organisation admits them


def test_helpdesks_pages_open_for_customers(customer_client, in_helpdesk):
	for client in (customer_client, in_helpdesk):
		assert client.get("/helpdesk/my-tickets").status_code == 200


def test_one_account_one_session_both_portals(in_helpdesk, ticket, home):
	"""Who is signed in to Helpdesk needs no mail for ours."""
	assert read(in_helpdesk, ticket)["subject"] == ticket.subject
	assert ticket.subject in in_helpdesk.get(home).text


def test_helpdesk_lists_what_it_listed(in_helpdesk, new_client, organisation, account, ticket):
	"""Their own tickets, for a manager of the customer in Helpdesk all of it, and never another customer's."""
	colleagues, foreign = organisation.ticket(), make_ticket()
	assert listed(in_helpdesk) == {str(ticket.name)}
	enter(new_client(), account.name)
	assert listed(in_helpdesk) == {str(ticket.name)}
	make_helpdesks_manager(account.name, organisation.customer)
	enter(new_client(), account.name)
	assert listed(in_helpdesk) == {str(ticket.name), str(colleagues.name)}
	assert str(foreign.name) not in listed(in_helpdesk)


def test_what_is_written_in_helpdesk_is_seen_here(in_helpdesk, ticket, home):
	assert write(in_helpdesk, ticket, "<p>From Helpdesk's portal</p>").status_code == 200
	page = in_helpdesk.get(home).text
	assert "From Helpdesk&#39;s portal" in page or "From Helpdesk's portal" in page
	assert 'class="message you"' in page


def test_what_is_written_here_is_seen_in_helpdesk(in_helpdesk, ticket, home, account):
	assert act(in_helpdesk, home, "reply", text="From the new portal").status_code == 303
	shown = read(in_helpdesk, ticket)["communications"][-1]
	assert "From the new portal" in shown["content"]
	assert shown["sender"] == account.name
	assert shown["sent_or_received"] == "Received"


def test_a_state_that_is_changed_here_is_seen_in_helpdesk_and_back(in_helpdesk, ticket, home):
	assert act(in_helpdesk, home, "close", text="Done").status_code == 303
	assert read(in_helpdesk, ticket)["status"] == "Closed"
	assert act(in_helpdesk, home, "reopen", text="Not yet").status_code == 303
	assert read(in_helpdesk, ticket)["status"] == "Open"


def test_signing_in_here_keeps_the_account_and_its_roles(new_client, account, ticket, home):
	browser = enter(new_client(), account.name)
	assert ticket.subject in browser.get(home).text
	assert "HD Customer" in frappe.get_roles(account.name)
	assert read(browser, ticket)["subject"] == ticket.subject
	assert frappe.db.count("User", {"email": account.name}) == 1
	assert log_in(new_client(), account.name, PASSWORD)  # the password goes on


def test_who_is_taken_off_the_list_still_has_helpdesks_portal(
	in_helpdesk, new_client, organisation, account, ticket, home
):
	"""Their sessions end; whoever has a password there comes in again, and has no more than Helpdesk gives."""
	organisation.put(account.name, is_disabled=1)
	assert in_helpdesk.get(home).status_code == 303
	again = log_in(new_client(), account.name, PASSWORD)
	assert again.get(home).status_code == 403
	assert read(again, ticket)["subject"] == ticket.subject


def test_who_came_by_our_sign_in_alone_sees_the_same_in_helpdesk(sign_in_as, organisation):
	"""Helpdesk makes the user of a customer's contact one of its portal's own."""
	address = organisation.address("new")
	ticket, foreign = organisation.ticket(address), make_ticket()
	member = sign_in_as(address)
	assert member.get(f"{TICKETS}/{ticket.name}").status_code == 200
	assert read(member, ticket)["subject"] == ticket.subject
	assert member.get(f"{GET_ONE}?name={foreign.name}").status_code == 403


def test_a_mention_shows_no_address_in_helpdesks_portal(in_helpdesk, organisation, account, huda, omar):
	ticket = organisation.ticket(account.name, agent_group=make_team(huda, omar).name)
	name = frappe.db.get_value("User", huda.name, "full_name")
	act(in_helpdesk, f"{TICKETS}/{ticket.name}", "reply", text=f"@{name} hello")
	shown = said(in_helpdesk, ticket)
	assert f'data-label="{name}"' in shown
	assert huda.name not in shown
