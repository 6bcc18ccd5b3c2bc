"""Every action of an agent on a ticket's panel, in Helpdesk's own ticket page and in the Desk."""

import re

import frappe
import pytest
from playwright.sync_api import Frame, expect

from customer_portal import links, sessions
from customer_portal.clock import utc_now
from customer_portal.notifications import outbox
from tests import doors, events
from tests.browser import tickets
from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits
from tests.browsers import PHONE, TIME_STANDS_STILL
from tests.door import pending_challenge
from tests.factories import make_agent, make_ticket, saudi_mobile
from tests.gateways import configure

pytestmark = pytest.mark.browser
ENTRY = "Link and messages"


@pytest.fixture(autouse=True)
def gateways(mail_server, twilio):
	"""Both channels are on: their providers listen on loopback."""


@pytest.fixture
def ticket(address, gateways):
	doors.reset_limits()
	configure(portal_url=address)
	ticket = make_ticket(saudi_mobile())
	links.ensure(str(ticket.name))
	events.clear()
	yield ticket
	configure(portal_url="")


@pytest.fixture
def agent():
	return make_agent()


@pytest.fixture
def page(open_browser, sign_in_to_desk, agent):
	page = open_browser(viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"])
	sign_in_to_desk(page, agent.name)
	return page


def in_helpdesk(page, address, ticket):
	"""Opens the menu of Helpdesk's ticket page; returns the menu's entry and its button."""
	tickets.in_helpdesk(page, address, ticket)
	expect(page.get_by_role("button", name="Sub-status", exact=True)).to_be_visible()
	state = page.get_by_role("button", name=ticket.status, exact=True)
	menu = state.locator(tickets.MORE).element_handle()
	menu.click()
	return page.get_by_role("menuitem", name=ENTRY, exact=True), menu


def in_desk(page, address, ticket):
	tickets.in_desk(page, address, ticket)
	menu = page.get_by_role("button", name="Customer portal")
	menu.click()
	return page.get_by_role("link", name=ENTRY, exact=True), menu.element_handle()


PLACES = pytest.mark.parametrize("place", [in_helpdesk, in_desk])


@pytest.fixture
def open_panel(page, address, ticket):
	"""Opens the panel from a place; its frame."""

	def open_from(place):
		entry, _menu = place(page, address, ticket)
		entry.click()
		expect(page.get_by_role("dialog", name=ENTRY)).to_be_visible()
		panel = page.frame_locator("dialog iframe")
		expect(panel.get_by_role("heading", name="Messages")).to_be_visible()
		return panel

	return open_from


def press(panel, name: str) -> None:
	panel.get_by_role("button", name=name, exact=True).click()


def told(panel, sentence: str) -> None:
	expect(panel.get_by_role("status").filter(has_text=sentence)).to_be_visible()


def live_link(ticket):
	frappe.db.rollback()
	return links.of_ticket(str(ticket.name))


def address_of(ticket, address) -> str:
	return f"{address}/t/{links.token(live_link(ticket))}"


def frame_of(page) -> Frame:
	"""The panel's: Helpdesk shows each mail in a frame too."""
	return page.locator("dialog iframe").element_handle().content_frame()


def rows(ticket, **filters) -> list:
	frappe.db.rollback()
	filters = {"ticket": str(ticket.name), **filters}
	return frappe.get_all(outbox.DOCTYPE, filters=filters, fields=["*"], order_by="creation")


def viewers(ticket) -> list[str]:
	frappe.db.rollback()
	filters = {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name)}
	return frappe.get_all("View Log", filters=filters, pluck="viewed_by")


@PLACES
def test_copy(open_panel, page, address, ticket, place):
	panel = open_panel(place)
	panel.locator("body").evaluate(TIME_STANDS_STILL)
	press(panel, "Copy")
	expect(panel.get_by_role("button", name="Copied", exact=True)).to_be_visible()
	assert page.evaluate("navigator.clipboard.readText()") == address_of(ticket, address)


@PLACES
def test_send(open_panel, ticket, place):
	panel = open_panel(place)
	press(panel, "Send to the customer")
	told(panel, "The link is on its way.")
	assert sorted(row.channel for row in rows(ticket, kind="Link")) == ["Email", "SMS"]
	expect(panel.get_by_text("The link, sent by an agent")).to_have_count(2)


@PLACES
def test_make_a_new_link(open_panel, address, ticket, place):
	panel = open_panel(place)
	first = address_of(ticket, address)
	press(panel, "Make a new link")
	question = panel.get_by_role("dialog", name="Make a new link")
	question.get_by_role("button", name="Cancel").click()
	expect(question).to_be_hidden()
	assert address_of(ticket, address) == first
	press(panel, "Make a new link")
	question.get_by_role("button", name="Make a new link").click()
	told(panel, "The old link has ended. This is the new one.")
	second = address_of(ticket, address)
	assert second != first
	expect(panel.get_by_label("The ticket's link")).to_have_value(second)


@PLACES
def test_revoke(open_panel, ticket, place):
	panel = open_panel(place)
	press(panel, "Revoke")
	question = panel.get_by_role("dialog", name="Revoke")
	question.get_by_label("Reason, for your colleagues").fill("Wrong customer")
	question.get_by_role("button", name="Revoke").click()
	told(panel, "The link has ended.")
	expect(panel.get_by_text("The link is revoked: Wrong customer")).to_be_visible()
	assert live_link(ticket).is_revoked


@PLACES
def test_unlock(open_panel, ticket, place):
	links.lock(live_link(ticket), utc_now().replace(year=2096))
	frappe.db.commit()
	panel = open_panel(place)
	expect(panel.get_by_text("Too many wrong codes: locked until ")).to_be_visible()
	press(panel, "Unlock")
	told(panel, "The customer can ask for a code again.")
	assert live_link(ticket).lock_seconds == 0


