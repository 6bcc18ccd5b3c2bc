"""An admin finds the addresses to register in the settings, and switches Google on."""

import frappe
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.pictures import take
from tests.factories import make_agent
from tests.gateways import configure

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_browser, sign_in_to_desk, address, providers_on):
	user = frappe.get_doc("User", make_agent().name)
	user.add_roles("System Manager")
	frappe.db.commit()
	configure(sign_in_google=0)
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, user.name)
	page.goto(f"{address}/app/customer-portal-settings")
	return page


def test_the_addresses_to_copy(page, address):
	for label, path in (
		("Address of the organisation portal", "/portal"),
		("Redirect address for Google", "/portal/sign-in/back/google"),
		("Redirect address for Microsoft", "/portal/sign-in/back/microsoft"),
	):
		expect(page.get_by_label(label)).to_have_value(address + path)
	page.get_by_label("Redirect address for Google").scroll_into_view_if_needed()
	take(page, "settings-sign-in", full_page=False)


def test_it_is_switched_on(page):
	box = page.get_by_role("checkbox", name="With Google")
	box.check()
	page.get_by_role("button", name="Save").click()
	expect(page.locator(".indicator-pill", has_text="Not Saved")).to_be_hidden()
	expect(box).to_be_checked()
	frappe.db.rollback()
	assert frappe.db.get_single_value("Customer Portal Settings", "sign_in_google")
