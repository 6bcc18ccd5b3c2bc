"""An agent copies, replaces and revokes a ticket's link, in Helpdesk's own ticket page and in the Desk."""

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal import links
from tests.browser.conftest import DESKTOP
from tests.factories import make_agent, make_ticket
from tests.gateways import configure

pytestmark = pytest.mark.browser


@pytest.fixture
def ticket(address):
	configure(portal_url=address)
	yield make_ticket()
	configure(portal_url="")


@pytest.fixture
def page(open_browser, sign_in_to_desk):
	page = open_browser(viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"])
	sign_in_to_desk(page, make_agent().name)
	return page


def clipboard(page) -> str:
	return page.evaluate("navigator.clipboard.readText()")


def live_link(ticket):
	frappe.db.rollback()
	return links.of_ticket(str(ticket.name))


def test_in_helpdesks_page(page, address, ticket):
	page.goto(f"{address}/helpdesk/tickets/{ticket.name}")
	expect(page.get_by_role("button", name="Sub-status", exact=True)).to_be_visible()

	def press(label):
		page.get_by_role("button", name=ticket.status, exact=True).locator(
			"xpath=following::button[1]"
		).click()
		page.get_by_role("menuitem", name="Ticket link", exact=True).click()
		page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()

	press("Copy")
	expect(page.get_by_text("The link is copied.")).to_be_visible()
	first = clipboard(page)
	assert first == f"{address}/t/{links.token(live_link(ticket))}"
	press("Make a new link")
	expect(page.get_by_text("The old link has ended, and the new one is copied.")).to_be_visible()
	assert clipboard(page) == f"{address}/t/{links.token(live_link(ticket))}" != first
	press("Revoke")
	expect(page.get_by_text("The link has ended.")).to_be_visible()
	assert live_link(ticket).is_revoked


def test_in_the_desk(page, address, ticket):
	page.goto(f"{address}/app/hd-ticket/{ticket.name}")

	def press(label):
		page.get_by_role("button", name="Customer portal").click()
		page.get_by_role("link", name="Ticket link", exact=True).click()
		page.locator(".modal.show").get_by_role("button", name=label, exact=True).click()

	press("Copy")
	expect(page.get_by_text("The link is copied.")).to_be_visible()
	assert clipboard(page) == f"{address}/t/{links.token(live_link(ticket))}"
	page.locator(".modal.show").wait_for(state="hidden")
	press("Revoke")
	expect(page.get_by_text("The link has ended.")).to_be_visible()
	assert live_link(ticket).is_revoked
