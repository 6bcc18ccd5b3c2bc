"""Frappe's functions that ask no permission: what a customer learns by them of tickets that are not theirs."""

import frappe
import pytest

from tests.accounts import log_in
from tests.factories import make_agent, make_customer, make_ticket, unique
from tests.integration.test_generic_requests import WAYS as CALLS
from tests.integration.test_generic_requests import ask
from tests.talk import say

WAYS = [way for way in CALLS if way != "cmd at our page"]  # which is no call: the page is shown
TITLE = "frappe.desk.search.get_link_title"
COUNT = "frappe.client.get_count"


@pytest.fixture
def ticket():
	return make_ticket(subject=unique("The plan of the merger"))


@pytest.fixture
def customer(site):
	return make_customer()


@pytest.fixture
def eve(client, customer):
	return log_in(client, customer.name)


def told(client, method: str, way: str = "JSON", **values):
	answer = ask(client, way, method, values)
	assert answer.status_code == 200, answer.text
	return answer.json().get("message", answer.json().get("data"))


@pytest.mark.parametrize("way", WAYS)
def test_a_strangers_ticket_has_no_title(eve, ticket, way):
	answer = ask(eve, way, TITLE, {"doctype": "HD Ticket", "docname": str(ticket.name)})
	assert answer.status_code == 200
	assert ticket.subject not in answer.text


def test_ones_own_ticket_has_one(eve, customer):
	own = make_ticket(email=customer.name, subject=unique("Mine"))
	assert told(eve, TITLE, doctype="HD Ticket", docname=str(own.name)) == own.subject


def test_an_agent_sees_any(client, ticket):
	log_in(client, make_agent().name)
	assert told(client, TITLE, doctype="HD Ticket", docname=str(ticket.name)) == ticket.subject


@pytest.mark.parametrize("doctype", ["HD Ticket", "No Such Doctype", "", "../x", "tabUser` --"])
def test_what_does_not_exist_is_no_error_of_ours(eve, doctype):
	assert told(eve, TITLE, doctype=doctype, docname="no-such-name") == "no-such-name"


def secrets(ticket) -> list[tuple[str, dict]]:
	message = say(ticket, "<p>the PIN is 8842-XK</p>")
	note = frappe.new_doc("HD Ticket Comment")
	note.update(
		{"reference_ticket": ticket.name, "content": "<p>do not refund</p>", "commented_by": "Administrator"}
	)
	note.insert(ignore_permissions=True)
	frappe.db.commit()
	return [
		("HD Ticket", {"name": ticket.name, "subject": ["like", "%merger%"]}),
		("Communication", {"name": message.name, "content": ["like", "%8842%"]}),
		("HD Ticket Comment", {"name": note.name, "content": ["like", "%refund%"]}),
		("User", {"name": "Administrator"}),
		("Contact", {"name": ticket.contact}),
	]


def count(client, way: str, doctype: str, filters) -> int | None:
	"""``None``: refused."""
	answer = ask(client, way, COUNT, {"doctype": doctype, "filters": filters})
	assert answer.status_code in (200, 403), answer.text
	return answer.json().get("message", answer.json().get("data")) if answer.ok else None


def test_nobody_counts_what_they_may_not_read(eve, ticket):
	for doctype, filters in secrets(ticket):
		assert frappe.db.count(doctype, filters) == 1
		assert not any(count(eve, way, doctype, filters) for way in WAYS), doctype


def test_agents_count_all(client, ticket):
	log_in(client, make_agent().name)
	for doctype, filters in secrets(ticket):
		assert count(client, "JSON", doctype, filters) == 1


def test_customers_count_their_own(eve, customer, ticket):
	own = make_ticket(email=customer.name, subject=unique("Mine"))
	for way in ("v1", "JSON", "cmd"):
		assert count(eve, way, "HD Ticket", {"name": ["in", [own.name, ticket.name]]}) == 1
	assert count(eve, "JSON", "HD Ticket", [["subject", "like", "Mine%"]]) == 1
	assert count(eve, "JSON", "HD Ticket", str(own.name)) == 1


@pytest.mark.parametrize(
	("doctype", "filters"), [("No Such Doctype", {}), ("", {}), ("Contact Email", {}), (["HD Ticket"], {})]
)
def test_bad_counts_are_client_errors(eve, doctype, filters):
	assert 400 <= ask(eve, "JSON", COUNT, {"doctype": doctype, "filters": filters}).status_code < 500


def test_the_desks_lists_and_forms_are_not_for_customers(eve, ticket):
	grouped = {"doctype": "HD Ticket", "current_filters": "[]", "field": "assigned_to"}
	after = {"doctype": "HD Ticket", "value": str(ticket.name), "prev": 0, "sort_field": "subject"}
	for way in WAYS:
		assert ask(eve, way, "frappe.desk.listview.get_group_by_count", grouped).status_code == 403
		assert ask(eve, way, "frappe.desk.form.utils.get_next", after).status_code == 403


def test_they_are_for_agents(client, ticket):
	older = make_ticket()
	log_in(client, make_agent().name)
	grouped = {"doctype": "HD Ticket", "current_filters": "[]", "field": "status"}
	assert told(client, "frappe.desk.listview.get_group_by_count", **grouped)
	after = {"doctype": "HD Ticket", "value": str(older.name), "prev": 0, "filters": []}
	assert told(client, "frappe.desk.form.utils.get_next", **after)
