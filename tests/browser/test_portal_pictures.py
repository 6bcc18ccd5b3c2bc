"""The organisation portal as the guide in ``docs`` shows it; see ``pictures``."""

from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import Page, expect

from customer_portal.clock import utc_now
from customer_portal.sign_in import people
from tests.browser import pictures
from tests.browser.measures import fits, violations
from tests.browser.test_guide_pictures import LOCALES, LOOKS, SHOP, SIZES
from tests.factories import make_agent, unique
from tests.gateways import configure
from tests.organisations import SIGN_IN, make_organisation
from tests.talk import say, set_main

pytestmark = pytest.mark.browser
COMPANY = "Acme Logistics"
# Subject, priority, main status, hours since it was filed, and whether the person who looks has filed it.
REQUESTS = {
	"en": (
		("The label printer in hall 2 prints blank pages", "High", 2, 5, True),
		("New scanner for the night shift", "Low", 1, 27, False),
		("Forklift 7 does not charge", "Urgent", 2, 30, False),
		("Invoice 2026-1182 names the wrong address", "Medium", 3, 76, True),
		("The dock door opens only half", "Medium", 4, 190, False),
	),
	"ar": (
		("طابعة الملصقات في القاعة ٢ تطبع صفحات فارغة", "High", 2, 5, True),
		("ماسح ضوئي جديد للوردية الليلية", "Low", 1, 27, False),
		("الرافعة الشوكية رقم ٧ لا تُشحن", "Urgent", 2, 30, False),
		("الفاتورة 2026-1182 تحمل عنوانًا خاطئًا", "Medium", 3, 76, True),
		("باب الرصيف لا يُفتح إلا نصفه", "Medium", 4, 190, False),
	),
}
TALK = {
	"en": (
		"<p>Good morning. Which light is on at the printer?</p>",
		"<p>The orange one, and it blinks twice.</p>",
		"<p>Thank you. We bring a new print head this afternoon.</p>",
	),
	"ar": (
		"<p>صباح الخير. أيّ ضوء يعمل في الطابعة؟</p>",
		"<p>الضوء البرتقالي، ويومض مرتين.</p>",
		"<p>شكرًا لك. سنحضر رأس طباعة جديدًا بعد ظهر اليوم.</p>",
	),
}
NAMES = {"en": ("Sara Haddad", "Tom Weber"), "ar": ("سارة حداد", "عمر الفاروق")}
AGENTS = {"en": "Huda Salem", "ar": "هدى سالم"}


@pytest.fixture
def company(open_door):
	"""Call it with a language: an organisation of that name with people and tickets, and the manager's address."""
	configure(**SHOP)
	made = []

	def make(language: str) -> str:
		organisation = make_organisation("acme", sees="All tickets")
		made.append(frappe.rename_doc("HD Customer", organisation.customer, COMPANY, force=True))
		organisation.customer = COMPANY
		manager, colleague = organisation.manager(), organisation.address()
		for address, name in zip((manager, colleague), NAMES[language], strict=True):
			profile = {"full_name": name, "time_zone": "Asia/Riyadh"}
			frappe.db.set_value("User", people.user_of(address, language), profile)
		for request in REQUESTS[language]:
			_file(organisation, language, manager if request[-1] else colleague, *request[:-1])
		return manager

	yield make
	for name in made:
		frappe.rename_doc("HD Customer", name, unique("Acme"), force=True)
	configure(**dict.fromkeys(SHOP, ""))


def _file(organisation, language: str, address: str, subject: str, priority: str, main: int, hours: int):
	ticket = organisation.ticket(address, subject=subject, priority=priority)
	for position in range(2, main + 1):
		set_main(ticket, position)
	if hours == REQUESTS[language][0][3]:
		_talk(ticket, language)
	when = utc_now() - timedelta(hours=hours)
	frappe.db.set_value("HD Ticket", ticket.name, "creation", when, update_modified=False)
	frappe.db.commit()


def _talk(ticket, language: str) -> None:
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "full_name", AGENTS[language])
	question, answer, end = TALK[language]
	say(ticket, question, by=agent.name)
	say(ticket, answer, sent=False)
	say(ticket, end, by=agent.name)


def _take(page: Page, name: str) -> None:
	assert not violations(page), name
	assert fits(page), name
	pictures.take(page, name)


@pytest.mark.parametrize(("size", "language", "scheme"), LOOKS)
def test_the_portal(company, sign_in_page, open_browser, address, size, language, scheme):
	look = {"viewport": SIZES[size], "locale": LOCALES[language], "color_scheme": scheme, "bypass_csp": True}
	label = f"{size}-{language}-{scheme}"
	stranger = open_browser(**look)
	stranger.goto(address + SIGN_IN)
	_take(stranger, f"portal-sign-in-{label}")
	page = sign_in_page(company(language), **look)
	expect(page.locator(".tickets > li")).to_have_count(5)
	_take(page, f"portal-tickets-{label}")
	page.get_by_text(REQUESTS[language][0][0]).click()
	expect(page.locator(".message")).to_have_count(3)
	_take(page, f"portal-ticket-{label}")
	page.goto(f"{address}/portal/new")
	expect(page.locator("#subject")).to_be_visible()
	_take(page, f"portal-new-{label}")
	page.goto(f"{address}/portal/team")
	expect(page.locator(".person-line")).to_have_count(2)
	_take(page, f"portal-team-{label}")
