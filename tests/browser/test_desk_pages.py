"""The set-up check and the workspace in the Desk, as those who run the helpdesk see them."""

import re
from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import expect

from customer_portal.clock import utc_now
from customer_portal.setup_check import run
from tests.browser import pictures
from tests.browser.conftest import DESKTOP
from tests.factories import make_agent, unique
from tests.gateways import configure

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def person():
	"""Call it with roles and a theme; returns the name of a user who is in the Desk often."""

	def make(*roles: str, language: str = "en", theme: str = "Light") -> str:
		user = make_agent().reload()
		user.set("roles", [{"role": role} for role in roles])
		user.update({"language": language, "desk_theme": theme})
		user.save(ignore_permissions=True)
		frappe.db.commit()
		return user.name

	return make


@pytest.fixture
def desk(open_browser, sign_in_to_desk, address, person):
	"""Call it with a path in the Desk, and roles; returns the page, on which no script has failed."""
	errors: list[str] = []

	def open_desk(path: str, *roles: str, viewport=DESKTOP, **look):
		page = open_browser(viewport=viewport)
		page.on("pageerror", lambda error: errors.append(str(error)))
		sign_in_to_desk(page, person(*roles, **look))
		page.goto(f"{address}/app/{path}")
		return page

	yield open_desk
	assert errors == []


def rows(page):
	return page.locator(".portal-check-row")


def wait_for_end(page) -> None:
	expect(page.locator(".portal-check-row[data-state]")).to_have_count(len(run.checks()))
	expect(page.locator(".portal-check-summary[data-state]")).to_be_visible()


def test_the_check_shows_every_finding_and_checks_again(desk, mail_server, twilio):
	page = desk("portal-setup-check", "System Manager")
	wait_for_end(page)
	mail = page.locator('[data-key="outgoing_mail"]')
	expect(mail).to_have_attribute("data-state", "OK")
	workers = page.locator('[data-key="workers"]')
	expect(workers).to_contain_text("Start bench worker for these queues")
	expect(workers.get_by_role("link", name="Open")).to_have_attribute("href", "/app/rq-worker")
	expect(page.locator(".portal-check-summary")).to_contain_text("Something needs mending")
	pictures.take(page, "setup-check")
	configure(send_email=0)
	page.get_by_role("button", name="Check Again").click()
	expect(mail).to_have_attribute("data-state", "Off")
	configure(send_email=1)
	wait_for_end(page)


def test_a_check_that_gets_no_answer_leaves_the_others(desk, mail_server):
	page = desk("", "System Manager")
	page.route("**/api/method/customer_portal.api.setup_check.run_check", _abort_one)
	page.goto(page.url.split("/app")[0] + "/app/portal-setup-check")
	wait_for_end(page)
	expect(page.locator('[data-key="clock"]')).to_contain_text("The server did not answer.")
	expect(page.locator('[data-key="database"]')).to_have_attribute("data-state", "OK")


def _abort_one(route) -> None:
	if "key=clock" in (route.request.post_data or ""):
		route.abort()
	else:
		route.continue_()


@pytest.mark.parametrize(
	("name", "look"),
	[
		("dark", {"viewport": DESKTOP, "theme": "Dark"}),
		("arabic", {"viewport": DESKTOP, "language": "ar"}),
		("phone", {"viewport": PHONE}),
		("phone-arabic-dark", {"viewport": PHONE, "language": "ar", "theme": "Dark"}),
	],
)
def test_the_check_fits_every_look(desk, mail_server, twilio, name, look):
	page = desk("portal-setup-check", "System Manager", **look)
	wait_for_end(page)
	pictures.take(page, f"check-{name}")
	width = look["viewport"]["width"]
	box = page.locator(".portal-check").bounding_box()
	assert box["x"] >= 0
	assert box["x"] + box["width"] <= width
	state, text = (rows(page).first.locator(part).bounding_box() for part in (".portal-check-state", "h4"))
	if width > PHONE["width"]:
		assert (state["x"] > text["x"]) == (look.get("language") == "ar")


def test_an_agent_manager_does_not_get_the_check(desk):
	page = desk("portal-setup-check", "Agent Manager", "Agent")
	expect(page.get_by_text(re.compile("not permitted|No permission", re.IGNORECASE)).first).to_be_visible()
	expect(rows(page)).to_have_count(0)


