"""A customer mutes a ticket and a channel: by touch, by keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from customer_portal import links
from tests.browser.measures import fits

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}, {"color_scheme": "dark"}], ids=str)
def test_a_channel_and_the_ticket(visit, options):
	door = visit(**options)
	door.sign_in()
	page = door.page
	page.get_by_role("link", name="Messages about this ticket").click()
	expect(page.get_by_role("switch", name="E-mail")).to_be_checked()
	page.get_by_role("switch", name="SMS").uncheck()
	page.get_by_role("switch", name="Mute this ticket").focus()
	page.keyboard.press("Space")
	page.get_by_role("button", name="Save").click()
	expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
	expect(page.get_by_role("switch", name="SMS")).not_to_be_checked()
	expect(page.get_by_role("switch", name="Mute this ticket")).to_be_checked()
	assert links.of_ticket(str(door.ticket.name)).is_muted
	page.get_by_role("link", name="Back to the ticket").click()
	expect(page.get_by_role("heading", name=f"Ticket \u2068{door.ticket.name}\u2069")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("locale", ["en-GB", "ar"])
def test_it_fits_and_every_switch_is_large_enough(visit, width, locale):
	door = visit(viewport={"width": width, "height": 844}, locale=locale)
	door.sign_in()
	door.page.goto(f"{door.address}/preferences")
	assert fits(door.page)
	for switch in door.page.get_by_role("switch").all():
		box = switch.bounding_box()
		assert box["width"] >= 44 and box["height"] >= 24
