"""WCAG 2.2 AA as far as a machine can tell: axe-core, reflow, target sizes, and other people's settings."""

import pytest
from playwright.sync_api import expect

from tests.browser.measures import fits, small_targets, violations

pytestmark = pytest.mark.browser
MAIL = "<h1>Hello</h1><p>Water <a href='https://example.com'>here</a></p><p>السلام عليكم</p><table><tr><td>1</table>"


def show_phone(door):
	pass


def show_email(door):
	door.page.goto(f"{door.address}?by=email")


def show_error(door):
	door.page.locator("#contact").fill("0551234567")
	door.page.locator(".stack .button").click()
	expect(door.page.get_by_role("alert")).to_be_visible()


def show_code(door):
	door.wait_for_code()


def show_ticket(door):
	door.sign_in()


def show_unknown(door):
	door.page.goto(door.address.rsplit("/", 1)[0] + "/unknown")


def show_refused(door):
	door.page.goto(f"{door.address}/verify")


PAGES = [show_phone, show_email, show_error, show_code, show_ticket, show_unknown, show_refused]


@pytest.mark.parametrize("show", PAGES, ids=lambda show: show.__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_axe_finds_nothing(visit, show, scheme, locale):
	door = visit(MAIL, color_scheme=scheme, locale=locale, bypass_csp=True)
	show(door)
	assert not violations(door.page)


@pytest.mark.parametrize("show", PAGES, ids=lambda show: show.__name__)
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_it_fits_320_pixels(visit, show, locale):
	"""Which is 1280 pixels at a zoom of 400 % (WCAG 2.2, 1.4.10)."""
	door = visit(MAIL, locale=locale, viewport={"width": 320, "height": 256})
	show(door)
	assert fits(door.page)


@pytest.mark.parametrize("show", [show_phone, show_code, show_ticket], ids=lambda show: show.__name__)
def test_targets_are_large(visit, show):
	door = visit(locale="en-GB")
	show(door)
	assert not small_targets(door.page, "button, a:not(.skip), input:not([type=hidden])")


def test_text_can_be_spaced(visit):
	"""WCAG 2.2, 1.4.12."""
	door = visit(MAIL, viewport={"width": 320, "height": 640}, bypass_csp=True)
	door.sign_in()
	door.page.add_style_tag(
		content="* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
	)
	assert fits(door.page)


def test_those_who_want_no_motion_get_none(visit):
	door = visit(reduced_motion="reduce")
	door.sign_in()
	assert door.page.evaluate("document.getAnimations().length") == 0
	assert (
		door.page.locator(".button, .quiet").first.evaluate("e => getComputedStyle(e).transitionDuration")
		== "0s"
	)


def test_steps_differ_without_colours(visit):
	door = visit(forced_colors="active")
	door.sign_in()
	states = door.page.locator(".steps li").evaluate_all("all => all.map(e => e.className)")
	assert states == ["current", "upcoming", "upcoming", "upcoming"]
	drawn = door.page.locator(".steps .icon").evaluate_all("all => all.map(e => e.innerHTML)")
	assert len(set(drawn)) == 2
	told = door.page.locator(".steps li").evaluate_all("all => all.map(e => e.innerText)")
	assert all(text for text in told)
