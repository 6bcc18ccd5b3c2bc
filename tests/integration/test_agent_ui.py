"""What Helpdesk's pages and the Desk ask of us over HTTP, and what they keep from customers."""

import frappe
import pytest

from customer_portal import statuses
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket
from tests.ledger import default_of, events, make_template, named

API = "/api/method/customer_portal.api.sub_status."


@pytest.fixture
def ticket():
	ticket = make_ticket()
	ticket.reload()
	return ticket


@pytest.fixture
def agent_client(client):
	return log_in(client, make_agent().name)


def labels(template=None) -> list[str]:
	return [row.label for row in statuses.choices(statuses.template_named(template))]


def own_template():
	fits = {1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]}
	return make_template(fits, {1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"})


def options(client, referer) -> list[dict]:
	return client.post(f"{API}options", headers={"Referer": referer}).json()["message"]


def test_the_field_offers_what_the_tickets_template_allows(agent_client):
	template = own_template()
	ticket = make_ticket(template=template.ticket_template)
	page = f"http://help.example/helpdesk/tickets/{ticket.name}"
	for referer in (page, f"{page}?view=x", f"{page}#y", f"{page}/"):
		offered = options(agent_client, referer)
		assert [row["label"] for row in offered] == labels(template.ticket_template)
	assert ticket.sub_status in [row["value"] for row in offered]


@pytest.mark.parametrize(
	"referer",
	[
		*("", "%%", "http://[", "http://[/helpdesk/tickets/1", "http://x/?a=/helpdesk/tickets/1"),
		*("http://x/helpdesk/tickets/new", "http://x/helpdesk/tickets/99999999", "/helpdesk/tickets/%00"),
	],
)
def test_any_other_page_gets_the_default_ones(agent_client, referer):
	assert [row["label"] for row in options(agent_client, referer)] == labels()


def test_the_button_gets_groups_and_marks_the_current_one(agent_client, ticket):
	answer = agent_client.post(f"{API}of_ticket", {"ticket": ticket.name}).json()["message"]
	assert answer["current"] == ticket.sub_status
	assert [group["label"] for group in answer["groups"]] == ["Received", "In progress", "Resolved", "Closed"]
	assert [choice["label"] for group in answer["groups"] for choice in group["choices"]] == labels()


def test_a_disabled_current_sub_status_is_still_shown(agent_client, ticket):
	name = named("Part ordered")
	ticket.sub_status = name
	ticket.save()
	frappe.db.set_value("Portal Sub-Status", name, "enabled", 0)
	statuses.forget_templates()
	frappe.db.commit()
	try:
		offered = options(agent_client, f"http://x/helpdesk/tickets/{ticket.name}")
		assert name in [row["value"] for row in offered]
		assert name not in [row["value"] for row in options(agent_client, "")]
	finally:
		frappe.db.set_value("Portal Sub-Status", name, "enabled", 1)
		statuses.forget_templates()
		frappe.db.commit()


def test_an_agent_sets_it_as_helpdesks_page_does(agent_client, ticket):
	body = {"doctype": "HD Ticket", "name": ticket.name, "fieldname": {"sub_status": default_of(3)}}
	answer = agent_client.post("/api/method/frappe.client.set_value", json=body)
	assert answer.json()["message"]["status"] == "Resolved"
	frappe.db.rollback()
	assert (events(ticket)[-1].source, events(ticket)[-1].to_main_status) == ("Agent", 3)


def test_a_refusal_is_a_sentence(agent_client, ticket):
	foreign = own_template().sub_statuses[0].sub_status
	frappe.db.commit()
	body = {"doctype": "HD Ticket", "name": ticket.name, "fieldname": {"sub_status": foreign}}
	answer = agent_client.post("/api/method/frappe.client.set_value", json=body)
	assert answer.status_code == 417
	assert "This sub-status is not offered for this kind of ticket." in answer.json()["_server_messages"]


def found_in_desk(client, template="", text=""):
	body = {
		"doctype": "Portal Sub-Status",
		"txt": text,
		"query": "customer_portal.api.sub_status.search",
		"filters": frappe.as_json({"ticket_template": template}),
		"reference_doctype": "HD Ticket",
	}
	rows = client.post("/api/method/frappe.desk.search.search_link", body).json()
	return [row["label"] for row in rows.get("message") or rows.get("results")]


def test_the_desks_link_field_offers_only_allowed_ones(agent_client):
	template = own_template()
	frappe.db.commit()
	assert found_in_desk(agent_client) == labels()
	assert found_in_desk(agent_client, template.ticket_template) == labels(template.ticket_template)
	assert found_in_desk(agent_client, text="WAITING") == [label for label in labels() if "Waiting" in label]


@pytest.mark.parametrize("method", ["options", "of_ticket", "search"])
def test_our_endpoints_are_for_agents(client, customer_client, ticket, method):
	for stranger in (client, customer_client):
		answer = stranger.post(f"{API}{method}", {"ticket": ticket.name})
		assert answer.status_code == 403
		assert not any(label in answer.text for label in labels())


@pytest.mark.parametrize(
	("method", "body"),
	[
		("of_ticket", {}),
		("of_ticket", {"ticket": ""}),
		("of_ticket", {"ticket": "x" * 5000}),
		("of_ticket", {"ticket": ["a", "b"]}),
		("of_ticket", {"ticket": {"a": 1}}),
		("search", {"filters": "x"}),
		("search", {"start": "many"}),
		("search", {"txt": ["a"]}),
		("get_link_title", {"doctype": ["a"]}),
	],
)
def test_bad_input_is_a_client_error(agent_client, method, body):
	answer = agent_client.post(f"{API}{method}", json=body)
	assert 400 <= answer.status_code < 500


# What customers of Helpdesk's own portal may learn: the random name of a sub-status, never its label.


@pytest.fixture
def customers_ticket(customer):
	ticket = make_ticket(email=customer.name)
	ticket.reload()
	ticket.sub_status = named("Part ordered")
	ticket.save()
	frappe.db.commit()
	return ticket


INTERNAL = "Waiting: part ordered"


def leaks(ticket) -> list[str]:
	name, sub_status = ticket.name, ticket.sub_status
	linked = '["name", "sub_status.label"]'
	return [
		f"/api/resource/HD Ticket/{name}",
		f"/api/v2/document/HD Ticket/{name}",
		f"/api/resource/Portal Sub-Status/{sub_status}",
		"/api/resource/Portal Sub-Status?fields=[%22*%22]",
		"/api/resource/Portal Ticket Template/Default",
		"/api/resource/Portal Status Event?fields=[%22*%22]",
		f"/api/resource/HD Ticket?fields={linked}",
		f"/api/method/frappe.client.get_list?doctype=HD Ticket&fields={linked}",
		f"/api/method/frappe.desk.reportview.get?doctype=HD Ticket&fields={linked}",
		f"/api/method/frappe.desk.form.load.getdoc?doctype=HD Ticket&name={name}",
		f"/api/method/frappe.desk.search.get_link_title?doctype=Portal Sub-Status&docname={sub_status}",
		f"/api/v2/method/frappe.desk.search.get_link_title?doctype=Portal Sub-Status&docname={sub_status}",
		"/api/method/frappe.desk.search.search_link?doctype=Portal Sub-Status&txt=Wait",
		f"/api/method/frappe.client.validate_link?doctype=Portal Sub-Status&docname={sub_status}&fields=[%22label%22]",
		f"/api/method/frappe.client.get_value?doctype=Portal Sub-Status&filters={sub_status}&fieldname=label",
		f"/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.get_one?name={name}",
		"/api/method/helpdesk.helpdesk.doctype.hd_ticket_template.api.get_one?name=Default",
		"/api/method/helpdesk.api.doc.get_quick_filters?doctype=HD Ticket&show_customer_portal_fields=1",
		f"/printview?doctype=HD Ticket&name={name}",
	]


def test_no_internal_label_reaches_a_customer(customer_client, customers_ticket):
	told = [path for path in leaks(customers_ticket) if INTERNAL in customer_client.get(path).text]
	assert told == []


def test_helpdesks_portal_offers_customers_no_filter_for_it(customer_client):
	path = "/api/method/helpdesk.api.doc.get_quick_filters?doctype=HD Ticket&show_customer_portal_fields=1"
	assert "sub_status" not in customer_client.get(path).text


def test_an_agent_gets_the_titles(agent_client, customers_ticket):
	path = f"/api/method/frappe.desk.search.get_link_title?doctype=Portal Sub-Status&docname={customers_ticket.sub_status}"
	assert agent_client.get(path).json()["message"] == INTERNAL
	path = f"/api/method/frappe.desk.form.load.getdoc?doctype=HD Ticket&name={customers_ticket.name}"
	assert INTERNAL in agent_client.get(path).text


def test_link_titles_of_other_doctypes_are_untouched(customer_client):
	path = "/api/method/frappe.desk.search.get_link_title?doctype=Language&docname=ar"
	assert customer_client.get(path).json()["message"] == "العربية"


def test_a_customer_cannot_write_our_fields_over_http(customer_client, customers_ticket):
	for values in ({"sub_status": default_of(4)}, {"portal_archived": 1}, {"portal_phone": "+966550000000"}):
		answer = customer_client.session.put(
			customer_client._url(f"/api/resource/HD Ticket/{customers_ticket.name}"), json=values
		)
		assert answer.status_code == 403


def test_a_customer_names_no_strangers_number_over_http(customer_client):
	body = {"doc": {"subject": "x", "description": "y", "portal_phone": "+8821612345678"}}
	answer = customer_client.post("/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.new", json=body)
	assert answer.status_code == 403
	assert "takes only what your own contact has." in answer.text


@pytest.mark.parametrize("value", [True, False, 1.0, None, {}])
def test_what_is_no_ticket_is_refused(agent_client, value):
	bodies = {"sub_status.of_ticket": {"ticket": value}}
	bodies["archive.archive"] = bodies["archive.unarchive"] = {"tickets": [value]}
	for name, body in bodies.items():
		answer = agent_client.post(f"/api/method/customer_portal.api.{name}", json=body)
		assert 400 <= answer.status_code < 500, name
