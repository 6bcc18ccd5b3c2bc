"""SMS by Twilio, against a loopback server that answers as Twilio documents it."""

import logging

import frappe
import pytest
from frappe.utils.password import set_encrypted_password

from customer_portal.channels import base
from customer_portal.channels.base import Message, PermanentFailure, TemporaryFailure, UnknownResult
from customer_portal.integrations.twilio import client
from tests.factories import saudi_mobile
from tests.gateways import configure
from tests.gateways.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER, use_twilio

SERVICE = "MG" + "ab" * 16


def send(number=None):
	return base.registry["SMS"].send(number or saudi_mobile(), Message("", "Ticket 1: Ready"))


def test_it_sends_and_returns_the_sid(twilio):
	number = saudi_mobile()
	receipt = send(number)
	(message,) = twilio.received
	assert message["fields"] == {"To": number, "From": SENDER, "Body": "Ticket 1: Ready"}
	assert receipt.provider_id == message["sid"]
	assert "SMS" in base.available()


def test_a_messaging_service_sends(twilio):
	use_twilio(twilio, SERVICE)
	send()
	assert twilio.received[0]["fields"]["MessagingServiceSid"] == SERVICE
	assert "From" not in twilio.received[0]["fields"]


@pytest.mark.parametrize("sender", ["Repairs", "MG Motors", "12345"])
def test_a_name_or_short_code_sends(twilio, sender):
	use_twilio(twilio, sender)
	send()
	assert twilio.received[0]["fields"]["From"] == sender


@pytest.mark.parametrize("code", [21211, 21408, 21610, 21612, 21614, 29999])
def test_refusals_are_permanent_and_say_the_code(twilio, code):
	twilio.mode = f"code {code}"
	number = saudi_mobile()
	with pytest.raises(PermanentFailure) as caught:
		send(number)
	assert str(code) in caught.value.reason
	assert number not in caught.value.reason


@pytest.mark.parametrize("mode", ["500", "429", "code 20429", "code 21611", "403 20005"])
def test_trouble_is_temporary(twilio, mode):
	twilio.mode = mode
	with pytest.raises(TemporaryFailure):
		send()


def test_retry_after_is_read(twilio):
	twilio.mode = "429"
	with pytest.raises(TemporaryFailure) as caught:
		send()
	assert caught.value.retry_after == 99


@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_no_answer_is_an_unknown_result(twilio, mode):
	twilio.mode = mode
	with pytest.raises(UnknownResult):
		send()
	assert len(twilio.received) == 1


def test_a_refused_connection_is_temporary(twilio):
	twilio.stop()
	try:
		with pytest.raises(TemporaryFailure):
			send()
	finally:
		twilio.start()


def test_a_wrong_token_is_temporary_with_a_clear_reason(twilio):
	"""An admin puts it right, or is about to when it changes; until then no message is lost."""
	use_twilio(twilio, twilio_auth_token="wrong-token-0123456789")
	with pytest.raises(TemporaryFailure) as caught:
		send()
	assert "20003" in caught.value.reason
	assert "wrong-token" not in caught.value.reason


def test_missing_credentials(twilio):
	configure(twilio_sender="")
	assert "SMS" not in base.available()
	with pytest.raises(TemporaryFailure):
		send()


def test_nothing_of_it_is_logged(twilio, caplog):
	caplog.set_level(logging.DEBUG)
	number = saudi_mobile()
	send(number)
	for secret in (number, AUTH_TOKEN, "Ticket 1: Ready"):
		assert secret not in caplog.text
	assert AUTH_TOKEN not in repr(client.credentials())


def test_the_account_of_the_telephony_app(twilio):
	frappe.db.set_single_value("TP Twilio Settings", "account_sid", ACCOUNT_SID)
	set_encrypted_password("TP Twilio Settings", "TP Twilio Settings", AUTH_TOKEN, "auth_token")
	frappe.db.set_single_value("TP Twilio Settings", "auth_token", "*" * 10)
	frappe.clear_document_cache("TP Twilio Settings", "TP Twilio Settings")
	use_twilio(twilio, twilio_account_sid="", twilio_auth_token="", use_telephony_credentials=1)
	send()
	assert len(twilio.received) == 1
	configure(use_telephony_credentials=0)


def test_the_base_address_may_have_a_path(twilio, monkeypatch):
	"""A proxy may live below a path of a host."""
	asked = []
	monkeypatch.setattr(
		client.http, "request", lambda method, url, *rest, **more: asked.append(url) or _accepted()
	)
	configure(twilio_api_base="https://proxy.example.com/twilio/")
	send()
	assert asked == [f"https://proxy.example.com/twilio/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"]


def test_twilios_own_address_is_the_default(twilio, monkeypatch):
	asked = []
	monkeypatch.setattr(
		client.http, "request", lambda method, url, *rest, **more: asked.append(url) or _accepted()
	)
	configure(twilio_api_base="")
	send()
	assert asked[0].startswith("https://api.twilio.com/2010-04-01/")


def _accepted():
	return client.http.Answer(201, '{"sid": "SM1", "status": "queued"}', {})
