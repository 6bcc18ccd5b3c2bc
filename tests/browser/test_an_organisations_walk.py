"""The whole way of two organisations: a mail lets people in, one writes, the agent answers in Helpdesk's own page, the
manager reads it, and nobody of the other organisation does."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import tickets
from tests.browser.test_guest_reply import answer, files, mails
from tests.factories import unique
from tests.gateways import configure
from tests.organisations import TICKETS, Organisation, make_organisation
from tests.talk import PDF, messages

pytestmark = pytest.mark.browser
LINK = re.compile(r"https?://\S+/portal/sign-in/link/[\w.-]+")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@pytest.fixture
def site_address(address, open_door):
	configure(portal_url=address)
	yield address
	configure(portal_url="")


@pytest.fixture
def acme(site_address) -> Organisation:
	return make_organisation("acme")


@pytest.fixture
def globex(site_address) -> Organisation:
	return make_organisation("globex", sees="All tickets")


@pytest.fixture
def open_portal(site_address, open_browser, mail_server, worker):
	"""Call it with an address: a browser that asks for a mail on the front page's way, and what the mail says."""

	def open_one(person: str, **options) -> tuple[Page, str]:
		page = open_browser(**options)
		page.goto(f"{site_address}/portal")
		page.get_by_role("link", name="Sign in").click()
		page.get_by_label("Your work e‑mail address").fill(person)
		page.get_by_role("button", name="Send me a mail to sign in").click()
		expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
		return page, _mail_to(person, mail_server)

	return open_one


def _mail_to(person: str, mail_server, seconds: float = 180) -> str:
	deadline = time.monotonic() + seconds
	while not (found := [one["text"] for one in mail_server.received if one["to"] == person]):
		assert time.monotonic() < deadline, "No mail came"
		time.sleep(0.2)
	return found[-1]


def enter_by_link(opened: tuple[Page, str]) -> Page:
	page, mail = opened
	page.goto(LINK.search(mail)[0])
	page.get_by_role("button", name="Sign in").click()
	return at_the_list(page)


def enter_by_code(opened: tuple[Page, str]) -> Page:
	page, mail = opened
	page.get_by_label("Code").fill(CODE.search(mail)[0])
	page.get_by_role("button", name="Sign in").click()
	return at_the_list(page)


def at_the_list(page: Page) -> Page:
	expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
	return page


def test_two_organisations_and_a_manager(site_address, open_portal, acme, globex, desk):
	sara, omar, mona = acme.address("sara"), globex.address("omar"), acme.manager()
	subject = unique("The pump stands still")
	ticket = acme.ticket(sara, subject=subject, description="<p>Since Sunday.</p>")

	page = enter_by_link(open_portal(sara))
	page.get_by_role("link", name=subject).click()
	expect(page.get_by_text("Since Sunday.")).to_be_visible()
	page.get_by_label("Your message").fill("It still stands.")
	page.get_by_label("Add files").set_input_files(files(("bill.pdf", "application/pdf", PDF)))
	page.get_by_role("button", name="Send", exact=True).click()
	expect(page.get_by_text("Your message is sent.")).to_be_visible()

	tickets.in_helpdesk(desk, site_address, ticket)
	expect(mails(desk).last.get_by_text("It still stands.")).to_be_visible()
	expect(desk.get_by_text(re.compile(r"bill.*\.pdf")).first).to_be_visible()
	answer(desk, "We come on Monday.")
	expect(page.get_by_text("We come on Monday.")).to_be_visible()  # by itself
	expect(page.locator(".message.us .author")).to_have_text("Huda Al-Salem")
	assert messages(ticket)[-2].sender == sara

	manager = enter_by_code(open_portal(mona))
	manager.get_by_role("link", name=subject).click()
	expect(manager.get_by_text("We come on Monday.")).to_be_visible()

	stranger = enter_by_code(open_portal(omar))
	expect(stranger.get_by_text("There are no tickets yet.")).to_be_visible()
	response = stranger.goto(f"{site_address}{TICKETS}/{ticket.name}")
	assert response.status == 404
	assert subject not in stranger.content()

	page.locator(".person summary").click()
	page.get_by_role("button", name="Sign out").click()
	expect(page.get_by_role("heading", name="For organisations")).to_be_visible()
	page.goto(f"{site_address}{TICKETS}/{ticket.name}")
	expect(page.get_by_label("Your work e‑mail address")).to_be_visible()
