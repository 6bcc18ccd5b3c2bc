"""An agent sets the sub-status in Helpdesk's own ticket page and in the Desk, in a real browser."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal import archive, statuses
from tests.browser import tickets
from tests.browser.conftest import DESKTOP
from tests.factories import make_agent, make_ticket
from tests.ledger import events, make_template

pytestmark = pytest.mark.browser
UPDATED = "Ticket updated successfully."


@pytest.fixture
def ticket():
	ticket = make_ticket()
	ticket.reload()
	return ticket


@pytest.fixture
def agent():
	return make_agent()


@pytest.fixture
def page(open_browser, sign_in_to_desk, agent):
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, agent.name)
	return page


@pytest.fixture
def helpdesk(page, address):
	"""Opens a ticket in Helpdesk's own page, with "Ticket Info" unfolded."""

	def open_ticket(ticket):
		tickets.in_helpdesk(page, address, ticket)
		page.get_by_text("Ticket Info", exact=True).click()
		return page

	return open_ticket


def labels(template=None) -> list[str]:
	return [row.label for row in statuses.choices(statuses.template_named(template))]


def own_template():
	fits = {1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]}
	return make_template(fits, {1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"}).ticket_template


def fresh_events(ticket) -> list:
	frappe.db.rollback()
	return events(ticket)


def field(page):
	"""The row "Sub-status" under "Ticket Info"."""
	return (
		page.locator("div.flex", has=page.get_by_text("Sub-status", exact=True)).last.locator("button").first
	)


def test_by_the_button(helpdesk, ticket, agent):
	page = helpdesk(ticket)
	page.get_by_role("button", name="Sub-status", exact=True).click()
	expect(page.get_by_role("menuitem")).to_have_text(labels())
	page.get_by_role("menuitem", name="Solution given").click()
	expect(page.get_by_text(UPDATED)).to_be_visible()
	expect(page.get_by_role("button", name="Resolved", exact=True)).to_be_visible()
	expect(page.get_by_text("Solution given", exact=True)).to_be_visible()
	last = fresh_events(ticket)[-1]
	assert (last.to_main_status, last.actor, last.source) == (3, agent.name, "Agent")


def test_by_the_field(helpdesk, ticket, agent):
	page = helpdesk(ticket)
	expect(field(page)).to_have_text("New")
	field(page).click()
	options = page.get_by_role("option")
	expect(options).to_have_text(labels())
	options.filter(has_text="Waiting: part ordered").click()
	expect(page.get_by_text(UPDATED)).to_be_visible()
	expect(field(page)).to_have_text("Waiting: part ordered")
	last = fresh_events(ticket)[-1]
	assert (last.from_main_status, last.to_main_status, last.source) == (1, 2, "Agent")
	assert frappe.db.get_value("HD Ticket", ticket.name, "status") == "Open"


def test_the_button_marks_what_is_set_by_the_status(helpdesk, ticket):
	page = helpdesk(ticket)
	page.get_by_role("button", name="Open", exact=True).click()
	page.get_by_role("menuitem", name="Replied").click()
	expect(field(page)).to_have_text("Working on it")
	assert fresh_events(ticket)[-1].to_main_status == 2


def test_a_ticket_offers_what_its_template_allows(helpdesk):
	template = own_template()
	page = helpdesk(make_ticket(template=template))
	page.get_by_role("button", name="Sub-status", exact=True).click()
	expect(page.get_by_role("menuitem")).to_have_text(labels(template))
	page.keyboard.press("Escape")
	field(page).click()
	expect(page.get_by_role("option")).to_have_text(labels(template))


def test_archiving_in_helpdesks_page(helpdesk, ticket):
	page = helpdesk(ticket)
	expect(page.get_by_role("button", name="Sub-status", exact=True)).to_be_visible()
	page.get_by_role("button", name=ticket.status, exact=True).locator(tickets.MORE).click()
	page.get_by_role("menuitem", name="Archive", exact=True).click()
	expect(page.get_by_text("The ticket is archived.")).to_be_visible()
	frappe.db.rollback()
	assert archive.is_archived(ticket.name)


def test_the_desks_form_offers_only_allowed_ones(page, address):
	template = own_template()
	ticket = make_ticket(template=template)
	tickets.in_desk(page, address, ticket)
	link = page.locator("[data-fieldname='sub_status'] input").first
	expect(link).to_have_value(labels(template)[0])
	offered = page.locator("[data-fieldname='sub_status'] [role='listbox'] [role='option']")
	internal = offered.filter(has_text=re.compile(r"^\s*Internal"))
	link.click()
	link.fill("Internal")
	expect(internal).to_have_text([re.compile(re.escape(label)) for label in labels(template)])
	offered.filter(has_text=labels(template)[2]).click()
	page.wait_for_function("before => cur_frm.doc.sub_status !== before", arg=ticket.sub_status)
	page.get_by_role("button", name="Save", exact=True).click()
	expect(page.locator(".indicator-pill", has_text="Resolved").first).to_be_visible()
	assert [event.to_main_status for event in fresh_events(ticket)] == [1, 3]
