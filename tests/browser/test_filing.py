"""A member chooses a form, fills it in, and stands before the ticket: with JavaScript and without."""

import re

import frappe
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.measures import fits, small_targets, violations
from tests.browser.pictures import take
from tests.factories import unique
from tests.filing import NEW, depend, drop_fields, make_field, make_form, offer
from tests.organisations import SIGN_IN, enter_by_code
from tests.talk import PDF, files_of, messages

pytestmark = pytest.mark.browser
TARGETS = "nav a, summary, :is(button, select, input[type=file], textarea, .star, .check, .forms a, .send a):not(.unseen)"
FIELDS = {
	"filing_machine": ("Select", {"options": "\nPrinter\nCoffee machine", "label": "Which machine?"}),
	"filing_part": ("Select", {"options": "\nToner\nPaper tray\nMill\nBoiler", "label": "Which part?"}),
	"filing_serial": ("Data", {"label": "Serial number", "description": "It stands on the back."}),
	"filing_since": ("Date", {"label": "Since when?"}),
	"filing_visit": ("Datetime", {"label": "When may we come?"}),
	"filing_cost": ("Currency", {"label": "Cost limit"}),
	"filing_photo": ("Attach Image", {"label": "A photo"}),
	"filing_urgent": ("Check", {"label": "Production stands still"}),
	"filing_trust": ("Rating", {"label": "How satisfied were you so far?"}),
	"filing_places": ("Table MultiSelect", {"options": "Portal Access Form", "label": "Similar requests"}),
}
ABOUT = "<p>We repair what we have delivered. Please have the <b>serial number</b> at hand.</p>"


@pytest.fixture(scope="module")
def repair(site):
	"""A form with all kinds of fields, of which one depends on another."""
	for fieldname, (fieldtype, values) in FIELDS.items():
		make_field(fieldname, fieldtype, **values)
	mapping = {"Printer": ["Toner", "Paper tray"], "Coffee machine": ["Mill", "Boiler"]}
	script = depend("filing_machine", "filing_part", mapping)
	rows = [{"fieldname": name, "required": name in ("filing_machine", "filing_part")} for name in FIELDS]
	rows[2]["placeholder"] = "Such as SN-2041"
	template = "<p>What happened?</p><p>What have you tried?</p>"
	yield make_form(
		*rows, "priority", template_name=unique("Repair"), about=ABOUT, description_template=template
	)
	frappe.delete_doc("HD Form Script", script, force=True)
	drop_fields(*FIELDS)


@pytest.fixture
def article(site):
	category = frappe.get_doc(
		{"doctype": "HD Article Category", "category_name": unique("Printers")}
	).insert()
	made = frappe.new_doc("HD Article")
	made.update({"title": f"{unique('Ozelot')} toner: how to change it", "category": category.name})
	made.update({"content": "<h2>Before you begin</h2><p>Switch it off.</p>", "status": "Published"})
	made.insert()
	frappe.db.commit()
	return made


@pytest.fixture
def forms(organisation, repair):
	other = make_form(template_name=unique("New equipment"), about="<p>Order what is in the catalogue.</p>")
	offer(organisation, repair, other, "Default")
	return repair


def pdf(name: str) -> dict:
	return {"name": name, "mimeType": "application/pdf", "buffer": PDF}


def choose(page: Page, form: str) -> None:
	page.get_by_role("link", name="New request").first.click()
	expect(page.get_by_role("heading", name="What is it about?")).to_be_visible()
	page.get_by_role("link", name=form).click()
	expect(page.get_by_role("heading", name=form)).to_be_visible()
	page.wait_for_load_state()


def send(page: Page) -> None:
	page.get_by_role("button", name="Send the request").click()


def ticket_shown(page: Page):
	expect(page.get_by_text("Your request is filed.")).to_be_visible()
	frappe.db.rollback()
	return frappe.get_doc("HD Ticket", page.url.partition("?")[0].rpartition("/")[2])


