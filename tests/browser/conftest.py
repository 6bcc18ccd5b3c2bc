"""Browsers of people: a customer's phone, an agent's desk."""

import frappe
import pytest

from tests.conftest import SITE
from tests.factories import make_agent

SIGN_IN = """async (form) => {
	const answer = await fetch("/api/method/login", { method: "POST", body: new URLSearchParams(form) });
	return answer.status;
}"""
# Frappe names the variables of a template's loop with three random letters twice, and such a name can be "for" or
# "new": the page fails then. These are capitals (the first half of its letters), and never the same name twice.
LETTERS = """(() => {
	const random = Math.random;
	const drawn = [2, 2, 2];
	Math.random = () => {
		const before = drawn.shift();
		let next = random() / 2;
		while (Math.abs(next - before) < 1 / 52) next = random() / 2;
		drawn.push(next);
		return next;
	};
})();"""
HOME = "desktop:home_page"  # the wizard itself, for whoever may open that, until it is through
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def address(server) -> str:
	"""Where Chromium finds the site."""
	return f"http://{SITE}:{server}"


@pytest.fixture
def open_browser(new_context):
	"""Call it for one more browser with cookies of its own; options are those of a Playwright context."""

	def open_one(**options):
		return new_context(**{"locale": "en-US", **options}).new_page()

	return open_one


@pytest.fixture
def finished_setup():
	"""The Desk opens only after Frappe's set-up wizard, which a site made by a command has not seen."""
	home = frappe.db.get_default(HOME)
	frappe.db.set_default(HOME, "workspace")
	was = _mark_setup(1, 1)
	yield
	frappe.db.rollback()
	frappe.db.set_default(HOME, home)
	_mark_setup(*was)


def _mark_setup(in_app: int, in_settings: int) -> tuple[int, int]:
	"""Sets what Frappe 16 and Frappe 15 ask; returns what was there."""
	was_in_app, was_in_settings = 0, frappe.db.get_single_value("System Settings", "setup_complete")
	frappe.db.set_single_value("System Settings", "setup_complete", in_settings)
	if frappe.get_meta("Installed Application").has_field("is_setup_complete"):
		app = {"app_name": "frappe"}
		was_in_app = frappe.db.get_value("Installed Application", app, "is_setup_complete")
		frappe.db.set_value("Installed Application", app, "is_setup_complete", in_app)
	frappe.db.commit()
	frappe.clear_cache()
	return was_in_app, was_in_settings


@pytest.fixture
def sign_in_to_desk(address, finished_setup):
	"""Signs a page's browser in to Frappe. By the page itself: only Chromium resolves ``*.localhost`` everywhere."""

	def sign_in(page, user: str, password: str = "Correct-horse-9") -> None:
		page.context.add_init_script(LETTERS)
		page.goto(f"{address}/login")
		status = page.evaluate(SIGN_IN, {"usr": user, "pwd": password})
		assert status == 200

	return sign_in


@pytest.fixture
def desk(open_browser, sign_in_to_desk):
	"""An agent at work. Answers go into Helpdesk alone: there is no mail account here."""
	frappe.db.set_single_value("HD Settings", "skip_email_workflow", 1)
	frappe.db.commit()
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "full_name", "Huda Al-Salem")
	frappe.db.commit()
	frappe.clear_cache()
	page = open_browser(viewport=DESKTOP)
	sign_in_to_desk(page, agent.name)
	yield page
	frappe.db.set_single_value("HD Settings", "skip_email_workflow", 0)
	frappe.db.commit()
