"""WhatsApp by Twilio, against a loopback server that refuses what Twilio documents that it refuses."""

import json
from dataclasses import replace

import pytest

from customer_portal.channels import base
from customer_portal.channels.base import PermanentFailure, TemporaryFailure, Words
from customer_portal.integrations.twilio import client
from tests.factories import saudi_mobile
from tests.gateways import configure
from tests.gateways.twilio import ACCOUNT_SID
from tests.twilio_hooks import SITE

SENDER = "+15005550009"
SERVICE = "MG" + "cd" * 16
CONTENT_SID = "HX" + "ab" * 16
RECEIPTS = f"{SITE}/portal/hooks/twilio/receipt?message=m1"
WORDS = Words(
	ticket="42",
	reference="m1",
	language="en",
	company="Repairs & Söhne",
	label='Ready "now"',
	headline="Your ticket 42 is now: Ready",
	link="https://help.example.com/t/abc",
	receipts=RECEIPTS,
	whatsapp_template=CONTENT_SID,
)


@pytest.fixture
def whatsapp(twilio):
	configure(send_whatsapp=1, whatsapp_sender=SENDER)
	yield base.registry["WhatsApp"]
	configure(send_whatsapp=0, whatsapp_sender="")


def test_an_approved_text_with_its_variables(whatsapp, twilio):
	number = saudi_mobile()
	receipt = whatsapp.send(number, whatsapp.compose(replace(WORDS, message="Come by.")))
	(message,) = twilio.received
	fields = dict(message["fields"])
	assert json.loads(fields.pop("ContentVariables")) == {
		"1": "Repairs & Söhne",
		"2": "42",
		"3": 'Ready "now"',
		"4": "https://help.example.com/t/abc",
		"5": "Come by.",
	}
	assert fields == {
		"To": f"whatsapp:{number}",
		"From": f"whatsapp:{SENDER}",
		"ContentSid": CONTENT_SID,
		"StatusCallback": RECEIPTS,
	}
	assert receipt.provider_id == message["sid"]


def test_no_variable_is_empty(whatsapp):
	"""WhatsApp refuses a template with an empty place."""
	assert all(whatsapp.compose(WORDS).variables.values())


def test_a_messaging_service_sends(whatsapp, twilio):
	configure(whatsapp_sender=SERVICE)
	whatsapp.send(saudi_mobile(), whatsapp.compose(WORDS))
	assert twilio.received[0]["fields"]["MessagingServiceSid"] == SERVICE
	assert "From" not in twilio.received[0]["fields"]


def test_it_is_there_when_it_is_switched_on_and_configured(whatsapp):
	assert "WhatsApp" in base.available()
	configure(whatsapp_sender="")
	assert "WhatsApp" in base.switched_on()
	assert "WhatsApp" not in base.available()
	configure(send_whatsapp=0)
	assert "WhatsApp" not in base.switched_on()


def test_a_language_without_an_approved_text(whatsapp):
	with pytest.raises(PermanentFailure):
		whatsapp.compose(replace(WORDS, whatsapp_template=""))


def test_without_a_sender_nothing_is_sent(whatsapp, twilio):
	configure(whatsapp_sender="")
	with pytest.raises(TemporaryFailure):
		whatsapp.send(saudi_mobile(), whatsapp.compose(WORDS))
	assert not twilio.received


@pytest.mark.parametrize("code", [63007, 63014, 63016, 63024, 21656])
def test_refusals_are_permanent_and_say_the_code(whatsapp, twilio, code):
	twilio.mode = f"code {code}"
	with pytest.raises(PermanentFailure) as caught:
		whatsapp.send(saudi_mobile(), whatsapp.compose(WORDS))
	assert f"(error {code})" in caught.value.reason


@pytest.mark.parametrize(
	"code, changes",
	[
		(21609, {"receipts": "http://localhost/portal"}),
		(21609, {"receipts": "portal/hooks"}),
		(21655, {"template": "welcome"}),
		(21656, {"variables": {"1": ""}}),
	],
)
def test_twilio_refuses_what_is_wrong(whatsapp, twilio, code, changes):
	message = replace(whatsapp.compose(WORDS), **changes)
	with pytest.raises(PermanentFailure) as caught:
		whatsapp.send(saudi_mobile(), message)
	assert str(code) in caught.value.reason
	assert not twilio.received


def test_twilio_refuses_an_empty_message(twilio):
	with pytest.raises(PermanentFailure) as caught:
		client.send(saudi_mobile(), "")
	assert "21619" in caught.value.reason
	assert ACCOUNT_SID not in caught.value.reason
