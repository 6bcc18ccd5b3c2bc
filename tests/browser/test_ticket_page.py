"""The ticket in a real browser: it follows the agent's work, copies its number, and loads nothing but itself."""

import gzip

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal import sessions, statuses
from tests.browsers import TIME_STANDS_STILL

pytestmark = pytest.mark.browser
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
LARGEST_HTML = 14 * 1024  # bytes, compressed
LARGEST_ALL = 30 * 1024


def set_sub_status(ticket, customer_label: str) -> None:
	ticket.reload()
	rows = statuses.template_of(ticket).sub_statuses
	ticket.sub_status = next(row.name for row in rows if row.customer_label == customer_label)
	ticket.save(ignore_permissions=True)
	frappe.db.commit()


def test_it_follows_the_agents_work(visit):
	door = visit()
	door.sign_in()
	expect(door.page.locator(".status")).to_have_text("Received")
	set_sub_status(door.ticket, "Part ordered")
	door.page.evaluate(LOOK_AGAIN)
	expect(door.page.locator(".status")).to_have_text("Part ordered")
	expect(door.page.get_by_role("status")).to_contain_text("It is now: Part ordered")
	expect(door.page.locator("[aria-current=step] .step")).to_have_text("In progress")


def test_nothing_is_announced_while_nothing_changes(visit):
	door = visit()
	door.sign_in()
	with door.page.expect_response("**/state") as answer:
		door.page.evaluate(LOOK_AGAIN)
	assert answer.value.status == 304
	expect(door.page.get_by_role("status")).to_be_empty()


def test_it_asks_again_by_itself_and_ever_less(visit):
	door = visit()
	door.page.clock.install()
	door.sign_in()
	for seconds in (10, 15, 23):
		with door.page.expect_response("**/state"):
			door.page.clock.fast_forward(seconds * 1000)


def test_it_leaves_when_the_session_ends(visit):
	door = visit()
	door.sign_in()
	for session in sessions.of_ticket(str(door.ticket.name)):
		sessions.close(session)
	frappe.db.commit()
	door.page.evaluate(LOOK_AGAIN)
	expect(door.page.get_by_role("heading", name="See your ticket")).to_be_visible()


def test_the_number_is_copied(visit):
	door = visit(permissions=["clipboard-read", "clipboard-write"])
	door.sign_in()
	door.page.evaluate(TIME_STANDS_STILL)
	door.page.get_by_role("button", name="Copy number").click()
	expect(door.page.get_by_role("button", name="Copied")).to_be_visible()
	assert door.page.evaluate("navigator.clipboard.readText()") == str(door.ticket.name)


def test_it_is_right_without_javascript(visit):
	door = visit(java_script_enabled=False)
	door.sign_in()
	expect(door.page.locator(".status")).to_have_text("Received")
	expect(door.page.get_by_role("listitem")).to_have_count(4)
	assert not door.page.locator("#copy").is_visible()


def test_the_first_view_is_small(visit):
	door = visit()
	answers = []
	door.page.on("response", lambda answer: answers.append(answer))
	for open_page in (lambda: door.page.goto(door.address), door.sign_in):
		answers.clear()
		open_page()
		door.page.wait_for_load_state("networkidle")
		sizes = [len(gzip.compress(answer.body(), 6)) for answer in answers]
		assert len(answers) <= 4
		assert sizes[0] <= LARGEST_HTML
		assert sum(sizes) <= LARGEST_ALL


def test_the_language_is_switched_in_place(visit):
	door = visit()
	door.sign_in()
	door.page.get_by_text("English", exact=True).click()
	door.page.get_by_role("button", name="العربية").click()
	expect(door.page.locator("html")).to_have_attribute("dir", "rtl")
	expect(door.page.get_by_role("heading", name="الحالة الحالية")).to_be_visible()
	expect(door.page.locator(".steps time").first).to_contain_text("٢٠")
