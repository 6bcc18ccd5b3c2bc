"""What customers ask of Frappe's and Helpdesk's generic functions: no label for agents, and no honest search refused."""

import json
from urllib.parse import quote

import frappe
import pytest

from tests.accounts import log_in
from tests.factories import make_agent, make_ticket
from tests.ledger import named

INTERNAL = "Waiting: part ordered"
ESCAPED = '{"sub\\u005fstatus.label": ["like", "Waiting%"]}'
LIST_DATA = "helpdesk.api.doc.get_list_data"
GROUPED = {
	"doctype": "HD Ticket",
	"view": {
		"view_type": "group_by",
		"group_by_field": "sub_status",
		"label_doc": "Portal Sub-Status",
		"label_field": "label",
	},
}
LABELS_OF_NAMES = {
	"doctype": "HD Ticket",
	"view": {
		"view_type": "group_by",
		"group_by_field": "name",
		"label_doc": "portal access link",
		"label_field": "nonce",
	},
}


@pytest.fixture
def ticket(customer):
	ticket = make_ticket(email=customer.name, subject="The Portal Language and sub_status of my washer")
	ticket.reload()
	ticket.sub_status = named("Part ordered")
	ticket.save()
	frappe.db.commit()
	return ticket


@pytest.fixture
def customer_client(client, customer, ticket):
	return log_in(client, customer.name)


def ask(client, way: str, method: str, values: dict):
	"""One call of a whitelisted function, by one of the ways that lead to it."""
	form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
	query = "&".join(f"{key}={quote(value)}" for key, value in form.items())
	calls = {
		"v1": lambda: client.get(f"/api/method/{method}?{query}"),
		"v1 of today": lambda: client.get(f"/api/v1/method/{method}?{query}"),
		"v2": lambda: client.get(f"/api/v2/method/{method}?{query}"),
		"cmd": lambda: client.get(f"/?cmd={method}&{query}"),
		"form": lambda: client.post(f"/api/method/{method}", form),
		"JSON": lambda: client.post(f"/api/method/{method}", json=values),
		"cmd at our page": lambda: client.get(f"/portal/tickets?cmd={method}&{query}"),
		"cmd in JSON": lambda: client.post("/", json={"cmd": method, **values}),
	}
	return calls[way]()


WAYS = ("v1", "v1 of today", "v2", "cmd", "form", "JSON", "cmd in JSON", "cmd at our page")
LEAKS = [
	(
		"frappe.desk.listview.get_group_by_count",
		{"doctype": "HD Ticket", "current_filters": "[]", "field": "sub_status"},
	),
	(
		"frappe.desk.listview.get_group_by_count",
		{"doctype": "HD Ticket", "current_filters": ESCAPED, "field": "name"},
	),
	("frappe.client.get_count", {"doctype": "HD Ticket", "filters": ESCAPED}),
	(
		"frappe.client.get_count",
		{"doctype": "HD Ticket", "filters": '[["HD Ticket", "sub_stat\\u0075s.label", "like", "W%"]]'},
	),
	(
		"frappe.client.get_count",
		{"doctype": "HD Ticket", "filters": {"or": [["sub_status.label", "=", "x"]]}},
	),
	("frappe.client.get_count", {"doctype": "Portal Sub-Status", "filters": {"label": ["like", "W%"]}}),
	("frappe.client.get_list", {"doctype": "HD Ticket", "fields": '["name", "sub\\u005fstatus.label"]'}),
	("frappe.client.get_list", {"doctype": "HD Ticket", "order_by": "sub_status.label asc"}),
	("frappe.client.get_list", {"doctype": "HD Ticket", "group_by": "`tabHD Ticket`.`SUB_STATUS`"}),
	("frappe.desk.reportview.get_stats", {"doctype": "HD Ticket", "stats": '["sub_status"]'}),
	(
		"frappe.client.insert",
		{"doc": {"doctype": "ToDo", "description": "x", "reference_type": "Portal Sub-Status"}},
	),
	(
		"frappe.client.insert",
		{"doc": {"doctype": "HD View", "dt": "HD Ticket", "rows": '["sub\\u005fstatus.label"]'}},
	),
	(LIST_DATA, GROUPED),
	(LIST_DATA, {"doctype": "HD Ticket", "view": {"view_type": "group_by", "group_by_field": "subject"}}),
	(LIST_DATA, LABELS_OF_NAMES),
	(LIST_DATA, {"doctype": "HD Ticket", "rows": ["name", "sub_status.label"]}),
]


@pytest.mark.parametrize(("method", "values"), LEAKS)
def test_no_way_leads_to_a_label(customer_client, method, values):
	answers = [ask(customer_client, way, method, values) for way in WAYS]
	assert [answer.status_code for answer in answers] == [403] * len(WAYS)
	assert not [answer for answer in answers if INTERNAL in answer.text]


