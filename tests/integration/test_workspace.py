"""The workspace: its numbers, who sees it, and that its records stay as they are."""

import json
from datetime import timedelta
from pathlib import Path

import frappe
import pytest
from frappe.desk.desktop import get_desktop_page, get_workspace_sidebar_items
from frappe.installer import _get_module_linked_doctype_field_map
from frappe.modules.import_file import import_file_by_path
from frappe.utils.dashboard import sync_dashboards

from customer_portal import figures, links, sessions
from customer_portal.api import figures as api
from customer_portal.clock import utc_now
from customer_portal.customizations import MODULE
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket, unique
from tests.source import ROOT

NAME = "Customer Portal"
RECORDS = ("Page", "Workspace", "Number Card", "Dashboard Chart", "Dashboard Chart Source")
METHODS = [name for name in dir(api) if name.startswith("get_")]


@pytest.fixture(autouse=True)
def empty(site):
	for doctype in (links.DOCTYPE, sessions.DOCTYPE, "Portal Notification"):
		frappe.db.delete(doctype)


def row(doctype: str, **values):
	"""A row past the document layer, as the rooms write it; gone with the test."""
	document = frappe.get_doc({"doctype": doctype, **values})
	document.db_insert()
	return document


def message(state: str, channel: str = "SMS", days: float = 0, **values):
	due = utc_now() - timedelta(days=days)
	return row(
		"Portal Notification",
		**{"kind": "Status", "channel": channel, "state": state, "due_at": due, "occurred_at": due, **values},
		dedupe_key=unique("key"),
	)


# The numbers


def test_links_opened_within_seven_days():
	for days in (0, 6, 8):
		row(
			links.DOCTYPE,
			ticket=unique("T"),
			digest=unique("D"),
			last_opened_at=utc_now() - timedelta(days=days),
		)
	row(links.DOCTYPE, ticket=unique("T"), digest=unique("D"))
	assert figures.links_opened() == api.get_links_opened()["value"] == 2


def test_verifications_within_seven_days():
	for days in (0, 6, 8):
		verified = utc_now() - timedelta(days=days)
		row(sessions.DOCTYPE, state="Closed", verified_at=verified, session_digest=unique("D"))
	row(sessions.DOCTYPE, state="Pending", session_digest=unique("D"))
	assert figures.verifications() == api.get_verifications()["value"] == 2


def test_messages_by_their_state():
	for state in ("Sent", "Delivered", "Failed", "Superseded", "Queued"):
		message(state)
	message("Delivered", days=8)
	assert api.get_delivered()["value"] == 2
	assert api.get_failed()["value"] == 1


def test_lock_outs_now():
	soon, past = utc_now() + timedelta(hours=1), utc_now() - timedelta(hours=1)
	for values in ({"locked_until": soon}, {"locked_until": past}, {"is_revoked": 1}):
		row(links.DOCTYPE, ticket=unique("T"), digest=unique("D"), **values)
	row(links.DOCTYPE, ticket=unique("T"), digest=unique("D"), is_revoked=1, is_revoked_by_failures=1)
	assert figures.locked() == api.get_locked()["value"] == 2


def test_the_median_is_of_changes_alone_and_prefers_the_arrival():
	assert api.get_median_delivery() == "–"
	now = utc_now()
	for seconds in (10, 70, 4000):
		message("Sent", occurred_at=now - timedelta(seconds=seconds), sent_at=now)
	message("Sent", kind="Link", occurred_at=now - timedelta(days=1), sent_at=now)
	message("Failed", occurred_at=now - timedelta(days=1))
	assert figures.median_seconds() == 70
	assert api.get_median_delivery() == "1m 10s"
	arrived = {"sent_at": now, "delivered_at": now + timedelta(seconds=90)}
	message("Delivered", occurred_at=now, **arrived)
	assert figures.median_seconds() == 80


def test_a_median_of_nothing_is_no_empty_text():
	now = utc_now()
	message("Sent", occurred_at=now, sent_at=now)
	assert api.get_median_delivery() == "0s"


def test_deliveries_by_channel_and_state_over_thirty_days():
	for state, channel, days in (
		("Sent", "SMS", 0),
		("Sent", "SMS", 29),
		("Sent", "SMS", 31),
		("Failed", "Email", 0),
		("Superseded", "Email", 0),
	):
		message(state, channel, days)
	chart = api.get_deliveries()
	assert chart["labels"] == ["Email", "SMS"]
	values = {dataset["name"]: dataset["values"] for dataset in chart["datasets"]}
	assert (values["Sent"], values["Failed"], values["Delivered"]) == ([0, 2], [1, 0], [0, 0])


def test_verifications_per_day_has_every_day():
	for days in (0, 0, 3, 40):
		verified = utc_now() - timedelta(days=days)
		row(sessions.DOCTYPE, state="Verified", verified_at=verified, session_digest=unique("D"))
	days = figures.verifications_per_day()
	assert len(days) == 30
	assert list(days)[-1] == utc_now().date().isoformat()
	assert (list(days.values())[-1], list(days.values())[-4], sum(days.values())) == (2, 1, 3)
	chart = api.get_verifications_per_day()
	assert chart["datasets"][0]["values"] == list(days.values())
	assert len(chart["labels"]) == 30


# Who sees it


