"""What customers answer to our SMS and WhatsApp messages."""

import frappe
import pytest

from customer_portal import opt_outs
from customer_portal.channels.base import PHONE
from customer_portal.notifications import dispatch, outbox, wake
from customer_portal.notifications.answers import START_WORDS, STOP_WORDS
from customer_portal.otp.recipients import Recipient
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.gateways.twilio import ACCOUNT_SID, SENDER
from tests.twilio_hooks import MESSAGE_HOOK, sign


@pytest.fixture
def number():
	return saudi_mobile()


def is_out(number: str, channel: str = "SMS") -> bool:
	frappe.db.commit()
	return opt_outs.is_out(channel, Recipient(PHONE, number))


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_stop_words(hooks, number, word):
	answer = hooks.text(number, word)
	assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
	assert answer.text.endswith("<Response/>")
	assert is_out(number)
	assert not is_out(number, "WhatsApp")


@pytest.mark.parametrize("word", sorted(START_WORDS))
def test_start_words(hooks, number, word):
	hooks.text(number, "STOP")
	assert hooks.text(number, word).status_code == 200
	assert not is_out(number)


@pytest.mark.parametrize("text", ["stop", " Stop. ", "STOP\n", "stop!", '"STOP"'])
def test_spelling(hooks, number, text):
	hooks.text(number, text)
	assert is_out(number)


@pytest.mark.parametrize(
	"text",
	["", "Stop please", "Don't stop", "When does it end?", "توقف", "😀" * 1600, "a\nb", "1 STOP", "x" * 4096],
)
def test_other_texts_change_nothing(hooks, number, text):
	assert hooks.text(number, text).status_code == 200
	assert not is_out(number)
	hooks.text(number, "STOP")
	assert hooks.text(number, text).status_code == 200
	assert is_out(number)


def test_what_twilio_made_of_a_word_in_another_language(hooks, number):
	hooks.text(number, "توقف", OptOutType="STOP")
	assert is_out(number)
	hooks.text(number, "STOP", OptOutType="HELP")
	assert is_out(number)
	hooks.text(number, "ابدأ", OptOutType="START")
	assert not is_out(number)
	hooks.text(number, "stop", OptOutType="HELP")
	assert not is_out(number)


def test_whatsapp_is_a_channel_of_its_own(hooks, number):
	hooks.text(f"whatsapp:{number}", "STOP")
	assert is_out(number, "WhatsApp")
	assert not is_out(number)
	hooks.text(f"whatsapp:{number}", "start")
	assert not is_out(number, "WhatsApp")


@pytest.mark.parametrize("sender", ["", "Repairs", "12345", "+", "whatsapp:", "+0123456789", "+1" * 40])
def test_senders_that_are_no_numbers(hooks, sender):
	before = frappe.db.count("Portal Opt-Out")
	assert hooks.text(sender, "STOP").status_code == 200
	frappe.db.commit()
	assert frappe.db.count("Portal Opt-Out") == before


def test_a_forged_stop(hooks, number):
	fields = {"AccountSid": ACCOUNT_SID, "From": number, "To": SENDER, "Body": "STOP"}
	for signature in (
		None,
		"x",
		sign(MESSAGE_HOOK, fields, "another token"),
		sign("http://x.example", fields),
	):
		assert hooks.post(MESSAGE_HOOK, fields, signature).status_code == 403
	assert not is_out(number)


def test_no_message_after_stop_and_messages_after_start(hooks, number, twilio, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	configure(send_email=0)
	ticket = make_ticket(number)
	events.forget_told(ticket)
	states = []
	for word in ("STOP", "START"):
		hooks.text(number, word)
		(name,) = outbox.write_link(str(ticket.name))
		frappe.db.commit()
		dispatch.deliver_due()
		states.append(frappe.db.get_value("Portal Notification", name, "state"))
	configure(send_email=1)
	assert states == ["Superseded", "Sent"]
	assert len(twilio.texts_to(number)) == 1
