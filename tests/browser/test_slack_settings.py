"""An admin connects Slack: the manifest, a test, a customer's channel, and what failed, all in the Desk."""

import json

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal.slack import manifest, outbox
from tests.browser import pictures
from tests.browser.test_desk_pages import desk, person  # noqa: F401  fixtures
from tests.doors import reset_limits
from tests.factories import make_agent, make_ticket
from tests.gateways import configure
from tests.organisations import make_organisation

pytestmark = pytest.mark.browser
SITE = "https://help.noor-repairs.example"
COPIED = "navigator.clipboard.readText()"
LOOKS = [{}, {"theme": "Dark"}, {"language": "ar"}]


@pytest.fixture(autouse=True)
def reachable(slack):
	frappe.db.set_value("Portal Customer Access", {"slack_channel": ("is", "set")}, "slack_channel", None)
	frappe.db.delete(outbox.DOCTYPE)
	configure(portal_url=SITE, company_name="Noor Repairs")
	reset_limits()
	yield
	configure(portal_url="", company_name="")


@pytest.fixture
def shared(slack):
	"""A customer with a channel that is shared with that customer's own workspace."""
	channel = slack.add_channel("globex-support", is_ext_shared=True)
	return make_organisation("globex", slack_channel=channel, slack_mode="Marked messages only")


def setup_of(page):
	return page.locator('[data-fieldname="slack_setup"]')


def field_of(page, name: str):
	return page.locator(f'.frappe-control[data-fieldname="{name}"]').first


def name_of(picture: str, look: dict) -> str:
	return "-".join([picture, *map(str.lower, look.values())])


def lines(part):
	return part.locator("[role=status] [data-state]")


def test_the_manifest_and_the_addresses_are_copied(desk, slack):  # noqa: F811
	page = desk("customer-portal-settings", "System Manager")
	page.context.grant_permissions(["clipboard-read", "clipboard-write"])
	part = setup_of(page)
	box = part.get_by_label("Manifest of the Slack app")
	expect(box).to_have_value(manifest.manifest())
	part.get_by_role("button", name="Copy the manifest").click()
	expect(page.get_by_text("Copied to clipboard")).to_be_visible()
	assert json.loads(page.evaluate(COPIED))["display_information"]["name"] == "Noor Repairs"
	for label, value in (
		("Request URL of events", f"{SITE}/portal/hooks/slack/events"),
		("Request URL of interactivity", f"{SITE}/portal/hooks/slack/actions"),
		("Message to invite the app", "/invite @noor-repairs"),
	):
		expect(part.get_by_label(label)).to_have_value(value)
		part.locator(".form-group", has_text=label).get_by_role("button", name="Copy").click()
		page.wait_for_function(f"async () => await {COPIED} === {json.dumps(value)}")


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "arabic"])
def test_a_test_is_sent(desk, slack, shared, look):  # noqa: F811
	page = desk("customer-portal-settings", "System Manager", **look)
	part = setup_of(page)
	expect(lines(part)).to_have_count(1)  # who else reads in a channel is told at once
	expect(lines(part)).to_contain_text("#globex-support")
	part.locator("ol .btn").last.click()
	expect(lines(part)).to_have_count(3)
	assert [line.get_attribute("data-state") for line in lines(part).all()] == ["OK", "OK", "Warning"]
	assert len(slack.messages(slack.triage)) == 1
	name = name_of("slack-settings", look)
	field_of(page, "slack_enabled").scroll_into_view_if_needed()
	pictures.take(page, name)
	lines(part).last.scroll_into_view_if_needed()
	pictures.take(page, f"{name}-test")


def test_what_slack_refuses_is_said_in_words(desk, slack):  # noqa: F811
	slack.kick(slack.triage)
	page = desk("customer-portal-settings", "System Manager")
	part = setup_of(page)
	expect(lines(part)).to_have_attribute("data-state", "Failed")
	part.get_by_role("button", name="Send a test").click()
	expect(lines(part)).to_contain_text("the Slack app is not in the channel", ignore_case=True)
	pictures.take(page, "slack-settings-refused")
	assert slack.messages(slack.triage) == []


def test_what_is_not_saved_is_not_tested(desk, slack):  # noqa: F811
	page = desk("customer-portal-settings", "System Manager")
	field_of(page, "slack_triage_channel").locator("input").fill("C0999999999")
	page.keyboard.press("Tab")
	setup_of(page).get_by_role("button", name="Send a test").click()
	expect(page.get_by_text("Save first")).to_be_visible()
	assert slack.calls_of("chat.postMessage") == []