# The workspace


@pytest.fixture
def numbers(site):
	"""Some of everything that the workspace counts."""
	frappe.db.delete("Portal Notification")
	now = utc_now()
	plan = {"SMS": {"Delivered": 34, "Sent": 9, "Failed": 4}, "Email": {"Sent": 51, "Failed": 1, "Queued": 2}}
	for channel, states in plan.items():
		for state, count in states.items():
			for number in range(count):
				_message(channel, state, now - timedelta(hours=number))
	for number in range(60):
		_session(now - timedelta(days=number % 13, hours=number % 7))
	frappe.db.commit()
	yield
	frappe.db.delete("Portal Notification", {"provider_id": "numbers"})
	frappe.db.delete("Portal OTP Session", {"user_agent": "numbers"})
	frappe.db.commit()


def _message(channel: str, state: str, due) -> None:
	row = frappe.get_doc(
		{"doctype": "Portal Notification", "kind": "Status", "channel": channel, "state": state}
	)
	row.update({"due_at": due, "occurred_at": due, "sent_at": due + timedelta(seconds=24)})
	row.update({"dedupe_key": unique("key"), "provider_id": "numbers"})
	row.db_insert()


def _session(verified) -> None:
	row = frappe.get_doc({"doctype": "Portal OTP Session", "state": "Closed", "verified_at": verified})
	row.update({"session_digest": unique("digest"), "user_agent": "numbers"})
	row.db_insert()


# Charts are drawn 0.7 seconds after they are there, and in a frame of their own.
CHARTS_ARE_DRAWN = """() => new Promise(
	(done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 800)
)"""


def wait_for_charts(page) -> None:
	"""Frappe's own script fails when its page is left while a chart is being drawn."""
	expect(page.locator(".dashboard-widget-box svg.frappe-chart").filter(visible=True)).to_have_count(2)
	page.evaluate(CHARTS_ARE_DRAWN)


def card(page, label: str):
	return page.locator(".number-widget-box", has_text=label)


@pytest.mark.parametrize("role", ["System Manager", "Agent Manager"])
def test_the_workspace_shows_numbers_and_charts(desk, numbers, role):
	page = desk("customer-portal", role, "Agent")
	expect(card(page, "Messages sent or delivered").locator(".number")).to_have_text(re.compile(r"94\s*"))
	expect(card(page, "Messages failed").locator(".number")).to_have_text(re.compile(r"5\s*"))
	expect(card(page, "Median delivery time").locator(".number")).to_have_text("24s")
	expect(page.locator(".number-widget-box")).to_have_count(6)
	wait_for_charts(page)
	expect(page.locator(".dashboard-widget-box").first).to_contain_text("SMS")
	pictures.take(page, f"workspace-{role.split()[0].lower()}")
	shortcut = page.locator(".shortcut-widget-box", has_text="Set-up check")
	expect(shortcut).to_have_count(int(role == "System Manager"))


def test_it_stands_in_the_sidebar(desk):
	page = desk("customer-portal", "System Manager")
	sidebar = page.locator(".standard-sidebar-item, .desk-sidebar-item", has_text="Customer Portal")
	expect(sidebar.first).to_be_attached()


def test_a_number_opens_its_list_and_shortcuts_lead_on(desk, numbers):
	page = desk("customer-portal", "System Manager")
	wait_for_charts(page)
	card(page, "Messages failed").locator(".number").click()
	expect(page).to_have_url(re.compile("/portal-notification.*Failed"))
	page.wait_for_load_state("networkidle")
	page.go_back()
	wait_for_charts(page)
	page.locator(".shortcut-widget-box", has_text="Set-up check").click()
	expect(page).to_have_url(re.compile("/portal-setup-check"))


@pytest.mark.parametrize(
	("name", "look"),
	[
		("dark", {"viewport": DESKTOP, "theme": "Dark"}),
		("arabic", {"viewport": DESKTOP, "language": "ar"}),
		("phone", {"viewport": PHONE}),
	],
)
def test_the_workspace_in_every_look(desk, numbers, name, look):
	page = desk("customer-portal", "System Manager", **look)
	expect(page.locator(".number-widget-box .number")).to_have_count(6)
	wait_for_charts(page)
	pictures.take(page, f"workspace-{name}")
