"""A member at a ticket in Chromium: the list of names after an @, news that move nobody, and both of Helpdesk's sides."""

import re

import frappe
import pytest
from playwright.sync_api import Page, expect

from tests.browser import tickets
from tests.browser.conftest import DESKTOP
from tests.browser.measures import SMALLEST_TARGET, fits, small_targets, violations
from tests.browser.pictures import take
from tests.factories import PASSWORD, attach_file, make_customer, unique
from tests.integration.member_tickets.conftest import make_named_agent, make_team, told
from tests.organisations import TICKETS, make_organisation
from tests.talk import PDF, messages, own_png, say, set_main

pytestmark = pytest.mark.browser
BOLD = 600  # of font weights
LONG = "<p>" + "A long answer about the pump and its seal. " * 40 + "</p>"


@pytest.fixture
def team():
	"""Three agents; two of them share a first name."""
	number = unique("x")[-4:]
	return [make_named_agent(f"{name} {number}") for name in ("Huda Salem", "Hala Amri", "Huda Zahrani")]


@pytest.fixture
def ticket(organisation, team):
	made = organisation.ticket(
		organisation.address("sara"),
		agent_group=make_team(*team).name,
		subject="The pump in hall 2 stands still",
	)
	say(made, "<p>We come on Monday with a new seal.</p>", by=team[0].name)
	return made


@pytest.fixture
def open_ticket(ticket, sign_in_page, address):
	"""Call it with options of the browser: the ticket's page of who raised it."""

	def open_one(**options) -> Page:
		page = sign_in_page(ticket.raised_by, **options)
		page.goto(f"{address}{TICKETS}/{ticket.name}")
		return page

	return open_one


def name_of(agent) -> str:
	return frappe.db.get_value("User", agent.name, "full_name")


def options(page: Page):
	return page.locator("#agents [role=option]:visible")


def marked(page: Page) -> str:
	"""What a screen reader is told of: the option that aria-activedescendant names."""
	name = page.locator("#text").get_attribute("aria-activedescendant")
	return page.locator(f"#{name}").inner_text() if name else ""


def no_violation(page: Page) -> None:
	assert not violations(page)


def test_completion_by_keyboard_and_what_helpdesk_shows_of_it(
	open_ticket, team, ticket, open_browser, sign_in_to_desk, address
):
	page = open_ticket()
	text = page.get_by_label("Your message")
	text.focus()
	page.keyboard.type("Hello @hu")
	expect(options(page)).to_have_text([name_of(team[0]), name_of(team[2])])
	assert marked(page) == name_of(team[0])
	expect(page.locator("#news")).to_contain_text("Names to choose from: 2")
	page.keyboard.press("ArrowDown")
	assert marked(page) == name_of(team[2])
	page.keyboard.press("ArrowDown")
	assert marked(page) == name_of(team[0])
	page.keyboard.press("ArrowUp")
	page.keyboard.press("Enter")
	expect(text).to_have_value(f"Hello @{name_of(team[2])} ")
	expect(page.locator("#agents")).to_be_hidden()
	expect(text).to_be_focused()
	page.keyboard.type("and @ha")
	page.keyboard.press("Escape")
	expect(page.locator("#agents")).to_be_hidden()
	page.keyboard.type("l")
	expect(options(page)).to_have_count(1)
	page.keyboard.press("Tab")
	page.keyboard.type("please look")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.get_by_text("Your message is sent.")).to_be_visible()
	expect(page.locator(".message.you strong")).to_have_text([f"@{name_of(team[2])}", f"@{name_of(team[1])}"])
	assert [len(told(agent)) for agent in team] == [0, 1, 1]

	desk = open_browser(viewport=DESKTOP)
	sign_in_to_desk(desk, team[2].name)
	tickets.in_helpdesk(desk, address, ticket)
	mention = desk.frame_locator("iframe").last.locator(".mention strong").first
	expect(mention).to_have_text(f"@{name_of(team[2])}")
	assert mention.evaluate("one => Number(getComputedStyle(one).fontWeight)") >= BOLD
	desk.locator("#notifications-btn").click()
	expect(desk.get_by_text("mentioned you in ticket")).to_be_visible()
	take(desk, "mention-in-helpdesk", full_page=False)
	desk.get_by_text("mentioned you in ticket").click()
	expect(desk).to_have_url(re.compile(f"/helpdesk/tickets/{ticket.name}"))


