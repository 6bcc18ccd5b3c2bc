"""The whole way with Google's and Microsoft's button in a real browser: our policy for contents lets it through."""

import pytest
from playwright.sync_api import expect

from tests.browser.measures import fits, violations
from tests.browser.pictures import take
from tests.organisations import SIGN_IN, is_in
from tests.sign_ins import Way, google_claims

pytestmark = pytest.mark.browser


@pytest.fixture
def open_sign_in(open_browser, address, providers_on, google_server, organisation):
	google_server.tell(claims=google_claims(organisation.address()))

	def open_page(**options):
		page = open_browser(**options)
		page.goto(f"{address}{SIGN_IN}")
		return page

	yield open_page
	google_server.tell()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_press_on_googles_button(open_sign_in, google_server, javascript):
	page = open_sign_in(java_script_enabled=javascript)
	page.get_by_role("button", name="Sign in with Google").click()
	page.wait_for_url(f"{google_server.url}/**")
	page.get_by_role("button", name="Continue as Noor").click()
	page.wait_for_url("**/portal/tickets")
	page.locator(".person summary").click()
	expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_way_back_alone_signs_nobody_in(open_sign_in, google_server, new_client):
	"""Somebody else's way back, as a link in a mail would have it."""
	other = Way("google", google_server, new_client())
	back = other.allow(other.set_out())
	victim = open_sign_in()
	victim.goto(back)
	expect(victim.get_by_role("alert")).to_contain_text("was not finished")
	assert is_in(other.client) is False
	assert "Sign out" not in victim.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_axe_finds_nothing(open_sign_in, scheme, locale):
	page = open_sign_in(color_scheme=scheme, locale=locale, bypass_csp=True)
	assert not violations(page)
	take(page, f"sign-in-phone-{locale[:2]}-{scheme}")


@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_it_fits_320_pixels(open_sign_in, locale):
	page = open_sign_in(locale=locale, viewport={"width": 320, "height": 256})
	assert fits(page)
