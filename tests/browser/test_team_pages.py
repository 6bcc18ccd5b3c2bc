"""Team, account, and who sees a ticket: for everybody (WCAG 2.2 AA as far as a machine can tell), on every screen."""

from dataclasses import dataclass

import frappe
import pytest
from playwright.sync_api import Page, expect

from customer_portal import followers, join_requests, signed_addresses
from customer_portal.notifications.letters import PURPOSE
from customer_portal.sign_in import people
from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits, small_targets, violations
from tests.browser.pictures import take
from tests.organisations import TICKETS, make_organisation

pytestmark = pytest.mark.browser
TARGETS = (
	"button, summary, select, a:not(.skip, .mail a), label:has(input), input:not([type=hidden], label input)"
)
TALL = {"width": 390, "height": 844}
NAMES = ("Sara Haddad", "عمر الفاروق", "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh", "Li Wei")


@dataclass
class Manager:
	page: Page
	site: str
	user: str
	ticket: object

	def open(self, path: str) -> None:
		self.page.goto(f"{self.site}{path}")


def _colleagues(organisation) -> list[str]:
	"""Who have been here, under names of all kinds."""
	found = []
	for name in NAMES:
		user = people.user_of(organisation.address("colleague"), "en")
		values = {"full_name": name, "first_name": name, "last_login": "2026-11-20 09:30:00"}
		frappe.db.set_value("User", user, values)
		found.append(user)
	frappe.db.commit()
	return found


@pytest.fixture
def open_manager(open_door, address, sign_in_page):
	"""Call it with options of the browser."""

	def open_one(**options) -> Manager:
		organisation, second = make_organisation("acme"), make_organisation("globex")
		user = organisation.manager("mona")
		second.put(user, role="Manager")
		page = sign_in_page(user, bypass_csp=True, **options)
		colleagues = _colleagues(organisation)
		organisation.put(colleagues[0], sees="All tickets")
		organisation.put(colleagues[1], role="Manager")
		organisation.put(colleagues[2], is_disabled=1, disabled_by=user)
		organisation.put(organisation.address("shut.out"), is_disabled=1)
		organisation.put(organisation.address("invited"))
		organisation.change(who="Named people only")
		for name in ("somebody", "somebody.with.a.very.long.name.of.an.address"):
			join_requests.note(organisation.address(name))
		ticket = organisation.ticket(user, subject="The pump in hall 2 stands still", portal_private=1)
		followers.follow(str(ticket.name), user)
		for colleague in colleagues[:2]:
			followers.add(str(ticket.name), colleague)
		frappe.db.commit()
		return Manager(page, address, user, ticket)

	return open_one


def team(manager: Manager) -> None:
	manager.open("/portal/team")
	manager.page.get_by_role("link", name="Acme").click()
	expect(manager.page.locator('[aria-current="page"]', has_text="Acme")).to_be_visible()


def team_changing(manager: Manager) -> None:
	for line in manager.page.locator(".changes summary").all()[:2]:
		line.click()


def team_refused(manager: Manager) -> None:
	manager.page.locator("#email").fill("somebody@elsewhere.example")
	manager.page.locator(".beside .button").click()
	expect(manager.page.locator("#problem")).to_be_visible()


def menu(manager: Manager) -> None:
	manager.open(TICKETS)
	manager.page.locator(".person summary").click()


def account(manager: Manager) -> None:
	manager.open("/portal/account")


def account_refused(manager: Manager) -> None:
	manager.page.locator("#name").fill("<Mona>")
	manager.page.locator(".stack .button").click()
	expect(manager.page.locator("#problem")).to_be_visible()


def ticket(manager: Manager) -> None:
	manager.open(f"{TICKETS}/{manager.ticket.name}")


def ticket_refused(manager: Manager) -> None:
	manager.page.locator(".sharing details summary").click()
	manager.page.locator("#colleague").fill("nobody@elsewhere.example")
	manager.page.locator(".sharing .beside .button").click()
	expect(manager.page.locator(".sharing .problem")).to_be_visible()


def digest(manager: Manager) -> None:
	manager.open(f"/portal/digest/{signed_addresses.token(PURPOSE, manager.user)}")


WAY = (team, team_changing, team_refused, menu, account, account_refused, ticket, ticket_refused, digest)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
@pytest.mark.parametrize("screen", [TALL, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(open_manager, scheme, locale, screen):
	manager = open_manager(color_scheme=scheme, locale=locale, viewport=screen)
	for show in WAY:
		show(manager)
		kind = "phone" if screen == TALL else "desktop"
		take(manager.page, f"members-{show.__name__}-{kind}-{scheme}-{locale[:2]}")
		assert not violations(manager.page), show.__name__


@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_they_fit_320_pixels(open_manager, locale):
	"""Which is 1280 pixels at a zoom of 400 % (WCAG 2.2, 1.4.10)."""
	manager = open_manager(locale=locale, viewport={"width": 320, "height": 256})
	for show in WAY:
		show(manager)
		assert fits(manager.page), show.__name__


def test_targets_are_large(open_manager):
	manager = open_manager(locale="en-GB")
	for show in WAY:
		show(manager)
		assert not small_targets(manager.page, TARGETS), show.__name__


def test_by_keyboard_alone(open_manager):
	manager = open_manager(locale="en-GB", viewport=DESKTOP)
	manager.open(TICKETS)
	summary = manager.page.locator(".person summary")
	summary.focus()
	manager.page.keyboard.press("Enter")
	expect(manager.page.get_by_role("link", name="My account")).to_be_visible()
	manager.page.keyboard.press("Tab")
	manager.page.keyboard.press("Enter")
	expect(manager.page.get_by_role("heading", name="My account")).to_be_visible()
