"""The list in a browser: filter, order, pages, the back button, and the export; with and without JavaScript."""

import csv
import io
import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits, small_targets, violations
from tests.crowd import add_tickets, remove_tickets
from tests.organisations import ALL, TICKETS, make_organisation

pytestmark = pytest.mark.browser
WITHOUT_SCRIPT = {"java_script_enabled": False}


@pytest.fixture
def acme(open_door):
	"""60 tickets: 30 about pumps, of which 5 are urgent."""
	organisation = make_organisation(sees=ALL)
	organisation.sara = organisation.put(organisation.address(), sees=ALL)
	add_tickets(organisation.customer, 30, raised_by=organisation.sara, subject="Printer", priority="Low")
	add_tickets(organisation.customer, 25, raised_by="b@example.com", subject="Pump leaks", priority="Low")
	add_tickets(organisation.customer, 5, raised_by="b@example.com", subject="Pump =1", priority="Urgent")
	yield organisation
	remove_tickets(organisation.customer)


@pytest.fixture
def open_list(acme, sign_in_page):
	return lambda **options: sign_in_page(acme.sara, **options)


def lines(page: Page) -> list[str]:
	return page.locator(".tickets .subject").all_inner_texts()


def narrow(page: Page, **values: str) -> None:
	page.locator(".filters summary").click()
	for label, value in values.items():
		page.get_by_label(label.replace("_", " "), exact=True).select_option(label=value)
	page.get_by_role("button", name="Show", exact=True).click()
	expect(page.locator(".chips")).to_be_visible()
	page.wait_for_load_state()


@pytest.mark.parametrize("options", [{}, WITHOUT_SCRIPT], ids=["script", "no script"])
def test_filters_pages_and_the_back_button(open_list, options):
	page = open_list(**options)
	expect(page.locator(".tickets .line")).to_have_count(25)
	page.get_by_label("Number or words of the subject").fill("pump")
	page.get_by_role("button", name="Search").click()
	expect(page.get_by_role("link", name="Without this filter: Search: ⁨pump⁩")).to_be_visible()
	page.get_by_role("link", name="Next page").click()
	expect(page.locator(".tickets .line")).to_have_count(5)
	assert set(lines(page)) == {"Pump leaks"}
	page.get_by_role("link", name="Previous page").click()
	expect(page.locator(".tickets .line")).to_have_count(25)
	narrow(page, Priority="Urgent")
	expect(page.locator(".tickets .line")).to_have_count(5)
	expect(page.locator(".count")).to_have_text("2 on")
	assert lines(page) == ["Pump =1"] * 5
	page.go_back()
	expect(page.locator(".tickets .line")).to_have_count(25)
	page.go_forward()
	page.get_by_role("link", name="Without this filter: Priority: Urgent").click()
	expect(page.get_by_role("link", name="Next page")).to_be_visible()
	page.get_by_role("link", name="Clear all filters").click()
	expect(page).to_have_url(re.compile(rf"{TICKETS}$"))


def test_the_address_has_only_what_is_on(open_list):
	page = open_list()
	narrow(page, Priority="Urgent", Order="Oldest first")
	expect(page).to_have_url(re.compile(rf"{TICKETS}\?priority=Urgent&sort=oldest$"))
	page.locator(".filters summary").click()
	expect(page.get_by_label("Priority", exact=True)).to_have_value("Urgent")


def test_an_address_opens_the_same_list_for_a_colleague(acme, open_list, sign_in_page):
	page = open_list()
	narrow(page, Priority="Urgent")
	expect(page.locator(".tickets .line")).to_have_count(5)
	other = sign_in_page(acme.manager())
	other.goto(page.url)
	assert lines(other) == lines(page)


def test_nothing_found_says_what_to_do(open_list):
	page = open_list()
	page.get_by_label("Number or words of the subject").fill("dishwasher")
	page.keyboard.press("Enter")
	expect(page.get_by_role("heading", name="No ticket fits these filters.")).to_be_visible()
	page.locator("main .card").get_by_role("link", name="Clear all filters").click()
	expect(page.locator(".tickets .line")).to_have_count(25)


