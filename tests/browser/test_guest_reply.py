"""A customer writes from the phone, the agent reads and answers in Helpdesk's own page, and the phone shows it."""

import re

import frappe
import pytest
from playwright.sync_api import Page, expect

from tests.browser import tickets
from tests.browser.measures import fits, small_targets, violations
from tests.factories import attach_file
from tests.ledger import main_of
from tests.talk import PDF, files_of, messages, own_png, say, set_main

pytestmark = pytest.mark.browser


def files(*named: tuple[str, str, bytes]) -> list[dict]:
	return [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in named]


def mails(desk: Page):
	"""Helpdesk shows each message in a frame of its own."""
	return desk.frame_locator("iframe")


def answer(desk: Page, text: str) -> None:
	"""As an agent does in Helpdesk's ticket page."""
	desk.get_by_role("button", name="Reply", exact=True).first.click()
	editor = desk.locator("[contenteditable=true]").last
	editor.click()
	editor.press_sequentially(text)
	desk.get_by_role("button", name=re.compile("^(Send|Submit)")).last.click()


def test_from_the_phone_to_the_agent_and_back(everything_on, visit, desk, address):
	customer = visit()
	customer.sign_in()
	page = customer.page
	page.get_by_label("Your message").fill("It still leaks.\nSee the files.")
	page.get_by_label("Add files").set_input_files(
		files(("leak.png", "image/png", own_png()), ("bill.pdf", "application/pdf", PDF))
	)
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.get_by_text("Your message is sent.")).to_be_visible()
	expect(page.locator(".message.you")).to_contain_text("See the files.")
	expect(page.locator(".message.you .files a")).to_have_count(2)
	assert len(files_of(customer.ticket)) == 2

	tickets.in_helpdesk(desk, address, customer.ticket)
	expect(mails(desk).last.get_by_text("It still leaks.")).to_be_visible()
	expect(desk.get_by_text(re.compile(r"bill.*\.pdf")).first).to_be_visible()
	answer(desk, "We come on Monday.")
	expect(mails(desk).last.get_by_text("We come on Monday.")).to_be_visible()

	expect(page.get_by_text("We come on Monday.")).to_be_visible()  # by itself
	expect(page.locator(".message.us .author")).to_have_text("Huda Al-Salem")
	assert messages(customer.ticket)[-1].sent_or_received == "Sent"


def test_answering_to_the_solution_and_rating(everything_on, visit):
	customer = visit()
	set_main(customer.ticket, 3)
	customer.sign_in()
	page = customer.page
	page.get_by_text("No, not yet").click()
	page.get_by_label("What is still wrong?").fill("It drips")
	page.get_by_role("button", name="Tell us").click()
	expect(page.get_by_text("We go on working on it.")).to_be_visible()
	assert _main(customer.ticket) == 2
	set_main(customer.ticket, 3)
	page.goto(customer.address)
	page.get_by_role("button", name="Yes, close the ticket").click()
	expect(page.get_by_text("The ticket is closed.")).to_be_visible()
	assert _main(customer.ticket) == 4
	page.locator(".star").nth(3).click()
	page.locator(".options-4 label").first.click()
	page.get_by_label("Tell us more (optional)").fill("Quick")
	page.get_by_role("button", name="Send the rating").click()
	expect(page.get_by_text("You gave 4 of 5 stars.")).to_be_visible()


def test_all_of_it_without_javascript(everything_on, visit):
	customer = visit(java_script_enabled=False)
	customer.sign_in()
	page = customer.page
	page.get_by_label("Add files").set_input_files(files(("page.pdf", "application/pdf", b"<html>")))
	page.get_by_label("Your message").fill("Keep me")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.get_by_role("alert")).to_contain_text("it is not what its name says")
	expect(page.get_by_label("Your message")).to_have_value("Keep me")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.locator(".message.you")).to_contain_text("Keep me")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_everybody_can_use_it(everything_on, visit, scheme, locale):
	"""As ``test_accessibility`` asks of the other pages, with everything on and unfolded, 320 pixels wide."""
	customer = visit(
		color_scheme=scheme, locale=locale, bypass_csp=True, viewport={"width": 320, "height": 700}
	)
	say(customer.ticket, "<p>" + "w" * 300 + "</p>", sent=False)
	message = say(customer.ticket, "<h1>Hello</h1><p>See <a href='https://x.example'>this</a></p>")
	attach_file(message, "a long name " * 9 + ".png", own_png())
	set_main(customer.ticket, 3)
	customer.sign_in()
	page = customer.page
	page.locator("summary.button").click()
	page.locator(".star").nth(3).click()
	assert not violations(page)
	assert fits(page)
	assert not small_targets(page, "main :is(button, summary, .star, .option, .files a, input[type=file])")


def test_a_draft_outlives_the_session(everything_on, visit):
	customer = visit()
	customer.sign_in()
	customer.page.get_by_label("Your message").fill("A long story")
	customer.page.context.clear_cookies()
	customer.page.get_by_role("button", name="Send", exact=True).click()
	expect(customer.page.get_by_label("Your message")).to_have_count(0)
	customer.sign_in()
	expect(customer.page.get_by_label("Your message")).to_have_value("A long story")


def test_a_file_that_is_too_large_never_travels(everything_on, visit):
	customer = visit()
	customer.sign_in()
	page = customer.page
	chosen = page.get_by_label("Add files")
	chosen.set_input_files(files(("film.mp4", "video/mp4", bytes(11 * 1024 * 1024))))
	assert "film.mp4" in chosen.evaluate("field => field.validationMessage")
	page.get_by_label("Your message").fill("See the film")
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.locator(".message.you")).to_have_count(0)
	chosen.set_input_files([])
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.locator(".message.you")).to_contain_text("See the film")


def _main(ticket) -> int:
	frappe.db.rollback()
	ticket.reload()
	return main_of(ticket)
