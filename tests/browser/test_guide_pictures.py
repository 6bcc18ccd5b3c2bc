"""The pages that the guide in ``docs`` shows, as a shop's customers and agents see them; see ``pictures``."""

import io
from datetime import timedelta

import frappe
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from customer_portal import links, statuses
from customer_portal.clock import utc_now
from customer_portal.notifications import outbox
from customer_portal.pages import languages
from tests import events, talk
from tests.browser import pictures
from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits
from tests.browser.test_agent_panel import in_helpdesk
from tests.browsers import PHONE
from tests.door import pending_challenge
from tests.factories import attach_file, make_agent, saudi_mobile, unique
from tests.gateways import configure
from tests.talk import say

pytestmark = pytest.mark.browser
EVENTS = "Portal Status Event"
SHOP = {"company_name": "Noor Appliances", "contact_link": "https://wa.me/966550000000"}
WAY = {"Being checked": 49, "Part ordered": 3}  # hours ago
RECEIVED_AGO = 75
DESCRIPTIONS = {
	"en": "<p>Water runs out at the front as soon as it spins.</p><p>Model <b>WM-900</b>, bought in March.</p>",
	"ar": "<p>يخرج الماء من الأمام عندما تبدأ الغسالة بالعصر.</p><p>الطراز <b>WM-900</b>، اشتريتها في مارس.</p>",
}
SIZES = {"phone": PHONE, "desktop": DESKTOP}
LOCALES = {"en": "en-US", "ar": "ar-SA"}
LOOKS = [(size, language, scheme) for size in SIZES for language in LOCALES for scheme in ("light", "dark")]


@pytest.fixture
def shop(visit):
	"""Call it with a size, a language and a colour scheme; a customer's browser, and a ticket with a history."""
	configure(**SHOP)
	agent = make_agent()
	frappe.db.set_value("User", agent.name, {"full_name": "Sara Haddad", "time_zone": "Asia/Riyadh"})

	def open_link(size: str, language: str = "en", scheme: str = "light", **options):
		look = {"viewport": SIZES[size], "locale": LOCALES[language], "color_scheme": scheme}
		door = visit(
			DESCRIPTIONS[language], **look, device_scale_factor=2 if size == "phone" else 1, **options
		)
		door.ticket.db_set({"_assign": frappe.as_json([agent.name]), "subject": "Washing machine leaks"})
		_walk(door.ticket)
		return door

	yield open_link
	configure(**dict.fromkeys(SHOP, ""))


def _walk(ticket) -> None:
	rows = {row.customer_label: row.name for row in statuses.template_of(ticket).sub_statuses}
	for label in WAY:
		ticket.reload()
		ticket.sub_status = rows[label]
		ticket.save(ignore_permissions=True)
	names = frappe.get_all(
		EVENTS, {"ticket": str(ticket.name)}, pluck="name", order_by="occurred_at, creation"
	)
	for name, hours in zip(names, (RECEIVED_AGO, *WAY.values()), strict=True):
		when = utc_now() - timedelta(hours=hours, minutes=13)
		frappe.db.set_value(EVENTS, name, "occurred_at", when, update_modified=False)
	frappe.db.commit()


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_verification_and_ticket(shop, size, language, scheme):
	door = shop(size, language, scheme)
	assert fits(door.page)
	pictures.take(door.page, f"verification-{size}-{language}-{scheme}")
	door.sign_in()
	expect(door.page.locator(".steps li.completed")).to_have_count(1)
	assert fits(door.page)
	pictures.take(door.page, f"ticket-{size}-{language}-{scheme}")


@pytest.mark.parametrize("language", LOCALES)
def test_code_and_errors(shop, language):
	door = shop("phone", language)
	page = door.page
	page.locator("#contact").fill("055 123 4567")
	page.locator(".stack .button").click()
	expect(page.get_by_role("alert")).to_be_visible()
	pictures.take(page, f"mismatch-phone-{language}-light")
	door.wait_for_code()
	page.locator("#code").fill("24")
	assert fits(page)
	pictures.take(page, f"code-phone-{language}-light")
	page.goto(door.address.rsplit("/", 1)[0] + "/unknown")
	expect(page.get_by_role("alert")).to_be_visible()
	pictures.take(page, f"not-found-phone-{language}-light")


