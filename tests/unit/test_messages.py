"""The words of a message, and how many SMS it makes."""

import frappe
import pytest

from customer_portal.channels import segments
from customer_portal.notifications import company, messages
from customer_portal.notifications.outbox import LINK, STATUS, Notification
from customer_portal.statuses import SubStatus, TicketTemplate, Wording

URL = "https://help.example.com/t/AbCdEfGhIjKlMnOpQrStUv"
ARABIC_LABEL = "بانتظار قطعة الغيار"


def sub_status(**values):
	fields = {
		"name": "s1",
		"label": "INTERNAL vendor is late again",
		"enabled": True,
		"main_status": 2,
		"customer_label": "Waiting for a part",
		"is_default": False,
		"notify": True,
		"message": "",
		"next_step": "",
		"ball": "",
	}
	return SubStatus(**{**fields, **values})


@pytest.fixture
def template(monkeypatch):
	"""Call it with the sub-status that the ticket's template has."""

	def use(row, wordings=None):
		picture = TicketTemplate("T", (), (row,), wordings or {})
		monkeypatch.setattr(messages.statuses, "template_of", lambda ticket: picture)

	monkeypatch.setattr(messages, "company_name", lambda language: "Cool & Dry <Repairs>")
	return use


def notification(**values):
	fields = {
		"name": "n1",
		"ticket": "1234",
		"kind": STATUS,
		"channel": "SMS",
		"recipient": "+966550000001",
		"language": "en",
		"sub_status": "s1",
		"attempts": 1,
		"may_be_repeated": False,
		"claim": "c",
	}
	return Notification(**{**fields, **values})


@pytest.mark.parametrize(
	("text", "count"),
	[
		("", 1),
		("a" * 160, 1),
		("a" * 161, 2),
		("a" * 306, 2),
		("a" * 307, 3),
		("€" * 80, 1),
		("€" * 81, 2),
		("ا" * 70, 1),
		("ا" * 71, 2),
		("ا" * 134, 2),
		("ا" * 135, 3),
		("😀" * 35, 1),
		("😀" * 36, 2),
	],
)
def test_segments(text, count):
	assert segments.count(text) == count


@pytest.mark.parametrize(
	("text", "encoding", "used", "room"),
	[
		("", "GSM-7", (0,), 160),
		("a" * 158 + "€", "GSM-7", (160,), 160),
		("a" * 161, "GSM-7", (153, 8), 153),
		("a" * 152 + "€" * 5, "GSM-7", (152, 10), 153),  # a sign of two septets is not cut in two
		("ا" * 70, "UCS-2", (70,), 70),
		("ا" * 71, "UCS-2", (67, 4), 67),
		("ا" * 66 + "😀" * 3, "UCS-2", (66, 6), 67),
		("it’s", "UCS-2", (4,), 70),
	],
)
def test_what_each_segment_holds(text, encoding, used, room):
	assert segments.measure(text) == segments.Measure(encoding, used, room)


def test_the_characters_that_gsm_does_not_have():
	assert segments.outside("It’s a “test”’ {€}") == "’“”"


@pytest.mark.parametrize("sign", ["a", "ا", "😀", "€"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_fit_cuts_the_text_and_never_the_ending(sign, most):
	fitted = segments.fit(sign * 900, f"\n{URL}", most)
	assert fitted.endswith(URL)
	assert segments.count(fitted) <= most


def test_fit_leaves_a_short_text_alone():
	assert segments.fit("Short", "\nend", 1) == "Short\nend"


def test_fit_keeps_an_ending_that_alone_is_too_long():
	assert segments.fit("text", "\n" + "x" * 500, 1).endswith("x" * 500)


def test_sms_in_one_segment_with_company_label_and_link(template):
	template(sub_status())
	text = messages.status_message(notification(), URL).text
	assert text == f"Cool & Dry <Repairs>: Your ticket 1234 is now: Waiting for a part\n{URL}"
	assert segments.count(text) == 1


def test_sms_drops_the_company_before_it_takes_a_second_segment(template):
	template(
		sub_status(customer_label="Waiting for a part that comes from the factory far away in the north")
	)
	text = messages.status_message(notification(), URL).text
	assert text.startswith("Ticket 1234: Waiting")
	assert segments.count(text) == 1


def test_arabic_sms_is_short_and_has_the_whole_link(template):
	template(sub_status(), {("ar", "s1"): Wording(ARABIC_LABEL, "", "")})
	text = messages.status_message(notification(language="ar"), URL).text
	assert ARABIC_LABEL in text
	assert text.endswith(f"\n{URL}")
	assert segments.count(text) <= 2


def test_sms_adds_the_templates_message_up_to_three_segments(template):
	template(sub_status(message="Please have your invoice at hand. " * 40))
	text = messages.status_message(notification(), URL).text
	assert "Please have your invoice" in text
	assert text.endswith(URL)
	assert segments.count(text) == 3


def test_a_link_message_has_no_template_message(template):
	template(sub_status(message="Please call."))
	assert "Please call." not in messages.status_message(notification(kind=LINK), URL).text


@pytest.mark.parametrize("channel", ["SMS", "Email"])
@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_no_message_shows_the_internal_label(template, channel, language):
	template(sub_status())
	message = messages.status_message(notification(channel=channel, language=language), URL)
	assert "INTERNAL" not in message.subject + message.text + message.html + message.redacted


def test_labels_stay_on_one_line(template):
	template(sub_status(customer_label="Waiting\r\nBcc: evil@example.com"))
	message = messages.status_message(notification(channel="Email"), URL)
	assert "\n" not in message.subject
	assert "\r" not in message.subject


def test_mail_has_subject_text_and_html(template):
	template(sub_status(message="Part <b>ordered</b>."))
	message = messages.status_message(notification(channel="Email"), URL)
	assert message.subject == "Your ticket is now: Waiting for a part (#1234)"
	assert URL in message.text and URL in message.html
	assert "Part <b>ordered</b>." in message.text
	assert "Part &lt;b&gt;ordered&lt;/b&gt;." in message.html
	assert "Cool &amp; Dry &lt;Repairs&gt;" in message.html
	assert 'lang="en" dir="ltr"' in message.html


def test_arabic_mail_is_right_to_left(template):
	template(sub_status())
	assert 'dir="rtl"' in messages.status_message(notification(channel="Email", language="ar"), URL).html


def test_mail_loads_nothing_from_elsewhere(template):
	template(sub_status())
	html = messages.status_message(notification(channel="Email"), URL).html
	assert not any(word in html.lower() for word in ("src=", "<script", "<link", "url(", "@import"))
	assert html.count("https://") == 1


def test_the_redacted_text_has_no_link(template):
	template(sub_status())
	message = messages.status_message(notification(channel="Email"), URL)
	assert URL.rsplit("/", 1)[1] not in message.redacted
	assert "Waiting for a part" in message.redacted


def test_company_name_falls_back(monkeypatch):
	monkeypatch.setattr(company.settings, "get", lambda: frappe._dict(company_name=""))
	assert company.company_name("en")
