"""The preview of a template: what it shows, to whom, and the test message to oneself."""

import re
from html import unescape

import frappe
import pytest

from customer_portal import links, samples, statuses, throttle
from customer_portal.channels import segments
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.notifications import messages, trials
from customer_portal.notifications.outbox import STATUS, Notification
from tests.accounts import log_in
from tests.client import hidden_fields
from tests.doors import reset_limits
from tests.factories import make_agent, make_ticket, saudi_mobile
from tests.gateways import configure
from tests.ledger import make_template, named

HOME = "/portal/staff/preview"
LINK = f"/t/{samples.TOKEN}"


@pytest.fixture
def agent():
	user = make_agent()
	user.db_set("mobile_no", "0" + saudi_mobile().removeprefix("+966"))
	frappe.db.commit()
	return user


def number(agent) -> str:
	return "+966" + agent.mobile_no[1:]


@pytest.fixture
def desk(client, agent):
	reset_limits()
	return log_in(client, agent.name)


@pytest.fixture
def template():
	"""A template of its own, with a message, an Arabic label and one for WhatsApp."""
	document = make_template(
		{1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]},
		{1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"},
	)
	row = document.sub_statuses[1]
	row.update({"customer_label": "Part & pump ordered", "message": "It comes by ship.", "show_expected": 1})
	document.append("labels", {"language": "ar", "sub_status": row.sub_status, "label": "تم طلب القطعة"})
	document.append("whatsapp_templates", {"language": "en", "content_sid": "HX" + "1" * 32})
	document.save()
	frappe.db.commit()
	return document


def query(template, position: int = 2, language: str = "en") -> dict:
	sub_status = template.sub_statuses[position - 1].sub_status
	return {"template": template.name, "sub_status": sub_status, "language": language}


def send(desk, template, channel, language="en"):
	page = desk.get(HOME, params=query(template, language=language)).text
	values = {**hidden_fields(page, "/test#channel-sms"), "channel": channel}
	return desk.post(f"{HOME}/test", {name: unescape(value) for name, value in values.items()})


def told(page: str) -> str:
	return re.search(r'role="(?:status|alert)">([^<]*)<', page)[1]


def test_it_shows_what_each_channel_would_send(desk, template, agent):
	configure(send_whatsapp=1, portal_url="https://help.example.com")
	page = desk.get(HOME, params=query(template))
	configure(send_whatsapp=0, portal_url="")
	assert page.status_code == 200
	text = unescape(page.text)
	assert f"Ticket {samples.TICKET}: Part & pump ordered" in text
	assert "It comes by ship." in text
	assert f"https://help.example.com{LINK}" in text
	assert "We expect to be done by" in text
	assert f"Your ticket is now: Part & pump ordered (#{samples.TICKET})" in text
	assert "HX" + "1" * 32 in text
	assert "GSM-7" in text
	assert number(agent) in text and agent.name in text


def test_it_is_the_code_that_sends(template, agent):
	"""A real ticket's message differs from the sample's in the ticket's number and the link alone."""
	ticket = make_ticket(template=template.ticket_template)
	sub_status = template.sub_statuses[0].sub_status
	row = Notification("n", str(ticket.name), STATUS, "SMS", "+966551234567", "ar", sub_status, 1, False, "c")
	real = messages.status_message(row, samples.link()).text
	picture = statuses.template_named(template.ticket_template)
	sample = samples.message("SMS", picture, sub_status, "ar").text
	assert sample == real.replace(str(ticket.name), samples.TICKET)


def posts_section(page: str) -> str:
	return page.partition('id="slack"')[2].partition("</section>")[0]


def posts(page: str) -> list[str]:
	"""What the posts in the triage channel and in the customer's say."""
	parts = posts_section(page).split("<h3>")[1:]
	return [unescape(re.sub(r"<[^>]+>", " ", part)) for part in parts]


def test_the_posts_in_slack(desk, template):
	internal = frappe.db.get_value("Portal Sub-Status", template.sub_statuses[1].sub_status, "label")
	triage, customers = posts(desk.get(HOME, params=query(template)).text)
	assert f"#{samples.TICKET}" in triage and f"#{samples.TICKET}" in customers
	assert internal in triage and "Part & pump ordered" not in triage
	assert "Part & pump ordered" in customers and internal not in customers
	for shown in (triage, customers):
		assert "Take it" in shown and "Set status" in shown and "Close" in shown
		assert samples.ADDRESSES["Email"] not in shown


