"""A real Chromium, and a customer in it who stands in front of a ticket link. Fixtures for conftest."""

import shutil
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from customer_portal.otp import recipients
from tests.door import home_of, pending_challenge, session_of
from tests.doors import reset_limits
from tests.factories import make_ticket, saudi_mobile

PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000  # milliseconds; Helpdesk's page is 10 MB of scripts, and a machine may be busy
TIME_STANDS_STILL = "() => { window.setTimeout = () => 0 }"  # what is shown for a moment stays
FLAGS = (
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
)


@pytest.fixture(scope="session")
def browser():
	"""The machine's own Chromium when there is one."""
	expect.set_options(timeout=PATIENCE)
	own = shutil.which("chromium") or shutil.which("google-chrome")
	with sync_playwright() as playwright:
		started = playwright.chromium.launch(executable_path=own, args=list(FLAGS))
		yield started
		started.close()


@pytest.fixture
def new_context(browser):
	"""Call it with options of a browser context; each call is one more browser, with cookies of its own."""
	contexts = []

	def open_one(**options) -> BrowserContext:
		context = browser.new_context(**{"viewport": PHONE, **options})
		context.set_default_timeout(PATIENCE)
		contexts.append(context)
		return context

	yield open_one
	for context in contexts:
		context.close()


@dataclass
class Visit:
	"""``address`` is the ticket's link."""

	page: Page
	ticket: object
	address: str

	def cookie(self, name: str, value: str) -> None:
		parts = urlsplit(self.address)
		cookie = {"name": name, "value": value, "domain": parts.hostname, "path": parts.path}
		self.page.context.add_cookies([cookie])

	def sign_in(self) -> None:
		self.cookie("portal_session", session_of(self.ticket))
		self.page.goto(self.address)

	def wait_for_code(self, code: str = "2468") -> None:
		"""As if this browser had asked for a code that is now on its way."""
		browser = "ab" * 16
		self.cookie("portal_browser", browser)
		phone = next(one.address for one in recipients.of(str(self.ticket.name)) if one.channel == "SMS")
		pending_challenge(self.ticket, "SMS", phone, browser, code)
		self.page.goto(self.address)


@pytest.fixture
def visit(new_context, server, site, mail_server, twilio):
	"""Call it with options of a browser context; each call is one more browser and one more ticket."""
	reset_limits()

	def open_link(description: str = "<p>Water on the floor.</p>", **options) -> Visit:
		page = new_context(**{"locale": "en-GB", **options}).new_page()
		ticket = make_ticket(phone=saudi_mobile(), description=description)
		address = f"http://{site}:{server}{home_of(ticket)}"
		page.goto(address)
		return Visit(page, ticket, address)

	return open_link
