"""The way in, in a real browser: with and without JavaScript, and with a phone that reads the SMS."""

import re

import pytest
from playwright.sync_api import expect

from tests.door import set_code

pytestmark = pytest.mark.browser
PHONE_THAT_READS_SMS = """
window.OTPCredential = class {};
navigator.credentials.get = async (wanted) => {
	window.asked = wanted.otp.transport;
	return { code: "2468" };
};
"""


@pytest.mark.parametrize("has_scripts", [True, False])
def test_from_the_address_to_the_ticket(visit, has_scripts):
	door = visit(java_script_enabled=has_scripts)
	door.page.get_by_role("link", name="By e-mail").click()
	door.page.get_by_label("E-mail address").fill(door.ticket.raised_by)
	door.page.get_by_role("button", name="Send me a code").click()
	expect(door.page.get_by_role("heading", name="Enter the code")).to_be_visible()
	set_code(door.ticket, "2468")
	door.page.get_by_label("Code").fill("2468")
	door.page.get_by_role("button", name="Continue").click()
	expect(door.page.get_by_role("heading", name="Ticket")).to_be_visible()
	door.page.get_by_role("button", name="Sign out").click()
	expect(door.page.get_by_role("heading", name="See your ticket")).to_be_visible()


def test_a_phone_fills_the_code_in(visit):
	door = visit()
	door.page.add_init_script(PHONE_THAT_READS_SMS)
	door.wait_for_code()
	expect(door.page.get_by_role("heading", name="Ticket")).to_be_visible()


def test_the_countdown(visit):
	door = visit()
	door.wait_for_code()
	again = door.page.get_by_role("button", name="Send a new code")
	expect(again).to_be_disabled()
	expect(door.page.locator("#countdown")).to_contain_text("seconds")
	door.page.clock.install()
	door.page.reload()
	door.page.clock.fast_forward(31_000)
	expect(again).to_be_enabled()


def test_arabic_counts_in_its_own_digits(visit):
	door = visit(locale="ar-SA")
	door.wait_for_code()
	countdown = door.page.locator("#countdown")
	expect(countdown).to_have_text(re.compile("[٠-٩]"))
	text = countdown.text_content()
	assert not set(text) & set("0123456789")


def test_another_number_can_be_chosen(visit):
	door = visit()
	door.wait_for_code()
	door.page.get_by_role("link", name="Use another number or address").click()
	expect(door.page.get_by_label("Phone number")).to_be_visible()


def test_an_error_is_announced_and_has_the_focus(visit):
	door = visit()
	door.page.get_by_label("Phone number").fill("0551234567")
	door.page.get_by_role("button", name="Send me a code").click()
	alert = door.page.get_by_role("alert")
	expect(alert).to_contain_text("This phone number does not match this ticket.")
	field = door.page.get_by_label("Phone number")
	expect(field).to_be_focused()
	expect(field).to_have_attribute("aria-describedby", "hint problem")
	assert door.page.title().startswith("Problem:")


def test_the_code_field_suits_phones(visit):
	door = visit()
	door.wait_for_code()
	field = door.page.get_by_label("Code")
	expect(field).to_have_attribute("autocomplete", "one-time-code")
	expect(field).to_have_attribute("inputmode", "numeric")
	expect(field).to_be_focused()


def test_everything_by_keyboard(visit):
	door = visit()
	door.page.keyboard.press("Tab")
	expect(door.page.get_by_role("link", name="Skip to the content")).to_be_focused()
	seen = []
	for _step in range(5):
		door.page.keyboard.press("Tab")
		seen.append(
			door.page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")
		)
	assert seen == ["English", "By phone", "By e-mail", "contact", "Send me a code"]