@PLACES
def test_end_a_session(open_panel, ticket, place):
	token = sessions.open(pending_challenge(ticket, "SMS", "+966501234567"), False, "Firefox Android").token
	frappe.db.commit()
	panel = open_panel(place)
	expect(panel.get_by_text("Firefox, Android")).to_be_visible()
	press(panel, "End the session of +966 ••• 567")
	told(panel, "The session has ended.")
	expect(panel.get_by_text("Nobody is signed in with this link now.")).to_be_visible()
	assert sessions.resume(live_link(ticket), token) is None


@PLACES
def test_resend(open_panel, ticket, place):
	(failed, _mail) = sorted(events.notifications(ticket), key=lambda row: row.channel, reverse=True)
	values = {"state": "Failed", "reason": "No such number."}
	frappe.db.set_value(outbox.DOCTYPE, failed.name, values)
	frappe.db.commit()
	panel = open_panel(place)
	expect(panel.get_by_text("No such number.")).to_be_visible()
	panel.locator(f"#m-{failed.name}").get_by_role("button").click()
	told(panel, "The message is on its way.")
	(again,) = rows(ticket, kind="Status", event=("is", "not set"))
	assert (again.channel, again.recipient) == ("SMS", failed.recipient)
	expect(panel.get_by_text("Sent again by an agent")).to_be_visible()


@PLACES
def test_view_as_customer(open_panel, page, agent, ticket, place):
	panel = open_panel(place)
	expect(panel.get_by_role("heading", name="Messages")).to_be_visible()
	before = viewers(ticket)  # Helpdesk and the Desk record who opens a ticket as well
	with page.context.expect_page() as opened:
		panel.get_by_role("link", name="View as customer").click()
	preview = opened.value
	expect(preview.get_by_text("Preview for agents", exact=True)).to_be_visible()
	expect(preview.get_by_role("heading", level=1)).to_contain_text(str(ticket.name))
	preview.get_by_role("link", name="العربية").click()
	expect(preview.locator("html")).to_have_attribute("dir", "rtl")
	assert viewers(ticket) == [*before, agent.name, agent.name]
	assert live_link(ticket).opens == 0


@PLACES
def test_the_qr_code_can_be_enlarged(open_panel, place):
	panel = open_panel(place)
	small = panel.get_by_role("button", name="Show the QR code larger")
	expect(small.locator("svg")).to_be_visible()
	small.click()
	large = panel.locator("#code svg")
	expect(large).to_be_visible()
	assert large.bounding_box()["width"] > 2 * small.bounding_box()["width"]


@PLACES
def test_escape_closes_it_and_the_focus_returns(open_panel, page, address, ticket, place):
	entry, menu = place(page, address, ticket)
	entry.click()
	panel = page.frame_locator("dialog iframe")
	press(panel, "Revoke")
	question = panel.get_by_role("dialog", name="Revoke")
	page.keyboard.press("Escape")
	expect(question).to_be_hidden()
	expect(page.get_by_role("dialog", name=ENTRY)).to_be_visible()
	page.keyboard.press("Escape")
	expect(page.locator("dialog")).to_have_count(0)
	assert menu.evaluate("button => button === document.activeElement")


@PLACES
def test_the_cross_closes_it(open_panel, page, place):
	open_panel(place)
	page.get_by_role("dialog", name=ENTRY).get_by_role("button", name="Close").click()
	expect(page.locator("dialog")).to_have_count(0)


@PLACES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_has_the_colours_of_the_page_around_it(open_panel, page, address, ticket, place, theme):
	page.emulate_media(color_scheme="dark" if theme == "light" else "light")
	entry, _menu = place(page, address, ticket)
	page.evaluate("theme => (document.documentElement.dataset.theme = theme)", theme)
	entry.click()
	panel = page.frame_locator("dialog iframe")
	expect(panel.get_by_role("heading", name="Messages")).to_be_visible()
	colours = "getComputedStyle(document.body).backgroundColor"
	dark, light = "rgb(16, 21, 26)", "rgb(244, 246, 248)"
	assert frame_of(page).evaluate(colours) == (dark if theme == "dark" else light)


@PLACES
def test_on_a_phone_it_fills_the_screen(open_panel, page, place):
	panel = open_panel(place)
	expect(panel.get_by_role("heading", name="Messages")).to_be_visible()
	page.set_viewport_size(PHONE)
	box = page.locator("dialog").bounding_box()
	assert (box["width"], box["height"]) == (PHONE["width"], PHONE["height"])
	assert fits(frame_of(page))


def test_the_ledger_keeps_itself_fresh(open_panel, ticket):
	panel = open_panel(in_desk)
	expect(panel.get_by_text("Failed")).to_have_count(0)
	values = {"state": "Failed", "reason": "No such number."}
	frappe.db.set_value(outbox.DOCTYPE, {"ticket": str(ticket.name)}, values)
	frappe.db.commit()
	expect(panel.get_by_text("No such number.").first).to_be_visible()


def test_without_a_script_everything_works(open_browser, sign_in_to_desk, agent, address, ticket):
	signed_in = open_browser(viewport=DESKTOP)
	sign_in_to_desk(signed_in, agent.name)
	page = open_browser(viewport=DESKTOP, java_script_enabled=False)
	page.context.add_cookies(signed_in.context.cookies())
	page.goto(f"{address}/portal/staff/ticket/{ticket.name}")
	expect(page.get_by_label("The ticket's link")).to_have_value(re.compile("/t/"))
	expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()
	press(page, "Revoke")
	page.get_by_role("dialog", name="Revoke").get_by_role("button", name="Revoke").click()
	told(page, "The link has ended.")
	assert live_link(ticket).is_revoked
