"""An admin looks at a template's messages from its form in the Desk, and sends a test to themselves."""

import re

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal import samples
from tests.browser.conftest import DESKTOP
from tests.doors import reset_limits
from tests.factories import make_agent, saudi_mobile

pytestmark = pytest.mark.browser
PHONE_FRAME = "iframe.phone"


@pytest.fixture
def manager():
	user = make_agent().reload()
	user.append("roles", {"role": "Agent Manager"})
	user.mobile_no = saudi_mobile()
	user.save(ignore_permissions=True)
	frappe.db.commit()
	return user


@pytest.fixture
def page(open_browser, sign_in_to_desk, manager, mail_server, sms_gateway):
	reset_limits()
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, manager.name)
	return page


@pytest.fixture
def preview(page, address):
	"""The preview as the form's button opens it."""
	page.goto(f"{address}/app/portal-ticket-template/Default")
	with page.expect_popup() as popup:
		page.get_by_role("button", name="Preview", exact=True).click()
	popup.value.wait_for_load_state()
	return popup.value


def test_the_button_in_the_form_opens_the_preview(preview):
	expect(preview.get_by_role("heading", name="Preview of messages and page")).to_be_visible()
	expect(preview.get_by_label("Template", exact=True)).to_have_value("Default")
	customers = preview.frame_locator(PHONE_FRAME)
	expect(customers.locator("h1")).to_have_text(f"Ticket \u2068{samples.TICKET}\u2069")


def test_an_arabic_page_inside_an_english_one(preview):
	preview.get_by_label("Language of the customer").select_option("ar")
	preview.get_by_label("Sub-status").select_option(label="Waiting: part ordered")
	preview.get_by_role("button", name="Show").click()
	assert preview.locator("html").get_attribute("dir") == "ltr"
	customers = preview.frame_locator(PHONE_FRAME)
	expect(customers.locator("html")).to_have_attribute("dir", "rtl")
	expect(customers.locator(".status")).to_have_text("تم طلب القطعة")
	mail = preview.frame_locator("iframe.letter")
	expect(mail.locator("html")).to_have_attribute("dir", "rtl")
	expect(preview.locator(".bubble")).to_contain_text("تم طلب القطعة")
	expect(preview.locator("#channel-sms")).to_contain_text("UCS-2")


def test_the_frames_show_styles_and_nothing_is_blocked(preview):
	blocked = []
	preview.on("console", lambda message: blocked.append(message.text) if message.type == "error" else None)
	preview.reload()
	mail = preview.frame_locator("iframe.letter")
	colour = "node => getComputedStyle(node).backgroundColor"
	assert mail.locator("a").first.evaluate(colour) != "rgba(0, 0, 0, 0)"
	assert not [text for text in blocked if "Content Security Policy" in text]


def test_a_test_sms_and_mail_to_oneself(preview, manager, mail_server, sms_gateway):
	preview.locator("#channel-sms").get_by_role("button", name="Send a test to myself").click()
	expect(preview.get_by_role("status")).to_contain_text("The test message was sent to")
	(text,) = sms_gateway.texts_to(manager.mobile_no)
	assert "This is a test message. Its link opens nothing." in text
	preview.locator("#channel-email").get_by_role("button", name="Send a test to myself").click()
	expect(preview.get_by_role("status")).to_contain_text(manager.name)
	(mail,) = mail_server.mails_to(manager.name)
	assert mail["Subject"].startswith("Test: ")


def test_a_refusing_gateway_is_told(preview, sms_gateway):
	sms_gateway.mode = "error in body"
	preview.locator("#channel-sms").get_by_role("button", name="Send a test to myself").click()
	expect(preview.get_by_role("alert")).to_have_text("The SMS gateway refused the message.")


def test_the_dry_run_is_one_press_away(preview):
	preview.get_by_role("link", name="What would last week's changes have sent?").click()
	expect(preview.get_by_role("heading", name="Dry run")).to_be_visible()
	preview.get_by_label("Number of days").fill("31")
	preview.get_by_role("button", name="Show").click()
	expect(preview).to_have_url(re.compile("days=31"))


def test_it_works_without_javascript(new_context, page, address):
	state = page.context.storage_state()
	plain = new_context(java_script_enabled=False, storage_state=state, viewport=DESKTOP).new_page()
	plain.goto(f"{address}/portal/staff/preview")
	plain.get_by_label("Language of the customer").select_option("ar")
	plain.get_by_role("button", name="Show").click()
	expect(plain.locator("#channel-sms")).to_contain_text("UCS-2")