@pytest.mark.parametrize("options", [{}, WITHOUT_SCRIPT], ids=["script", "no script"])
def test_the_export_holds_the_filtered_rows(open_list, options):
	page = open_list(**options)
	narrow(page, Priority="Urgent")
	expect(page.locator(".tickets .line")).to_have_count(5)
	numbers = [link.get_attribute("href").rsplit("/", 1)[1] for link in page.locator(".tickets .line").all()]
	for button in ("CSV", "Excel"):
		with page.expect_download() as waiting:
			page.get_by_role("button", name=button).click()
		download = waiting.value
		assert re.fullmatch(r"tickets-\d{4}-\d\d-\d\d\.(csv|xlsx)", download.suggested_filename)
		with open(download.path(), "rb") as file:
			content = file.read()
		rows = rows_of(button, content)
		assert [str(row[0]) for row in rows[1:]] == numbers
		assert {row[1] for row in rows[1:]} == {"Pump =1"}
		if not options:
			expect(page.locator(".export [role=status]")).to_have_text("The file is complete.")
			expect(page.get_by_role("button", name=button)).to_be_enabled()


def rows_of(kind: str, content: bytes) -> list:
	if kind == "CSV":
		return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
	return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_a_long_export_shows_how_it_comes_on_and_can_be_stopped(acme, open_list):
	add_tickets(acme.customer, 60_000, raised_by="b@example.com", subject="x" * 130)
	page = open_list(viewport=DESKTOP)
	page.get_by_role("button", name="CSV").click()
	expect(page.get_by_role("progressbar")).to_be_visible()
	expect(page.locator(".export [role=status]")).to_have_text(re.compile(r"[1-9]\d*\.\d MB so far"))
	page.get_by_role("button", name="Stop").click()
	expect(page.locator(".export [role=status]")).to_have_text("The export was stopped.")
	expect(page.get_by_role("progressbar")).to_be_hidden()


def test_a_refusal_is_told_in_the_page(acme, open_list):
	add_tickets(acme.customer, 60_000, raised_by="b@example.com", subject="x" * 130)
	page = open_list()
	other = page.context.new_page()
	other.goto(page.url)
	page.get_by_role("button", name="CSV").click()
	expect(page.locator(".export [role=status]")).to_have_text(re.compile(r"[1-9]\d*\.\d MB so far"))
	other.get_by_role("button", name="CSV").click()
	expect(other.locator(".export [role=status]")).to_have_text(re.compile("still running"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_axe_finds_nothing(open_list, scheme, locale):
	page = open_list(color_scheme=scheme, locale=locale, bypass_csp=True)
	for query in ("", "?q=pump&priority=Urgent", "?q=dishwasher"):
		page.goto(page.url.partition("?")[0] + query)
		page.locator(".filters summary").click()
		assert not violations(page)


@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
def test_it_fits_320_pixels(open_list, locale):
	page = open_list(locale=locale, viewport={"width": 320, "height": 480})
	page.goto(f"{page.url}?q=pump&priority=Low&requester=b%40example.com&from=2024-01-01")
	page.locator(".filters summary").click()
	assert fits(page)
	assert not small_targets(page, "main :is(button, select, summary, .chips a, .more a, .find input)")


def test_by_keyboard_alone(open_list):
	page = open_list()
	page.locator("#q").focus()
	page.keyboard.type("pump")
	page.keyboard.press("Tab")
	page.keyboard.press("Tab")
	expect(page.locator(".filters summary")).to_be_focused()
	page.keyboard.press("Enter")
	page.keyboard.press("Tab")
	expect(page.get_by_label("Status", exact=True)).to_be_focused()
	page.keyboard.press("Shift+Tab")
	page.locator("#q").press("Enter")
	expect(page).to_have_url(re.compile(r"\?q=pump$"))