def test_the_posts_in_another_language(desk, template):
	_triage, customers = posts(desk.get(HOME, params=query(template, language="ar")).text)
	assert "تم طلب القطعة" in customers
	assert "pump ordered" not in customers


def test_whether_slack_is_on(desk, template):
	page = desk.get(HOME, params=query(template)).text
	assert "switched off" in posts_section(page)


def test_the_sample_link_is_as_long_as_a_real_one_and_opens_nothing(client):
	assert len(samples.TOKEN) == 22
	assert client.get(LINK).status_code == 404


def test_the_customers_page_is_in_the_customers_language(desk, template):
	page = desk.get(f"{HOME}/page", params=query(template, language="ar"))
	assert page.status_code == 200
	assert 'lang="ar" dir="rtl"' in page.text
	assert "تم طلب القطعة" in page.text
	assert "Internal" not in page.text
	assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
	assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
	assert "portal_" not in page.headers.get("Set-Cookie", "")
	assert "<form" not in page.text


def test_the_page_around_it_is_in_the_agents_language(desk, template):
	page = desk.get(HOME, params=query(template, language="ar")).text
	assert '<html lang="en" dir="ltr"' in page
	assert "UCS-2" in page


def test_the_mail_can_do_nothing(desk, template):
	mail = desk.get(f"{HOME}/mail", params=query(template, language="ar"))
	assert 'lang="ar" dir="rtl"' in mail.text
	assert "pump ordered" not in mail.text
	policy = mail.headers["Content-Security-Policy"]
	assert policy.startswith("default-src 'none'") and "sandbox" in policy


def test_every_template_status_and_language_is_shown(desk):
	template = statuses.template_named(None)
	for language in ("en", "ar", "de", "he", "pt-BR", "zh-TW"):
		if not frappe.db.exists("Language", language):
			continue
		for row in statuses.choices(template):
			values = {"template": template.name, "sub_status": row.name, "language": language}
			for path in (HOME, f"{HOME}/page", f"{HOME}/mail"):
				assert desk.get(path, params=values).status_code == 200


def test_without_a_choice_it_shows_the_default_template(desk):
	page = desk.get(HOME)
	assert page.status_code == 200
	assert "Received" in page.text


def test_missing_translations_are_listed_with_a_way_to_the_form(desk, template):
	page = desk.get(HOME, params=query(template)).text
	missing = unescape(page[page.index('id="translations"') :])
	assert "It comes by ship." in missing
	assert "Label 3" in missing
	assert "Part & pump ordered" not in re.search(r"<summary>العربية.*?</table>", missing, re.S)[0]
	assert f"/app/portal-ticket-template/{template.name}" in page


@pytest.mark.parametrize(
	("values", "status"),
	[
		({"template": "No such template"}, 404),
		({"template": "Default", "language": "xx-nowhere"}, 400),
		({"template": "Default", "language": "x" * 400}, 400),
		({"template": ["Default", "Default"]}, 400),
		({"template": "Default\x00"}, 400),
		({"template": "Default' OR 1=1 --"}, 404),
	],
)
@pytest.mark.parametrize("path", ["", "/page", "/mail"])
def test_bad_input(desk, values, status, path):
	assert desk.get(HOME + path, params=values).status_code == status


def test_a_sub_status_of_another_template_gives_way_to_the_first(desk, template):
	values = {**query(template), "sub_status": named("Part ordered")}
	assert (
		'value="' + template.sub_statuses[0].sub_status + '" selected' in desk.get(HOME, params=values).text
	)


@pytest.mark.parametrize("path", ["", "/page", "/mail"])
def test_strangers_and_customers_see_nothing(new_client, customer_client, path):
	for browser in (new_client(), customer_client):
		answer = browser.get(HOME + path)
		assert answer.status_code == 403
		assert "pump ordered" not in answer.text


def test_strangers_and_customers_send_nothing(new_client, customer_client, sms_gateway):
	for browser in (new_client(), customer_client):
		answer = browser.post(f"{HOME}/test", {"channel": "SMS", "form_token": "x"})
		assert answer.status_code in (400, 403)  # Frappe's own check of its token may come first
	assert not sms_gateway.received


def test_a_test_sms_goes_to_the_agents_own_number(desk, template, agent, sms_gateway):
	before = frappe.db.count("Portal Notification"), frappe.db.count("Portal Access Link")
	answer = send(desk, template, "SMS")
	assert answer.status_code == 200
	assert "The test message was sent to" in told(answer.text)
	(text,) = sms_gateway.texts_to(number(agent))
	assert "This is a test message. Its link opens nothing." in text
	assert text.endswith(LINK)
	assert "pump ordered" in text
	assert segments.count(text) <= 3
	frappe.db.rollback()
	assert before == (frappe.db.count("Portal Notification"), frappe.db.count("Portal Access Link"))