def test_without_an_address_that_slack_can_reach(desk, slack):  # noqa: F811
	configure(portal_url="", slack_enabled=0)
	page = desk("customer-portal-settings", "System Manager")
	expect(setup_of(page)).to_contain_text("Set the site address first")
	expect(setup_of(page).get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "arabic"])
def test_a_customers_channel(desk, slack, shared, look):  # noqa: F811
	page = desk(f"portal-customer-access/{shared.customer}", "System Manager", **look)
	part = field_of(page, "slack_channel")
	expect(lines(part)).to_have_attribute("data-state", "Warning")
	part.get_by_role("button").click()
	expect(lines(part)).to_have_count(2)
	assert len(slack.messages(frappe.get_doc("Portal Customer Access", shared.customer).slack_channel)) == 1
	part.scroll_into_view_if_needed()
	pictures.take(page, name_of("slack-customer", look))


def test_who_may_not_test_sees_no_button(desk, slack, shared):  # noqa: F811
	page = desk(f"portal-customer-access/{shared.customer}", "Agent Manager", "Agent")
	part = field_of(page, "slack_channel")
	expect(lines(part)).to_have_attribute("data-state", "Warning")
	expect(part.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "arabic"])
def test_what_failed_is_sent_again_from_the_list(desk, slack, address, look):  # noqa: F811
	for subject, state, reason in (
		("The dryer stays cold", "Failed", "Slack refused it: msg_too_long."),
		("Water on the floor", "Sent", ""),
		("A new filter, please", "Failed", "The file is too large for Slack."),
	):
		outbox.add_ticket(make_ticket(subject=subject))
		(name,) = frappe.get_all(outbox.DOCTYPE, {"state": "Queued"}, pluck="name")
		frappe.db.set_value(outbox.DOCTYPE, name, {"state": state, "reason": reason})
	frappe.db.commit()
	page = desk("portal-slack-message", "System Manager", viewport={"width": 1280, "height": 420}, **look)
	rows = page.locator(".list-row")
	expect(rows).to_have_count(3)
	pictures.take(page, name_of("slack-messages", look))
	page.locator(".list-header-checkbox, .list-check-all").first.check()
	page.locator(".actions-btn-group button").click()
	page.locator(".actions-btn-group .dropdown-menu").get_by_text(again_label(look), exact=True).click()
	expect(rows.locator(".indicator-pill.red")).to_have_count(0)
	expect(rows.locator(".indicator-pill.orange").first).to_be_visible()
	frappe.db.rollback()
	assert frappe.get_all(outbox.DOCTYPE, {"state": "Failed"}) == []


def again_label(look: dict) -> str:
	return frappe._("Send again", look.get("language", "en"))


def test_what_failed_is_sent_again_from_its_form(desk, slack, address):  # noqa: F811
	outbox.add_ticket(make_ticket())
	(name,) = frappe.get_all(outbox.DOCTYPE, pluck="name")
	frappe.db.set_value(outbox.DOCTYPE, name, "state", "Failed")
	frappe.db.commit()
	page = desk(f"portal-slack-message/{name}", "System Manager")
	page.get_by_role("button", name="Send again").click()
	expect(page.get_by_role("button", name="Send again")).to_be_hidden()
	frappe.db.rollback()
	assert frappe.db.get_value(outbox.DOCTYPE, name, "state") == "Queued"


def test_events_and_people_have_lists(desk, slack, address):  # noqa: F811
	for user, values in (("U0000000001", {}), ("U0000000002", {"user": make_agent().name})):
		frappe.delete_doc("Portal Slack User", user, force=True)
		frappe.get_doc({"doctype": "Portal Slack User", "slack_user": user, **values}).insert()
	frappe.db.commit()
	page = desk("portal-slack-user", "System Manager")
	expect(page.locator(".list-row", has_text="U0000000001")).to_contain_text("Nobody in Helpdesk")
	expect(page.locator(".list-row", has_text="U0000000002")).to_contain_text("Chosen by hand")
	pictures.take(page, "slack-people")
	for state in ("Waiting", "Done", "Failed"):
		frappe.get_doc(
			{
				"doctype": "Portal Slack Event",
				"event_id": f"Ev-{state}",
				"signature": state,
				"kind": "message",
			}
		).update(
			{"state": state, "received_at": frappe.utils.now(), "reason": "x" * (state == "Failed")}
		).db_insert()
	frappe.db.commit()
	page.goto(f"{address}/app/portal-slack-event")
	expect(
		page.locator(".list-row", has=page.locator(".red")).locator(".indicator-pill.red").first
	).to_be_visible()
	pictures.take(page, "slack-events")
	frappe.db.delete("Portal Slack Event")
	frappe.db.commit()
