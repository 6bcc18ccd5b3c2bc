"""The checks of SMS, WhatsApp and receipts."""

import frappe
import pytest

from customer_portal.clock import utc_now
from customer_portal.setup_check import phone
from customer_portal.setup_check.finding import FAILED, OFF, OK, WARNING
from tests.gateways import configure
from tests.integration.setup_check.conftest import REACHABLE, message


def test_no_sms():
	assert phone.sms_provider().state == OFF


def test_twilio_that_knows_us(twilio):
	assert phone.sms_provider().state == OK
	assert twilio.received == []


def test_twilio_with_another_token(twilio):
	document = frappe.get_doc("Customer Portal Settings")
	document.twilio_auth_token = "0" * 32
	document.save()
	finding = phone.sms_provider()
	assert (finding.state, "20003" in finding.found) == (FAILED, True)


def test_twilio_that_has_suspended_us(twilio):
	twilio.account_status = "suspended"
	finding = phone.sms_provider()
	assert (finding.state, "suspended" in finding.found) == (FAILED, True)


@pytest.mark.parametrize("mode", ["drop", "hang"])
def test_twilio_that_does_not_answer(twilio, mode):
	twilio.mode = mode
	assert phone.sms_provider().state == FAILED


def test_twilio_that_is_gone(twilio):
	twilio.stop()
	assert phone.sms_provider().state == FAILED
	twilio.start()


def test_a_provider_that_lacks_its_sender(twilio):
	configure(twilio_sender="")
	assert phone.sms_provider().state == FAILED


def test_a_gateway_is_named_by_its_host_alone(sms_gateway):
	address = f"{sms_gateway.url}/send?password=gateway-secret"
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", address)
	finding = phone.sms_provider()
	assert (finding.state, "127.0.0.1" in finding.found) == (OK, True)
	assert "gateway-secret" not in str(finding)
	assert sms_gateway.received == []


def test_a_gateway_without_a_web_address(sms_gateway):
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", "gateway/send")
	assert phone.sms_provider().state == FAILED


def test_whatsapp(twilio, undone):
	assert phone.whatsapp_sender().state == OFF
	configure(send_whatsapp=1, whatsapp_sender="")
	assert phone.whatsapp_sender().state == FAILED
	configure(whatsapp_sender="+15005550006")
	frappe.db.delete("Portal WhatsApp Template")
	finding = phone.whatsapp_sender()
	assert (finding.state, "en" in finding.found) == (WARNING, True)
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("whatsapp_templates", {"language": "en", "content_sid": "HX" + "0" * 32})
	template.save()
	assert phone.whatsapp_sender().state == OK
	twilio.mode, twilio.account_status = "ok", "closed"
	assert phone.whatsapp_sender().state == FAILED


def test_a_language_that_is_offered_needs_a_template_of_its_own(twilio, undone):
	settings = frappe.get_doc("Customer Portal Settings")
	settings.set("languages", [{"language": "en"}, {"language": "ar"}])
	settings.update({"send_whatsapp": 1, "whatsapp_sender": "+15005550006"})
	settings.save()
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("whatsapp_templates", {"language": "en", "content_sid": "HX" + "0" * 32})
	template.save()
	assert "for: ar." in phone.whatsapp_sender().found


# Receipts


def test_receipts_without_twilio(no_messages):
	assert phone.receipts().state == OFF


def test_receipts_that_cannot_come(twilio, no_messages):
	assert phone.receipts().state == WARNING


def test_answers_have_an_address(twilio, no_messages, undone):
	assert phone.answers().state == WARNING
	configure(portal_url=REACHABLE)
	assert f"{REACHABLE}/portal/hooks/twilio/message" in phone.answers().found
	configure(sms_provider="")
	assert phone.answers().state == OFF


def test_receipts_that_come(twilio, no_messages, undone):
	configure(portal_url=REACHABLE)
	assert "No report has come yet" in phone.receipts().found
	message(sent_at=utc_now(), due_at=utc_now())
	assert phone.receipts().state == OK
	message()
	assert phone.receipts().state == WARNING
	message(state="Delivered", delivered_at=utc_now())
	assert (phone.receipts().state, f"{utc_now():%Y-%m-%d}" in phone.receipts().found) == (OK, True)
