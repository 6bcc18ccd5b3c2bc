"""The pages of the organisation portal: for everybody (WCAG 2.2 AA as far as a machine can tell), on every screen."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits, small_targets, violations
from tests.browser.pictures import take
from tests.organisations import SIGN_IN, TICKETS, code_of, link_of, make_organisation
from tests.talk import say, set_main

pytestmark = pytest.mark.browser
TALL = {"width": 390, "height": 844}
MAIL = "<p>Since Sunday the pump stands still. <a href='https://example.com'>Our contract</a></p><p>السلام عليكم</p>"
SUBJECTS = (
	"The pump in hall 2 stands still",
	"Second key for the gate",
	"لا يعمل المكيف في قاعة الاجتماعات منذ صباح الأحد",
	"Invoice 2026-114 has the wrong address, and the order number that our purchasing department needs is missing",
	"Supercalifragilisticexpialidocious_without_a_single_space_to_break_the_line_at_anywhere",
)


@dataclass
class Person:
	"""Somebody of an organisation with tickets in every state, and their browser."""

	page: Page
	site: str
	address: str
	ticket: object

	def open(self, path: str) -> None:
		self.page.goto(f"{self.site}{path}")


@pytest.fixture
def open_person(open_door, address, open_browser):
	"""Call it with options of the browser."""

	def open_one(**options) -> Person:
		organisation = make_organisation("acme", sees="All tickets")
		sara = organisation.address("sara.ahmed")
		made = [organisation.ticket(sara, subject=subject, description=MAIL) for subject in SUBJECTS]
		organisation.ticket(subject="A new desk for Omar", portal_private=1)
		organisation.ticket(subject="Wrong lamps were delivered")
		for ticket, position in zip(made[1:], (2, 3, 4), strict=False):
			set_main(ticket, position)
		say(made[0], "<p>We come on Monday with a new seal.</p>")
		page = open_browser(bypass_csp=True, **options)
		return Person(page, address, sara, made[0])

	return open_one


def sign_in(person: Person) -> None:
	person.open(SIGN_IN)


def sign_in_refused(person: Person) -> None:
	person.open(SIGN_IN)
	person.page.evaluate("document.querySelector('main form').noValidate = true")
	person.page.locator("#email").fill("sara")
	person.page.locator("main .button").click()
	expect(person.page.locator("#problem")).to_be_visible()


def code(person: Person) -> None:
	person.open(f"{SIGN_IN}?again=1")
	person.page.locator("#email").fill(person.address)
	person.page.locator("main .button").click()
	expect(person.page.locator("#code")).to_be_visible()


def code_refused(person: Person) -> None:
	person.page.locator("#code").fill("12")
	person.page.locator("main .stack .button").click()
	expect(person.page.locator("#problem")).to_be_visible()


def link(person: Person) -> None:
	person.open(link_of(person.address))


def tickets(person: Person) -> None:
	person.open(SIGN_IN)
	person.page.locator("#code").fill(code_of(person.address))
	person.page.locator("main .stack .button").click()
	expect(person.page.locator(".tickets li")).to_have_count(len(SUBJECTS) + 1)


def ticket(person: Person) -> None:
	person.open(f"{TICKETS}/{person.ticket.name}")


def no_ticket(person: Person) -> None:
	person.open(f"{TICKETS}/987654321")


WAY = (sign_in, sign_in_refused, code, code_refused, link, tickets, ticket, no_ticket)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
@pytest.mark.parametrize("screen", [TALL, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(open_person, scheme, locale, screen):
	"""All pages in one test: to make an organisation costs more than to look at it."""
	person = open_person(color_scheme=scheme, locale=locale, viewport=screen)
	for show in WAY:
		show(person)
		kind = "phone" if screen == TALL else "desktop"
		take(person.page, f"members-{show.__name__}-{kind}-{scheme}-{locale[:2]}")
		assert not violations(person.page), show.__name__


@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_they_fit_320_pixels(open_person, locale):
	"""Which is 1280 pixels at a zoom of 400 % (WCAG 2.2, 1.4.10)."""
	person = open_person(locale=locale, viewport={"width": 320, "height": 256})
	for show in WAY:
		show(person)
		assert fits(person.page), show.__name__


def test_targets_are_large(open_person):
	person = open_person(locale="en-GB")
	for show in WAY:
		show(person)
		targets = "button, a:not(.skip, .mail a), input:not([type=hidden])"
		assert not small_targets(person.page, targets), show.__name__


def test_the_way_in_needs_no_script(open_person):
	person = open_person(java_script_enabled=False)
	for show in (sign_in, code, tickets, ticket):
		show(person)
	expect(person.page.get_by_text("We come on Monday with a new seal.")).to_be_visible()