def test_from_the_chooser_to_the_ticket(forms, article, organisation, sign_in_page):
	page = sign_in_page(organisation.address())
	choose(page, forms)
	page.get_by_label("Subject").press_sequentially(article.title.split(" ")[0] + " is empty", delay=20)
	suggestion = page.get_by_role("link", name=article.title)
	expect(suggestion).to_be_visible()
	with page.context.expect_page() as opened:
		suggestion.click()
	expect(opened.value.get_by_text("Switch it off.")).to_be_visible()
	part = page.get_by_label("Which part?")
	page.get_by_label("A photo").set_input_files(
		[{"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + unique("x").encode()}]
	)
	page.get_by_label("Serial number").fill("SN-1")
	page.get_by_label("Which machine?").select_option("Printer")
	expect(part.locator("option")).to_have_text(["Choose one", "Toner", "Paper tray"])
	expect(page.get_by_role("button", name="Update the fields")).to_be_hidden()
	expect(page.get_by_label("Serial number")).to_have_value("SN-1")
	part.select_option("Toner")
	page.get_by_label("Since when?").fill("2026-11-20")
	page.get_by_label("When may we come?").fill("2026-11-23T10:30")
	page.get_by_label("Cost limit").fill("120.5")
	page.get_by_label("Production stands still").check()
	page.locator(".star").nth(3).click()
	page.get_by_label("Add files").set_input_files([pdf("contract.pdf")])
	colleague = organisation.address()
	page.get_by_label("Colleagues to be informed").fill(colleague)
	send(page)
	ticket = ticket_shown(page)
	assert (ticket.filing_machine, ticket.filing_part, ticket.filing_serial) == ("Printer", "Toner", "SN-1")
	assert (ticket.filing_cost, ticket.filing_urgent, ticket.filing_trust) == (120.5, 1, 0.8)
	assert ticket.filing_photo.startswith("/private/files/")
	assert [file.file_name for file in files_of(ticket)] != []
	assert messages(ticket)[0].cc == colleague
	expect(page.locator(".description")).to_contain_text("What happened?")


def test_all_of_it_without_javascript(forms, organisation, sign_in_page):
	page = sign_in_page(organisation.address(), java_script_enabled=False)
	choose(page, forms)
	part = page.get_by_label("Which part?")
	expect(part.locator("option")).to_have_count(1)
	page.get_by_label("Subject").fill("It grinds no more")
	page.get_by_label("Which machine?").select_option("Coffee machine")
	page.get_by_role("button", name="Update the fields").click()
	expect(part.locator("option")).to_have_text(["Choose one", "Mill", "Boiler"])
	expect(page.get_by_label("Subject")).to_have_value("It grinds no more")
	part.select_option("Mill")
	page.get_by_label("Colleagues to be informed").fill("stranger@example.com")
	page.get_by_label("Add files").set_input_files([pdf("contract.pdf")])
	send(page)
	alert = page.get_by_role("alert")
	expect(alert).to_contain_text(re.compile(r"stranger@example.com\W? is not on your organisation's list."))
	expect(alert).to_contain_text("Choose your files again")
	expect(part).to_have_value("Mill")
	alert.get_by_role("link", name="Colleagues to be informed").click()
	assert page.evaluate("location.hash") == "#copies"
	page.get_by_label("Colleagues to be informed").fill("")
	page.get_by_label("Add files").set_input_files([pdf("contract.pdf")])
	page.get_by_label("Subject").press("Enter")  # sends, and does not refresh
	assert ticket_shown(page).filing_part == "Mill"


def test_a_problem_has_the_focus(forms, organisation, sign_in_page):
	page = sign_in_page(organisation.address())
	choose(page, forms)
	page.evaluate("document.getElementById('filing').noValidate = true")
	send(page)
	expect(page.locator("#problem")).to_be_focused()
	expect(page.locator("#problem li")).to_have_count(2)
	page.locator("#problem a", has_text="Which machine?").press("Enter")
	expect(page.locator("#f_filing_machine")).to_be_focused()


def test_a_draft_outlives_the_session(organisation, sign_in_page):
	person = organisation.address()
	page = sign_in_page(person)
	site = page.url.partition("/portal")[0]
	page.goto(site + NEW)
	page.get_by_label("Subject").fill("Long thought about")
	page.get_by_label("Description").fill("And written down")
	page.context.clear_cookies()
	page.get_by_role("button", name="Send the request").click()
	expect(page.get_by_role("alert")).to_contain_text("Sign in")
	page.goto(site + SIGN_IN)
	enter_by_code(page, person)
	page.goto(site + NEW)
	expect(page.get_by_label("Description")).to_have_value("And written down")
	send(page)
	assert ticket_shown(page).subject == "Long thought about"
	page.goto(site + NEW)
	expect(page.get_by_label("Subject")).to_have_value("")


def test_a_double_press_is_one_ticket(organisation, sign_in_page):
	page = sign_in_page(organisation.address())
	page.goto(page.url.partition("/portal")[0] + NEW)
	page.get_by_label("Subject").fill("Once")
	page.get_by_label("Description").fill("Please")
	page.get_by_role("button", name="Send the request").dblclick()
	ticket_shown(page)
	assert frappe.db.count("HD Ticket", {"customer": organisation.customer}) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ar-SA"])
@pytest.mark.parametrize("width", [320, 390, DESKTOP["width"]])
def test_everybody_can_use_it(forms, article, organisation, sign_in_page, scheme, locale, width):
	"""The chooser, the form, the form with problems and an article."""
	options = {"color_scheme": scheme, "locale": locale, "viewport": {"width": width, "height": 844}}
	page = sign_in_page(organisation.address(), bypass_csp=True, **options)
	site = page.url.partition("/portal")[0]
	label = f"{locale[:2]}-{scheme}-{width}"
	for name, path in {
		"chooser": NEW,
		"form": f"{NEW}?form={forms}",
		"article": f"/portal/articles/{article.name}",
	}.items():
		page.goto(site + path)
		if name == "form":
			page.locator("#subject").press_sequentially(article.title.split(" ")[0], delay=10)
			expect(page.locator(".suggestions a").first).to_be_visible()
		check(page)
		take(page, f"{name}-{label}")
	page.goto(f"{site}{NEW}?form={forms}")
	page.evaluate("document.getElementById('filing').noValidate = true")
	page.locator(".send .button").click()
	expect(page.locator("#problem")).to_be_visible()
	check(page)
	take(page, f"problems-{label}")


def check(page: Page) -> None:
	assert not violations(page)
	assert fits(page)
	assert not small_targets(page, TARGETS)
