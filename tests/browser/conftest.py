"""Browsers of people: a customer's phone, an agent's desk."""

import pytest

from tests.conftest import SITE

PHONE = {"width": 390, "height": 844}
SIGN_IN = """async (form) => {
	const answer = await fetch("/api/method/login", { method: "POST", body: new URLSearchParams(form) });
	return answer.status;
}"""
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def address(server) -> str:
	"""Where Chromium finds the site."""
	return f"http://{SITE}:{server}"


@pytest.fixture
def open_browser(browser):
	"""Call it for one more browser with cookies of its own; options are those of a Playwright context."""
	contexts = []

	def open_one(**options):
		options.setdefault("viewport", PHONE)
		options.setdefault("locale", "en-US")
		contexts.append(browser.new_context(**options))
		return contexts[-1].new_page()

	yield open_one
	for context in contexts:
		context.close()


@pytest.fixture
def sign_in_to_desk(address):
	"""Signs a page's browser in to Frappe. By the page itself: only Chromium resolves ``*.localhost`` everywhere."""

	def sign_in(page, user: str, password: str = "Correct-horse-9") -> None:
		page.goto(f"{address}/login")
		status = page.evaluate(SIGN_IN, {"usr": user, "pwd": password})
		assert status == 200

	return sign_in