def test_a_test_mail_goes_to_the_agents_own_address_and_into_no_log(desk, template, agent, mail_server):
	rows = frappe.db.count("Email Queue")
	answer = send(desk, template, "Email", language="ar")
	assert answer.status_code == 200
	(mail,) = mail_server.mails_to(agent.name)
	assert samples.TICKET in mail["Subject"]
	assert mail["Auto-Submitted"] == "auto-generated"
	html = mail.get_body(("html",)).get_content()
	assert 'dir="rtl"' in html and LINK in html
	frappe.db.rollback()
	assert frappe.db.count("Email Queue") == rows


def test_two_test_mails_are_two(desk, template, agent, mail_server):
	for _ in range(2):
		assert send(desk, template, "Email").status_code == 200
	first, second = mail_server.mails_to(agent.name)
	assert first["Message-ID"] != second["Message-ID"]


def test_the_unsubscribe_address_of_a_test_is_nobodys(desk, template, agent, mail_server, client):
	send(desk, template, "Email")
	(mail,) = mail_server.mails_to(agent.name)
	address = mail["List-Unsubscribe"].strip("<>")
	assert client.get(re.sub(r"^https?://[^/]+", "", address)).status_code == 404


def test_a_providers_failure_is_told_as_a_sentence(desk, template, sms_gateway):
	sms_gateway.mode = "error in body"
	answer = send(desk, template, "SMS")
	assert answer.status_code == 409
	assert told(answer.text) == "The SMS gateway refused the message."


def test_an_agent_without_a_number_is_told_so(desk, template, agent, sms_gateway):
	agent.reload().db_set("mobile_no", None)
	frappe.db.commit()
	answer = send(desk, template, "SMS")
	assert answer.status_code == 409
	assert "no address for SMS" in told(answer.text)
	assert not sms_gateway.received


def test_whatsapp_without_a_template_cannot_be_tried(desk, template, twilio):
	answer = send(desk, template, "WhatsApp", language="ar")
	assert answer.status_code == 409
	assert told(answer.text) == "There is no WhatsApp message template for this language."
	assert not twilio.received


def test_ten_tests_an_hour(desk, template, agent, sms_gateway):
	subject = throttle.user_subject(agent.name)
	for _ in range(trials.PER_USER.most):
		assert send(desk, template, "SMS").status_code == 200
	answer = send(desk, template, "SMS")
	assert answer.status_code == 429
	assert "60 minutes" in told(answer.text)
	assert len(sms_gateway.received) == trials.PER_USER.most
	frappe.db.rollback()
	assert frappe.db.count("Portal Throttle Event", {"subject": subject}) == trials.PER_USER.most


@pytest.mark.parametrize(
	("change", "status"),
	[
		({"form_token": "0" * 64}, 403),
		({"form_token": ["a", "b"]}, 403),
		({"channel": "Pigeon"}, 400),
		({"channel": ""}, 400),
		({"template": "No such template"}, 404),
		({"language": "xx-nowhere"}, 400),
	],
)
def test_a_forged_or_broken_form_sends_nothing(desk, template, sms_gateway, change, status):
	page = desk.get(HOME, params=query(template)).text
	values = {**hidden_fields(page, "/test#channel-sms"), "channel": "SMS", **change}
	assert desk.post(f"{HOME}/test", values).status_code == status
	assert not sms_gateway.received


def test_another_sites_form_sends_nothing(desk, template, sms_gateway):
	page = desk.get(HOME, params=query(template)).text
	values = {**hidden_fields(page, "/test#channel-sms"), "channel": "SMS"}
	answer = desk.post(f"{HOME}/test", values, origin="https://evil.example")
	assert answer.status_code == 403
	assert not sms_gateway.received


def test_looking_writes_nothing(desk, template):
	tables = ("Portal Notification", "Portal Access Link", "Portal Throttle Event", "Portal Status Event")
	frappe.db.rollback()
	before = [frappe.db.count(table) for table in tables]
	for path in ("", "/page", "/mail"):
		desk.get(HOME + path, params=query(template))
	frappe.db.rollback()
	assert before == [frappe.db.count(table) for table in tables]


def test_without_a_site_address_the_preview_still_stands(template, monkeypatch):
	def missing():
		raise SiteAddressMissing

	monkeypatch.setattr(links, "site_address", missing)
	assert samples.link().startswith(samples.NO_ADDRESS)