def user_with(*roles: str):
	user = make_agent().reload()
	user.set("roles", [{"role": role} for role in roles])
	user.save(ignore_permissions=True)
	frappe.clear_cache(user=user.name)
	return user.name


def workspaces(user: str) -> list[str]:
	frappe.set_user(user)
	try:
		return [page["name"] for page in get_workspace_sidebar_items()["pages"]]
	finally:
		frappe.set_user("Administrator")


@pytest.mark.parametrize(
	("roles", "sees"),
	[
		(["System Manager"], True),
		(["Agent Manager", "Agent"], True),
		(["Agent"], False),
		(["Desk User"], False),
	],
)
def test_who_has_it_in_the_sidebar(roles, sees):
	assert (NAME in workspaces(user_with(*roles))) == sees


def page_of(user: str) -> dict:
	return {part: [item.get("label") for item in items] for part, items in items_of(user).items()}


def items_of(user: str) -> dict[str, list]:
	frappe.set_user(user)
	try:
		page = get_desktop_page(json.dumps({"name": NAME, "title": NAME, "public": 1}))
		return {part: content["items"] for part, content in page.items()}
	finally:
		frappe.set_user("Administrator")


def links_of(user: str, card: str) -> list[str]:
	(found,) = (one for one in items_of(user)["cards"] if one["label"] == card)
	return [link["label"] for link in found["links"]]


def test_a_system_manager_sees_all_of_it():
	page = page_of(user_with("System Manager"))
	assert len(page["number_cards"]) == 6
	assert len(page["charts"]) == 2
	assert len(page["shortcuts"]) == 5
	assert page["cards"] == ["Set-up", "Ledgers", "Access"]


def test_an_agent_manager_sees_numbers_and_templates_and_no_ledger():
	user = user_with("Agent Manager", "Agent")
	page = page_of(user)
	assert len(page["number_cards"]) == 6
	assert len(page["charts"]) == 2
	assert page["shortcuts"] == ["Ticket templates", "Message preview", "Organisations"]
	assert page["cards"] == ["Set-up", "Access"]
	assert links_of(user, "Access") == ["Organisations", "People in Slack"]


def test_every_block_of_the_page_has_its_record():
	workspace = frappe.get_doc("Workspace", NAME)
	shown = {
		"number_card": {card.label for card in workspace.number_cards},
		"chart": {chart.label for chart in workspace.charts},
		"shortcut": {shortcut.label for shortcut in workspace.shortcuts},
		"card": {link.label for link in workspace.links if link.type == "Card Break"},
	}
	for block in json.loads(workspace.content):
		if block["type"] in shown:
			name = block["data"][f"{block['type']}_name"]
			assert name in shown[block["type"]]
	for card in workspace.number_cards:
		assert frappe.get_attr(frappe.db.get_value("Number Card", card.number_card_name, "method"))
	for chart in workspace.charts:
		assert frappe.db.get_value("Dashboard Chart", chart.chart_name, "chart_type") == "Custom"
	for link in workspace.links:
		assert link.type != "Link" or frappe.db.exists("DocType", link.link_to)


def test_the_source_of_each_chart_names_a_method_of_ours():
	for name in frappe.get_all("Dashboard Chart Source", {"module": MODULE}, pluck="name"):
		config = frappe.get_doc("Dashboard Chart Source", name).read_config()
		assert any(f'method: "customer_portal.api.figures.{method}"' in config for method in METHODS)


def test_numbers_are_for_those_who_run_the_helpdesk(client, new_client):
	agent = new_client()
	manager = new_client()
	for one, user in ((agent, user_with("Agent")), (manager, user_with("Agent Manager"))):
		frappe.db.commit()
		log_in(one, user)
	for method in METHODS:
		path = f"/api/method/customer_portal.api.figures.{method}"
		assert client.get(path).status_code == 403
		assert agent.get(path).status_code == 403
		assert manager.get(path).status_code == 200
		assert manager.post(path, {"filters": "[]", "chart_name": "x", "refresh": "1"}).status_code in (
			200,
			400,
		)


def test_a_number_leads_to_its_list_only_for_whom_may_read_that(client):
	user = user_with("Agent Manager")
	frappe.set_user(user)
	assert "route" not in api.get_failed()
	frappe.set_user("Administrator")
	assert api.get_failed()["route"] == ["List", "Portal Notification"]


def test_nothing_of_a_customer_is_in_the_answers():
	ticket = make_ticket(email="very-personal@example.com")
	message("Sent", ticket=ticket.name, recipient="very-personal@example.com", sent_at=utc_now())
	answers = str([getattr(api, method)() for method in METHODS])
	assert "personal" not in answers
	assert str(ticket.name) not in [str(part) for part in answers.split("'")]


# The records


def records() -> dict[str, list]:
	filters = {"module": MODULE}
	return {doctype: frappe.get_all(doctype, filters, ["*"], order_by="name") for doctype in RECORDS}


def test_a_second_migration_changes_nothing():
	before = records()
	assert all(before.values())
	for path in Path(ROOT, "customer_portal").glob("*/*/*.json"):
		if path.parent.parent.name in ("page", "workspace", "dashboard_chart_source"):
			assert not import_file_by_path(str(path))
	sync_dashboards("customer_portal")
	assert records() == before


def test_frappe_finds_all_of_it_by_its_module_when_it_uninstalls_the_app():
	assert set(RECORDS) <= _get_module_linked_doctype_field_map().keys()