def test_completion_by_touch(open_ticket, team):
	page = open_ticket(has_touch=True, is_mobile=True)
	page.get_by_role("button", name="Mention somebody").tap()
	expect(options(page)).to_have_count(3)
	for one in options(page).all():
		assert one.bounding_box()["height"] >= SMALLEST_TARGET
	options(page).nth(2).tap()
	expect(page.get_by_label("Your message")).to_have_value(f"@{name_of(team[2])} ")
	expect(page.locator("#agents")).to_be_hidden()


def test_a_name_that_nobody_has_is_said(open_ticket):
	page = open_ticket()
	page.get_by_label("Your message").press_sequentially("@zzz")
	expect(page.locator("#news")).to_have_text("Nobody of our team has this name.")
	expect(page.locator("#agents")).to_be_hidden()
	page.get_by_label("Your message").fill("")
	page.get_by_label("Your message").press_sequentially("me@hu")
	expect(page.locator("#agents")).to_be_hidden()


def test_enter_is_a_new_line_where_no_list_is_open(open_ticket):
	page = open_ticket()
	page.get_by_label("Your message").press_sequentially("One\nTwo")
	expect(page.get_by_label("Your message")).to_have_value("One\nTwo")


def test_without_javascript_a_name_is_enough(open_ticket, team):
	page = open_ticket(java_script_enabled=False)
	expect(page.get_by_role("button", name="Mention somebody")).to_be_hidden()
	page.get_by_label("Your message").fill(f"@{name_of(team[1])} please")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.locator(".message.you strong")).to_have_text(f"@{name_of(team[1])}")
	assert len(told(team[1])) == 1
	page.get_by_text("Close the ticket").click()
	page.get_by_label("Why do you close it? (optional)").fill("It runs again")
	page.get_by_role("button", name="Close it now").click()
	expect(page.locator(".status")).to_contain_text("Closed")
	expect(page.locator("#thread")).to_contain_text("It runs again")


def test_news_come_by_themselves_and_move_nobody(open_ticket, ticket, team):
	page = open_ticket(viewport={"width": 390, "height": 440})  # a phone whose keyboard is open
	text = page.get_by_label("Your message")
	text.fill("A draft that nobody")
	text.evaluate("one => scrollBy(0, one.getBoundingClientRect().top - 16)")
	before = text.bounding_box()["y"]
	say(ticket, LONG, by=team[1].name)
	set_main(ticket, 3)
	expect(page.locator(".message.us")).to_have_count(2)
	expect(text).to_have_value("A draft that nobody")
	expect(text).to_be_focused()
	page.wait_for_timeout(500)  # the browser may move it in a later frame
	assert abs(text.bounding_box()["y"] - before) < 3
	expect(page.locator("#jump:visible")).to_contain_text("↑")
	expect(page.locator(".status")).to_contain_text("Resolved")
	expect(page.locator("#news")).to_contain_text(re.compile("new message|state of your ticket"))
	page.keyboard.type(" interrupts")
	expect(text).to_have_value("A draft that nobody interrupts")


def test_who_reads_above_is_shown_the_way_to_the_new_message(open_ticket, ticket, team):
	for _number in range(4):
		say(ticket, LONG, by=team[0].name)
	page = open_ticket(bypass_csp=True)
	page.evaluate("scrollTo(0, 0)")
	say(ticket, "<p>It is done.</p>", by=team[1].name)
	jump = page.get_by_role("button", name="New message")
	expect(jump).to_be_visible()
	expect(jump).to_contain_text("↓")
	assert page.evaluate("scrollY") == 0
	assert jump.bounding_box()["height"] >= SMALLEST_TARGET
	no_violation(page)
	take(page, "new-message", full_page=False)
	jump.click()
	expect(page.locator(".message").last).to_be_focused()
	expect(page.get_by_text("It is done.")).to_be_in_viewport()
	expect(jump).to_be_hidden()


def test_a_picture_of_an_old_message_is_not_loaded_again(open_ticket, ticket, team):
	message = say(ticket, "<p>See this</p>", by=team[0].name)
	attach_file(message, "plan.png", own_png())
	page = open_ticket()
	page.locator(".picture img").evaluate("one => { one.dataset.kept = '1' }")
	say(ticket, "<p>And more</p>", by=team[0].name)
	expect(page.get_by_text("And more")).to_be_visible()
	expect(page.locator(".picture img[data-kept]")).to_have_count(1)


