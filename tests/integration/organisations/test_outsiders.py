"""Every address of members, generated from the table of routes, as everybody to whom it does not belong: nothing comes
back, and nothing is written."""

import re

import frappe
import pytest

from customer_portal.pages import site_routes
from tests.accounts import log_in
from tests.door import counts, sign_in
from tests.factories import PASSWORD, attach_file, make_agent, make_customer, unique
from tests.organisations import TICKETS, enter, is_in, make_organisation, member_form
from tests.talk import own_png, say

SECRET = "Only Acme may read this"
GUESTS_OWN = re.compile(r"^(sign-in.*|language|unsubscribe.*|following.*|digest.*|hooks.*|staff.*|)$")
ROUTES = [route for route in site_routes.ROUTES if not GUESTS_OWN.fullmatch(route[1])]
OF_A_TICKET = [route for route in ROUTES if route[1].startswith("tickets/*")]
OTHERS = [route for route in ROUTES if route not in OF_A_TICKET]
KEY = "0123456789abcdef" * 2
FIELDS = {"text": "Written by an outsider", "stars": "5", "key": KEY, "email": "a@example.com", "user": "x"}


@pytest.fixture(scope="module")
def acme(site):
	return make_organisation()


@pytest.fixture(scope="module")
def ticket(acme):
	"""Of a colleague, with a description, a message and a file of each."""
	ticket = acme.ticket(subject=SECRET, description=f"<p>{SECRET}</p>")
	message = say(ticket, f"<p>{SECRET}</p>")
	ticket.message_file = attach_file(message, "plan.png", own_png()).name
	photo = attach_file(ticket, "photo.png", own_png(), owner=ticket.raised_by)
	ticket.db_set("description", f'<p>{SECRET}</p><img src="{photo.file_url}">')
	frappe.db.commit()
	ticket.own_file = photo.name
	return ticket


def guest(client, acme):
	return client


def of_another_organisation(client, acme):
	return enter(client, make_organisation("globex").address())


def manager_of_another_organisation(client, acme):
	return enter(client, make_organisation("globex").manager())


def colleague_with_own_tickets_alone(client, acme):
	return enter(client, acme.address())


def former_member(client, acme):
	address = acme.address()
	enter(client, address)
	acme.put(address, is_disabled=1)
	return client


def former_manager(client, acme):
	address = acme.put(f"{unique('m')}@example.net", role="Manager")
	enter(client, address)
	access = frappe.get_doc("Portal Customer Access", acme.customer)
	acme.change(people=[row for row in access.people if row.email != address])
	return client


def disabled_user(client, acme):
	address = acme.manager()
	enter(client, address)
	frappe.db.set_value("User", address, "enabled", 0)
	frappe.clear_cache(user=address)
	frappe.db.commit()
	return client


def agent(client, acme):
	return log_in(client, make_agent(acme.address("agent"), PASSWORD).name)


def customer_of_helpdesk_alone(client, acme):
	return log_in(client, make_customer().name)


def holder_of_a_ticket_link(client, acme):
	sign_in(client, acme.ticket())
	return client


OUTSIDERS = [
	guest,
	of_another_organisation,
	manager_of_another_organisation,
	colleague_with_own_tickets_alone,
	former_member,
	former_manager,
	disabled_user,
	agent,
	customer_of_helpdesk_alone,
	holder_of_a_ticket_link,
]
MEMBERS = (of_another_organisation, manager_of_another_organisation, colleague_with_own_tickets_alone)


def addresses(pattern: str, ticket) -> list[str]:
	"""The route with this ticket, and each of its files, in the place of the stars."""
	path = pattern.replace("*", str(ticket.name), 1)
	files = (ticket.own_file, ticket.message_file)
	return [f"/portal/{path.replace('*', file)}" for file in files] if "*" in path else [f"/portal/{path}"]


def call(client, method: str, path: str, form: dict):
	return client.get(path) if method == "GET" else client.post(path, {**form, **FIELDS})


def form_of(client) -> dict:
	return member_form(client) if is_in(client) else {"form_token": "0" * 64}


