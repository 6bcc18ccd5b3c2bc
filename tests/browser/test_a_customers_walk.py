"""The whole way: an agent sets a sub-status in Helpdesk's own page, and the customer reads it on a phone."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from customer_portal import statuses
from customer_portal.notifications import wake
from tests.browser import tickets
from tests.browser.conftest import DESKTOP
from tests.doors import reset_limits
from tests.factories import make_agent, make_ticket, saudi_mobile, unique
from tests.gateways import configure

pytestmark = pytest.mark.browser
LINK = re.compile(r"https?://\S+/t/[\w-]{22}")


@pytest.fixture
def site_address(address):
	reset_limits()  # all browsers of the run come from one address
	configure(portal_url=address, burst_seconds=1, default_region="SA")
	yield address
	configure(portal_url="", burst_seconds=20, default_region="")


@pytest.fixture
def sub_status():
	"""One that is named differently for agents and for customers."""
	choices = statuses.choices(statuses.template_named(None))
	return next(row for row in choices if row.ball == "A third party")


def wait_for(find, page: Page, seconds: float = 120):
	"""What ``find`` finds in the end; else an error that tells what the page says."""
	deadline = time.monotonic() + seconds
	while not (found := find()):
		assert time.monotonic() < deadline, page.locator("body").inner_text()
		wake.ring()  # what the scheduler's sweep would find after a failed attempt
		time.sleep(0.5)
	return found


def set_sub_status(page: Page, address: str, ticket, label: str) -> None:
	tickets.in_helpdesk(page, address, ticket)
	page.get_by_role("button", name="Sub-status", exact=True).click()
	page.get_by_role("menuitem", name=label).click()


def test_from_the_agents_click_to_the_customers_phone(
	site_address, open_browser, sign_in_to_desk, worker, sms_gateway, mail_server, sub_status
):
	phone, email = saudi_mobile(), f"{unique('sara')}@example.com"
	ticket = make_ticket(phone, email)
	desk = open_browser(viewport=DESKTOP)
	sign_in_to_desk(desk, make_agent().name)
	set_sub_status(desk, site_address, ticket, sub_status.label)

	told = wait_for(lambda: [t for t in sms_gateway.texts_to(phone) if sub_status.customer_label in t], desk)
	mails = wait_for(
		lambda: [
			m for m in mail_server.received if m["to"] == email and sub_status.customer_label in m["text"]
		],
		desk,
	)
	link = LINK.search(told[0])[0]
	assert link in mails[0]["text"]
	assert link.startswith(site_address)

	customer = open_browser()
	customer.goto(link)
	customer.get_by_label("Phone number").fill("0" + phone.removeprefix("+966"))
	customer.get_by_role("button", name="Send me a code").click()
	codes = wait_for(lambda: [t for t in sms_gateway.texts_to(phone) if LINK.search(t) is None], customer)
	customer.get_by_label("Code").fill(re.search(r"\b\d{4}\b", codes[0])[0])
	customer.get_by_role("button", name="Continue").click()

	expect(customer.get_by_text(sub_status.customer_label, exact=True)).to_be_visible()
	expect(customer.get_by_text(str(ticket.name))).to_be_visible()
	assert sub_status.label not in customer.content()