def test_nor_do_documents_and_their_lists(customer_client):
	fields = quote('["name", "sub\\u005fstatus.label"]')
	for path in (
		f"/api/resource/HD Ticket?fields={fields}",
		f"/api/v2/document/HD Ticket?fields={fields}",
		f"/api/v2/document/HD Ticket?filters={quote(ESCAPED)}",
		f"/api/v2/doctype/HD Ticket/count?filters={quote(ESCAPED)}",
		"/api/v2/doctype/Portal Sub-Status/count",
		"/api/resource/Portal Sub-Status",
	):
		assert customer_client.get(path).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_nor_does_a_body_that_only_the_endpoint_reads(customer_client, kind):
	body = '{"description": "x", "reference_type": "Portal Sub\\u002dStatus"}'
	answer = customer_client.post("/api/resource/ToDo", body, headers={"Content-Type": kind})
	assert answer.status_code == 403


@pytest.mark.parametrize("junk", ["[" * 900 + "]" * 900, "1" * 5000])
def test_what_python_cannot_read_hides_nothing(customer_client, junk):
	filters = f'{{"sub\\u005fstatus.label": ["like", "Waiting%"], "subject": ["in", {junk}]}}'
	answer = ask(
		customer_client, "form", "frappe.client.get_count", {"doctype": "HD Ticket", "filters": filters}
	)
	assert answer.status_code == 403


HONEST = [
	{"subject": ["like", "%Portal Language%"]},
	{"subject": ["like", "%sub_status%"]},
	{"subject": ["in", ["Portal Language", "The Portal Language and sub_status of my washer"]]},
	[["subject", "like", "%sub_status of my%"]],
	[["HD Ticket", "subject", "like", "%Portal Language%"]],
]


@pytest.mark.parametrize("filters", HONEST)
@pytest.mark.parametrize("way", ["v1", "JSON", "cmd"])
def test_honest_searches_are_answered(customer_client, ticket, filters, way):
	answer = ask(customer_client, way, "frappe.client.get_list", {"doctype": "HD Ticket", "filters": filters})
	assert [str(row["name"]) for row in answer.json()["message"]] == [str(ticket.name)]


def test_customers_write_what_they_like(customer_client):
	doc = {"subject": "Portal Language", "description": "The field sub_status of Portal Sub-Status is odd."}
	method = "helpdesk.helpdesk.doctype.hd_ticket.api.new"
	assert ask(customer_client, "JSON", method, {"doc": doc}).status_code == 200


def test_helpdesks_own_form_sends_every_field_of_the_template(customer_client):
	doc = {"subject": "A new one", "description": "<p>It leaks.</p>", "template": "Default", "sub_status": ""}
	method = "helpdesk.helpdesk.doctype.hd_ticket.api.new"
	assert ask(customer_client, "JSON", method, {"doc": doc}).status_code == 200


def test_helpdesks_own_portal_keeps_working(customer_client):
	"""File, read, reply, close: what its pages send, in their order."""
	api = "helpdesk.helpdesk.doctype.hd_ticket.api"
	doc = {"subject": "A new one", "description": "<p>It leaks.</p>", "template": "Default", "sub_status": ""}
	name = ask(customer_client, "JSON", f"{api}.new", {"doc": doc}).json()["message"]["name"]
	shown = ask(customer_client, "JSON", f"{api}.get_one", {"name": name, "is_customer_portal": True})
	assert shown.json()["message"]["subject"] == "A new one"
	reply = {"dt": "HD Ticket", "dn": name, "method": "create_communication_via_contact"}
	reply["args"] = {"message": "<p>It still leaks.</p>", "attachments": []}
	assert ask(customer_client, "JSON", "run_doc_method", reply).status_code == 200
	closing = {"doctype": "HD Ticket", "name": name, "fieldname": "status", "value": "Closed"}
	assert ask(customer_client, "JSON", "frappe.client.set_value", closing).status_code == 200
	frappe.db.rollback()
	assert frappe.db.get_value("HD Ticket", name, "status") == "Closed"


def test_a_customer_sets_no_sub_status_with_a_new_ticket(customer_client):
	doc = {"subject": "A new one", "description": "x", "sub_status": named("Part ordered")}
	method = "helpdesk.helpdesk.doctype.hd_ticket.api.new"
	assert ask(customer_client, "JSON", method, {"doc": doc}).status_code == 403


def test_agents_group_by_it(client, ticket):
	log_in(client, make_agent().name)
	for way in ("v1", "v2", "cmd"):
		answer = ask(client, way, *LEAKS[0])
		assert INTERNAL in answer.text