@pytest.fixture(params=OUTSIDERS, ids=lambda one: one.__name__)
def outsider(request, open_door, new_client, acme):
	client = request.param(new_client(), acme)
	client.is_member = request.param in MEMBERS
	return client


def test_there_are_routes_to_try():
	assert {"tickets/*", "tickets/*/reply", "tickets/*/file/*"} <= {
		pattern for _method, pattern in OF_A_TICKET
	}
	assert ("POST", "sign-out") in OTHERS


def test_no_route_of_a_ticket(outsider, ticket):
	"""In one test for each person: to sign in costs more than to ask."""
	form = form_of(outsider)
	assert outsider.is_member == is_in(outsider)
	before = counts()
	for method, pattern in OF_A_TICKET:
		for path in addresses(pattern, ticket):
			answer = call(outsider, method, path, form)
			assert answer.status_code in ((404,) if outsider.is_member else (303, 400, 403)), path
			assert SECRET not in answer.text, path
			assert ticket.raised_by not in answer.text, path
			assert not answer.content.startswith(b"\x89PNG"), path
	assert counts() == before


def test_a_ticket_that_exists_and_one_that_does_not_look_the_same(outsider, ticket):
	form = form_of(outsider)
	for method, pattern in OF_A_TICKET:
		real = addresses(pattern, ticket)[0]
		unreal = real.replace(f"/{ticket.name}", "/987654321")
		answers = [call(outsider, method, path, form) for path in (real, unreal)]
		seen = [(one.status_code, re.sub(r"[0-9a-f]{32,}", "", one.text)) for one in answers]
		assert seen[0] == seen[1], pattern


def test_no_other_route(outsider, ticket):
	if outsider.is_member:
		assert SECRET not in outsider.get(TICKETS).text
		return
	for method, pattern in OTHERS:
		answer = call(outsider, method, f"/portal/{pattern}", form_of(outsider))
		assert answer.status_code in (303, 400, 403), pattern
		assert SECRET not in answer.text


def test_those_to_whom_it_belongs_do_get_it(open_door, new_client, acme, ticket):
	"""Or all of the above would pass on a portal that is shut."""
	for insider in (ticket.raised_by, acme.manager()):
		client = enter(new_client(), insider)
		assert SECRET in client.get(TICKETS).text
		assert SECRET in client.get(f"{TICKETS}/{ticket.name}").text
		assert SECRET in client.get(f"{TICKETS}/{ticket.name}/messages").text
		for file in (ticket.message_file, ticket.own_file):
			assert client.get(f"{TICKETS}/{ticket.name}/file/{file}").content.startswith(b"\x89PNG")


def test_a_file_of_another_ticket_is_not_to_be_had_by_ones_own(open_door, client, acme, ticket):
	address = acme.address()
	own = acme.ticket(address)
	enter(client, address)
	for file in (ticket.message_file, ticket.own_file):
		answer = client.get(f"{TICKETS}/{own.name}/file/{file}")
		assert answer.status_code == 404
		assert not answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("shape", ["{0}x", "{0}.0", "0{0}", "+{0}", "{0}%00", "{0}'--", "{0}e0"])
def test_a_ticket_has_one_spelling(open_door, client, acme, shape):
	address = acme.address()
	own = acme.ticket(address, description=f"<p>{SECRET}</p>")
	enter(client, address)
	answer = client.get(f"{TICKETS}/{shape.format(own.name)}")
	assert answer.status_code in (400, 404)
	assert SECRET not in answer.text


def test_helpdesks_own_doors_to_a_ticket_of_a_colleague(open_door, client, acme, ticket):
	"""A plain member gets no more by Frappe's endpoints than by ours."""
	enter(client, acme.address())
	for path in (
		f"/api/resource/HD Ticket/{ticket.name}",
		f"/api/method/frappe.client.get?doctype=HD Ticket&name={ticket.name}",
	):
		answer = client.get(path)
		assert answer.status_code == 403
		assert SECRET not in answer.text
