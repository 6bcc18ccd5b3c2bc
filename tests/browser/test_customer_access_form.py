"""Portal Customer Access in the Desk: the form, the list, and the way there from the workspace."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from tests.browser import pictures
from tests.browser.test_desk_pages import desk, person  # noqa: F401  fixtures
from tests.factories import unique
from tests.organisations import ACCESS, make_organisation

MOMENT = "() => new Promise((done) => setTimeout(done, 200))"
pytestmark = pytest.mark.browser


@pytest.fixture
def customer(site):
	made = frappe.get_doc({"doctype": "HD Customer", "customer_name": unique("Initech")})
	made.insert(ignore_permissions=True)
	frappe.db.commit()
	return made.name


def field(page, name: str):
	return page.locator(f'.frappe-control[data-fieldname="{name}"]').first


def add_row(page, table: str, name: str, value: str) -> None:
	grid = field(page, table)
	grid.get_by_role("button", name="Add row").or_(grid.locator(".grid-add-row")).first.click()
	page.evaluate(MOMENT)  # Frappe moves the focus 0.1 seconds later
	cell = grid.locator(f'.grid-row .col[data-fieldname="{name}"]').last
	cell.click()
	cell.locator("input").fill(value)
	page.keyboard.press("Tab")


def test_an_admin_gives_a_customer_access(desk, customer):  # noqa: F811
	page = desk("portal-customer-access/new", "System Manager")
	expect(page.get_by_text("Everyone with an address in the domains can sign in")).to_be_visible()
	field(page, "customer").locator("input").fill(customer)
	page.get_by_role("option").or_(page.locator(".awesomplete li")).filter(has_text=customer).first.click()
	page.wait_for_function("name => cur_frm.doc.customer === name", arg=customer)
	domain = f"{unique('initech')}.example"
	add_row(page, "domains", "domain", domain)
	pictures.take(page, "access-form-new")
	page.get_by_role("button", name="Save").first.click()
	expect(page).to_have_url(re.compile(re.escape(customer)))
	frappe.db.rollback()
	assert frappe.get_doc(ACCESS, customer).domains[0].domain == domain
	field(page, "who").locator("select").select_option("Named people only")
	expect(page.get_by_text("Only the people listed below can sign in.")).to_be_visible()


def test_a_free_mail_domain_is_refused_with_a_reason(desk, customer):  # noqa: F811
	page = desk("portal-customer-access/new", "System Manager")
	field(page, "customer").locator("input").fill(customer)
	page.get_by_role("option").or_(page.locator(".awesomplete li")).filter(has_text=customer).first.click()
	page.wait_for_function("name => cur_frm.doc.customer === name", arg=customer)
	add_row(page, "domains", "domain", "gmail.com")
	page.get_by_role("button", name="Save").first.click()
	expect(page.get_by_text("a free mail service")).to_be_visible()
	frappe.db.rollback()
	assert not frappe.db.exists(ACCESS, customer)


@pytest.mark.parametrize("look", [{}, {"theme": "Dark"}, {"language": "ar"}], ids=["light", "dark", "arabic"])
def test_the_form_the_list_and_the_workspace(desk, open_door, address, look):  # noqa: F811
	on, off = make_organisation("acme", sees="All tickets"), make_organisation("globex")
	on.manager()
	on.put(on.address("lost"), is_disabled=1)
	off.change(enabled=0)
	page = desk("customer-portal", "System Manager", **look)
	name = look.get("theme", look.get("language", "light")).lower()
	page.locator(".shortcut-widget-box").first.wait_for()
	page.goto(f"{address}/app/portal-customer-access")
	expect(page.locator(".list-row").filter(has_text=on.customer)).to_be_visible()
	expect(page.locator(".list-row").filter(has_text=off.customer)).to_be_visible()
	pictures.take(page, f"access-list-{name}", full_page=False)
	page.goto(f"{address}/app/portal-customer-access/{on.customer}")
	expect(field(page, "people").locator(".grid-row")).not_to_have_count(0)
	pictures.take(page, f"access-form-{name}")
	page.goto(f"{address}/app/portal-customer-access/{off.customer}")
	expect(page.locator(".form-message")).to_be_visible()