def test_a_page_in_the_background_asks_nothing(open_ticket):
	page = open_ticket()
	page.evaluate(
		"""() => {
			Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
			document.dispatchEvent(new Event("visibilitychange"));
		}"""
	)
	asked = []
	page.on("request", lambda request: asked.append(request.url))
	page.wait_for_timeout(25_000)
	assert asked == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
@pytest.mark.parametrize("screen", ["phone", "desktop", "narrow"])
def test_everybody_can_use_it(open_ticket, ticket, team, scheme, locale, screen):
	message = say(ticket, "<p>See <a href='https://x.example'>this</a></p>", by=team[2].name)
	attach_file(message, "a long name " * 9 + ".png", own_png())
	attach_file(message, "bill.pdf", PDF)
	say(ticket, "<p>Thank you, and " + "w" * 200 + "</p>", sent=False)
	viewport = {
		"phone": {"width": 390, "height": 844},
		"desktop": DESKTOP,
		"narrow": {"width": 320, "height": 640},
	}
	page = open_ticket(color_scheme=scheme, locale=locale, bypass_csp=True, viewport=viewport[screen])
	page.locator("details.ending summary").click()
	page.locator("#text").press_sequentially("@hu")
	expect(options(page)).to_have_count(2)
	no_violation(page)
	assert fits(page)
	take(page, f"member-ticket-{screen}-{scheme}-{locale[:2]}")
	page.locator("#agents").scroll_into_view_if_needed()
	take(page, f"member-mention-{screen}-{scheme}-{locale[:2]}", full_page=False)
	page.keyboard.press("Escape")
	set_main(ticket, 3)
	page.reload()
	no_violation(page)
	take(page, f"member-resolved-{screen}-{scheme}-{locale[:2]}")
	assert not small_targets(page, "main :is(button, summary, .star, .option, .files a, input[type=file])")


# One link, rising trust


@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_from_the_tickets_link_to_all_tickets(visit, open_door, locale):
	organisation = make_organisation("acme")
	customer = visit(locale=locale, bypass_csp=True)
	sara = organisation.put(customer.ticket.raised_by)
	frappe.db.set_value("HD Ticket", customer.ticket.name, "customer", organisation.customer)
	organisation.ticket(sara, subject="The other pump")
	customer.sign_in()
	page = customer.page
	offer = page.locator(".organisation .button")
	expect(offer).to_be_visible()
	no_violation(page)
	take(page, f"rising-offer-{locale[:2]}")
	offer.click()
	expect(page.locator("#email")).to_have_value(sara)  # a code of four digits is not proof enough
	no_violation(page)
	take(page, f"rising-sign-in-{locale[:2]}")


# Helpdesk's own portal


def test_both_portals_show_the_same(open_door, open_browser, sign_in_to_desk, address):
	organisation = make_organisation("acme")
	account = make_customer()
	organisation.put(account.name)
	ticket = organisation.ticket(account.name, subject="The pump stands still")
	say(ticket, "<p>We come on Monday.</p>")
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, account.name, PASSWORD)
	page.goto(f"{address}/helpdesk/my-tickets/{ticket.name}")
	expect(page.get_by_text("The pump stands still").first).to_be_visible()
	expect(page.frame_locator("iframe").last.get_by_text("We come on Monday.")).to_be_visible()
	page.get_by_text("Type a message").click()
	editor = page.locator("[contenteditable=true]").last
	editor.press_sequentially("Written in Helpdesk")
	page.get_by_role("button", name="Send", exact=True).last.click()
	expect(page.frame_locator("iframe").last.get_by_text("Written in Helpdesk")).to_be_visible()
	take(page, "helpdesks-own-portal", full_page=False)
	page.goto(f"{address}{TICKETS}/{ticket.name}")
	expect(page.locator(".message.you")).to_contain_text("Written in Helpdesk")
	page.get_by_label("Your message").fill("From the organisation portal")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.locator(".message.you")).to_have_count(2)
	page.goto(f"{address}/helpdesk/my-tickets/{ticket.name}")
	expect(page.frame_locator("iframe").last.get_by_text("From the organisation portal")).to_be_visible()
	assert messages(ticket)[-1].sender == account.name