def test_everything_that_a_customer_may_do(shop, everything_on):
	door = shop("phone")
	message = say(door.ticket, "<p>It leaks at the hose, see the picture.</p>", sent=False)
	attach_file(message, "hose.png", _photo())
	say(door.ticket, "<p>Thank you. We have tightened the hose and tested it.</p>")
	talk.set_main(door.ticket, 3)
	door.sign_in()
	expect(door.page.get_by_role("heading", name="Did this solve it?")).to_be_visible()
	assert fits(door.page)
	pictures.take(door.page, "everything-phone-en-light")
	door.page.locator(".languages summary").click()
	expect(door.page.get_by_role("button", name="العربية")).to_be_visible()
	assert len(languages.offered()) == door.page.locator(".languages button").count() + 1
	pictures.take(door.page, "languages-phone-en-light", full_page=False)
	door.page.goto(f"{door.address}/preferences")
	expect(door.page.get_by_role("switch").first).to_be_visible()
	pictures.take(door.page, "preferences-phone-en-light")


def _photo() -> bytes:
	image = Image.new("RGB", (640, 420), "#7d9aa8")
	draw = ImageDraw.Draw(image)
	draw.rounded_rectangle((170, 40, 470, 400), 24, fill="#f1f4f6")
	draw.ellipse((220, 130, 420, 330), outline="#39505c", width=18)
	draw.text((2, 2), unique("photo"), fill="#7d9aa8")  # Frappe stores equal files once
	content = io.BytesIO()
	image.save(content, "PNG")
	return content.getvalue()


@pytest.fixture
def desk(open_browser, sign_in_to_desk):
	"""The browser of an agent who may look at templates too."""
	agent = make_agent().reload()
	agent.append("roles", {"role": "Agent Manager"})
	agent.update({"mobile_no": saudi_mobile(), "time_zone": "Asia/Riyadh"})
	agent.save(ignore_permissions=True)
	frappe.db.commit()
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, agent.name)
	return page


def _tell(ticket) -> None:
	"""As if its messages had gone out, the first SMS in vain."""
	rows = events.notifications(ticket)
	for row in rows:
		sent = row.occurred_at + timedelta(seconds=31)
		fate = {"state": "Sent", "sent_at": sent}
		if row.channel == "SMS":
			fate |= {"state": "Delivered", "delivered_at": sent + timedelta(seconds=4)}
		frappe.db.set_value(outbox.DOCTYPE, row.name, fate)
	failed = {
		"state": "Failed",
		"reason": "The phone could not be reached; it may be switched off (error 30003).",
	}
	first = next(row.name for row in rows if row.channel == "SMS")
	frappe.db.set_value(outbox.DOCTYPE, first, {**failed, "delivered_at": None})
	frappe.db.commit()


def _close_first_steps(page: Page) -> None:
	"""Helpdesk shows newcomers a list of first steps over the ticket; its cross follows a button that shrinks it."""
	title = page.get_by_text("Getting started", exact=True).last
	if page.get_by_text("Skip all").is_visible():
		title.locator("xpath=following::button[2]").click()


def test_the_agents_panel(shop, desk, address):
	configure(portal_url=address)
	door = shop("phone")
	links.ensure(str(door.ticket.name))
	_tell(door.ticket)
	door.cookie("portal_browser", "cd" * 16)
	door.sign_in()
	pending_challenge(door.ticket, "SMS", "+966501234567")
	entry, _menu = in_helpdesk(desk, address, door.ticket)
	entry.click()
	panel = desk.frame_locator("dialog iframe")
	expect(panel.get_by_role("heading", name="Messages")).to_be_visible()
	pictures.take(desk, "helpdesk-panel", full_page=False, settle=800)
	desk.keyboard.press("Escape")
	_close_first_steps(desk)
	desk.get_by_role("button", name="Sub-status", exact=True).click()
	expect(desk.get_by_role("menuitem", name="Waiting: part ordered")).to_be_visible()
	pictures.take(desk, "helpdesk-sub-status", full_page=False)
	configure(portal_url="")


def test_preview_and_dry_run(shop, desk, address):
	configure(portal_url="https://help.noor-appliances.example")
	shop("phone")
	desk.goto(f"{address}/portal/staff/preview?template=Default&language=ar")
	expect(desk.frame_locator("iframe.letter").locator("h1")).to_be_visible()
	desk.set_viewport_size({"width": 1280, "height": 1500})
	pictures.take(desk, "preview", settle=800)
	desk.set_viewport_size(DESKTOP)
	desk.goto(f"{address}/portal/staff/dry-run?days=7")
	expect(desk.get_by_role("heading", name="Messages by day and channel")).to_be_visible()
	pictures.take(desk, "dry-run", full_page=False)
	configure(portal_url="")
