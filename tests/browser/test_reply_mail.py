"""The mail of a reply as people see it: phone and desktop, light and dark, left to right and right to left."""

import base64
import re

import frappe
import pytest

from customer_portal.notifications import dispatch
from tests.browser.measures import fits, violations
from tests.browser.pictures import take
from tests.factories import attach_file, make_agent
from tests.gateways import configure
from tests.integration.replies.conftest import answer, join
from tests.sample_files import photo

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("no_jobs")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}  # landmarks are for pages
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
WORDS = {
	"en": (
		"The washing machine leaks",
		"<p>Thank you, Sara. The new seal has arrived: we can come on <b>Monday</b> between 9 and 11.</p>",
		"<p>Water comes out below the door since yesterday. It gets worse when it spins.</p>",
	),
	"ar": (
		"الغسالة تسرب الماء",
		"<p>شكرًا يا سارة. وصلت القطعة الجديدة: يمكننا الحضور يوم <b>الاثنين</b> بين التاسعة والحادية عشرة.</p>",
		"<p>يخرج الماء من أسفل الباب منذ الأمس، ويزداد عند العصر. رقم الجهاز WM-1200.</p>",
	),
}


@pytest.fixture
def mail(organisation, mail_server):
	"""Call it with a language: the HTML of a mail with a conversation, a picture and a wide table."""

	def write(language: str) -> str:
		configure(company_name="Acme Care", mail_replies=1, reply_messages=5)
		subject, said, asked = WORDS[language]
		reader, agent = join(organisation.address("sara"), language), make_agent()
		frappe.db.set_value("User", agent.name, "full_name", "Huda Al-Qahtani")
		ticket = organisation.ticket(reader, subject=subject, description=asked)
		answer(ticket, agent, said)
		frappe.db.delete("Portal Notification", {"ticket": str(ticket.name)})
		file = attach_file(ticket, "seal.jpg", photo(), agent.name)
		table = "<table><tr><td>Part</td><td>12-4456-X</td></tr><tr><td>Price</td><td>48.00</td></tr></table>"
		answer(ticket, agent, f'{said}<p><img src="{file.file_url}"></p>{table}<p>{"long" * 40}</p>')
		dispatch.deliver_due()
		(sent,) = mail_server.mails_to(reader)
		return _with_pictures(sent)

	return write


def _with_pictures(sent) -> str:
	"""As a mail program shows it: pictures stand where the text names them."""
	found = {part["Content-ID"].strip("<>"): part for part in sent.walk() if part["Content-ID"]}
	html = sent.get_body(("html",)).get_content()

	def address(match: re.Match) -> str:
		part = found[match[1]]
		return f"data:{part.get_content_type()};base64,{base64.b64encode(part.get_content()).decode()}"

	return re.sub(r"cid:([^\"]+)", address, html)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read(mail, open_browser, language, scheme, size):
	page = open_browser(viewport=SIZES[size], color_scheme=scheme)
	page.set_content(mail(language))
	assert fits(page)
	assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
	assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
	take(page, f"reply-mail-{language}-{size}-{scheme}")
	assert not violations(page, RULES)


def test_it_fits_320_pixels(mail, open_browser):
	page = open_browser(viewport={"width": 320, "height": 600})
	page.set_content(mail("en"))
	assert fits(page)
