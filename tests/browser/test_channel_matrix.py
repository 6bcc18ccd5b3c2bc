"""An admin says in the Desk which channel tells which sub-status."""

import frappe
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.factories import make_agent
from tests.gateways import configure
from tests.ledger import named

pytestmark = pytest.mark.browser
FORM = "/app/portal-ticket-template/Default"


@pytest.fixture
def admin() -> str:
	user = frappe.get_doc("User", make_agent().name)
	user.add_roles("Agent Manager")
	frappe.db.commit()
	return user.name


@pytest.fixture
def page(open_browser, sign_in_to_desk, address, admin):
	configure(sms_provider="SMS Settings", send_email=1)
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, admin)
	page.goto(f"{address}{FORM}")
	yield page
	configure(sms_provider="")
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.set("exclusions", [])
	for row in template.sub_statuses:
		row.notify = 1
	template.save()
	frappe.db.commit()


def open_section(page):
	page.get_by_text("Which channel tells which change").click()
	table = page.locator("table.portal-matrix")
	expect(table).to_be_visible()
	return table


def save(page) -> None:
	with page.expect_response("**/frappe.desk.form.save.savedocs") as answer:
		page.get_by_role("button", name="Save", exact=True).click()
	assert answer.value.ok, answer.value.text()


def exclusions() -> set[tuple[str, str]]:
	frappe.db.rollback()
	rows = frappe.get_doc("Portal Ticket Template", "Default").exclusions
	return {(row.sub_status, row.channel) for row in rows}


def test_a_channel_is_taken_out_and_put_back(page):
	table = open_section(page)
	for label in ("SMS", "WhatsApp", "E-mail"):
		expect(table.get_by_role("columnheader", name=label)).to_be_visible()
	expect(table.get_by_role("columnheader", name="WhatsApp")).to_contain_text("Switched off")
	expect(table.get_by_role("columnheader", name="SMS")).not_to_contain_text("Switched off")
	box = table.get_by_role("checkbox", name="Waiting: part ordered: SMS")
	expect(box).to_be_checked()
	box.uncheck()
	save(page)
	assert exclusions() == {(named("Part ordered"), "SMS")}
	page.reload()
	box = open_section(page).get_by_role("checkbox", name="Waiting: part ordered: SMS")
	expect(box).not_to_be_checked()
	box.check()
	save(page)
	assert exclusions() == set()


def test_what_tells_nobody_has_no_boxes(page):
	template = frappe.get_doc("Portal Ticket Template", "Default")
	next(row for row in template.sub_statuses if row.sub_status == named("Closed")).notify = 0
	template.save()
	frappe.db.commit()
	page.reload()
	table = open_section(page)
	row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Closed"))
	expect(row.get_by_role("checkbox")).to_have_count(0)
	expect(row).to_contain_text("No message")
