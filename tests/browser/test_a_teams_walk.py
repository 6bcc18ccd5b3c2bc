"""A manager invites a colleague, who comes in by the mail, and works with a private ticket until access ends."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.test_an_organisations_walk import (
	_mail_to,
	acme,
	enter_by_code,
	open_portal,
	site_address,
)
from tests.organisations import TICKETS

pytestmark = pytest.mark.browser
SIGN_IN_LINK = re.compile(r"https?://\S+/portal/sign-in\b")
__all__ = ["acme", "open_portal", "site_address"]  # fixtures


@pytest.mark.parametrize(
	"options", [{"viewport": DESKTOP}, {"java_script_enabled": False}], ids=["script", "no script"]
)
def test_from_invitation_to_the_end(site_address, open_portal, open_browser, mail_server, acme, options):
	acme.change(
		who="Named people only", sees="All tickets", people=[{"email": "chief@example.net", "role": "Member"}]
	)
	mona, lina = acme.manager(), acme.address("lina")
	ticket = acme.ticket(mona, subject="Salaries")
	manager = enter_by_code(open_portal(mona, **options))

	manager.get_by_role("link", name="Team").click()
	manager.get_by_label("E-mail address").fill(lina)
	manager.get_by_role("button", name="Invite").click()
	expect(manager.get_by_role("status")).to_have_text(
		"The person has access now, and a mail about it is on its way."
	)
	line = manager.locator(".person-line", has_text=lina)
	expect(line.get_by_text("Not signed in yet")).to_be_visible()

	invitation = _mail_to(lina, mail_server)
	mail_server.received.clear()
	page = open_browser(**options)
	page.goto(SIGN_IN_LINK.search(invitation)[0])
	page.get_by_label("Your work e‑mail address").fill(lina)
	page.get_by_role("button", name="Send me a mail to sign in").click()
	enter_by_code((page, _mail_to(lina, mail_server)))
	page.get_by_role("link", name="Salaries").click()
	page.get_by_role("button", name="Follow", exact=True).click()
	expect(page.get_by_role("status").filter(has_text="You follow this ticket now.")).to_be_visible()
	expect(page.get_by_role("button", name="Make private")).to_have_count(0)

	manager.goto(f"{site_address}{TICKETS}/{ticket.name}")
	expect(manager.locator(".followers")).to_contain_text("lina")
	manager.get_by_role("button", name="Make private").click()
	expect(manager.get_by_text("The ticket is private now.")).to_be_visible()
	assert page.goto(f"{site_address}{TICKETS}/{ticket.name}").status == 404
	manager.get_by_text("Add a colleague").click()
	manager.locator("#colleague").fill(lina)
	manager.get_by_role("button", name="Add", exact=True).click()
	expect(manager.get_by_text("Your colleague sees the ticket now.")).to_be_visible()
	assert page.goto(f"{site_address}{TICKETS}/{ticket.name}").status == 200

	manager.get_by_role("link", name="Team").click()
	line = manager.locator(".person-line", has_text=lina)
	line.locator("summary").click()
	line.get_by_role("button", name="Take access away").click()
	expect(manager.get_by_role("status")).to_contain_text("is signed out")
	expect(line.get_by_text("No access")).to_be_visible()
	page.goto(f"{site_address}{TICKETS}/{ticket.name}")
	expect(page.get_by_label("Your work e‑mail address")).to_be_visible()
