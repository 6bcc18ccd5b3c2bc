"""The way out of e-mails in a real browser: a press of a button, and the way back."""

import pytest
from playwright.sync_api import expect

from customer_portal import opt_outs
from tests.browser.measures import fits
from tests.factories import unique

pytestmark = pytest.mark.browser


@pytest.fixture
def way_out(new_context, server, site):
	"""Call it with options of a browser context; each call opens the page of one more address."""

	def open_page(**options):
		page = new_context(**{"locale": "en-GB", **options}).new_page()
		token = opt_outs.token(unique("customer") + "@example.com")
		page.goto(f"http://{site}:{server}{opt_outs.PATH}{token}")
		return page

	return open_page


@pytest.mark.parametrize("with_scripts", [True, False])
def test_out_and_back(way_out, with_scripts):
	page = way_out(java_script_enabled=with_scripts)
	expect(page.locator("h1")).to_have_text("No more e‑mails about changes?")
	page.get_by_role("button", name="Unsubscribe").click()
	expect(page.locator("h1")).to_have_text("You are unsubscribed")
	page.get_by_role("button", name="Subscribe again").click()
	expect(page.locator("h1")).to_have_text("No more e‑mails about changes?")


def test_it_fits_a_narrow_phone(way_out):
	page = way_out(viewport={"width": 320, "height": 640}, locale="ar")
	assert fits(page)
	button = page.get_by_role("button").bounding_box()
	assert button["height"] >= 44
