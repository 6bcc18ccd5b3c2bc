"""Asking for a code: who gets one, where it goes, and what nobody can read anywhere."""

import frappe
import pytest

from customer_portal import sessions
from customer_portal.otp import challenge, keyed_codes, recipients
from customer_portal.otp.recipients import Recipient
from tests import doors
from tests.factories import make_contact, make_ticket, saudi_mobile, unique
from tests.gateways import configure

pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def door():
	return doors.make_door()


def row_of(browser):
	return frappe.db.get_value(sessions.DOCTYPE, browser.challenge.name, "*", as_dict=True)


def sends_of(ticket):
	return frappe.db.count("Portal Throttle Event", {"kind": "Send", "subject": f"ticket:{ticket}"})


def test_a_match_gets_a_code(door, at_the_door):
	asked = door.ask()
	assert (asked.kind, asked.http_status) == ("sent", 200)
	assert at_the_door == [door.challenge.name]
	assert asked.message == f"We sent a code by SMS to +966 ••• {door.typed[-3:]}."


@pytest.mark.parametrize(
	"spell",
	[
		lambda number: "0" + number[4:],
		lambda number: number[4:],
		lambda number: number[1:],
		lambda number: "00" + number[1:],
		lambda number: f"{number[:4]} (0) {number[4:6]} {number[6:]}",
		lambda number: "".join(chr(0x660 + int(digit)) for digit in "0" + number[4:]),
	],
)
def test_the_number_may_be_typed_in_any_form(door, spell):
	assert door.ask(spell(door.typed)).kind == "sent"
	assert door.challenge.recipient == door.typed


def test_a_mismatch_gets_one_sentence_and_no_code(door, at_the_door):
	asked = door.ask(saudi_mobile())
	assert (asked.kind, asked.http_status) == ("mismatch", 422)
	assert asked.message == "This phone number does not match this ticket."
	assert door.challenge is None
	assert at_the_door == []
	assert sends_of(door.link.ticket) == 0


def test_another_tickets_number_is_a_mismatch(door):
	other = doors.make_door()
	assert door.ask(other.typed).kind == "mismatch"


@pytest.mark.parametrize("typed", ["", "x", "12", "name@example.com", "\x00", "9" * 5000])
def test_what_is_no_number_is_told_so_and_not_counted(door, typed):
	assert challenge.start(door.link, "SMS", typed, door.id, door.address, "en").kind == "unreadable"
	assert not frappe.db.exists("Portal Throttle Event", {"kind": "Mismatch"})


@pytest.mark.parametrize("channel", ["", "WhatsApp", "sms", "x" * 1000])
def test_an_unknown_channel_sends_nothing(door, channel):
	assert challenge.start(door.link, channel, door.typed, door.id, door.address, "en").kind == "unavailable"


def known_to(**values):
	ticket = make_ticket(**values)
	return {(one.channel, one.address) for one in recipients.of(str(ticket.name))}


def test_a_ticket_knows_its_contact_its_raiser_and_its_own_fields():
	phones = [saudi_mobile() for _ in range(4)]
	emails = [f"{unique('customer')}@example.com" for _ in range(4)]
	contact = make_contact(phones[0], emails[0])
	contact.append("phone_nos", {"phone": phones[1], "is_primary_phone": 1})
	contact.append("phone_nos", {"phone": phones[2]})
	contact.append("email_ids", {"email_id": emails[1]})
	contact.save(ignore_permissions=True)
	found = known_to(
		contact=contact.name, raised_by=emails[2], portal_phone=phones[3], portal_email=emails[3]
	)
	assert found == {("SMS", one) for one in phones} | {("Email", one) for one in emails}


def test_a_recipient_stored_twice_is_known_once():
	phone, email = saudi_mobile(), f"{unique('Customer')}@Example.com"
	ticket = make_ticket(phone, email, portal_phone="0" + phone[4:], portal_email=email.lower())
	assert len(recipients.of(str(ticket.name))) == 2


def test_the_recipients_of_a_ticket_cost_at_most_three_reads(door):
	recipients.of(door.link.ticket)
	before = _questions()
	recipients.of(door.link.ticket)
	assert _questions() - before - 1 <= 3


def _questions():
	return int(frappe.db.sql("SHOW SESSION STATUS LIKE 'Questions'")[0][1])


def test_a_ticket_without_a_contact_or_with_unreadable_numbers_is_no_error():
	contact = make_contact(email=f"{unique('customer')}@example.com")
	frappe.db.set_value("Contact", contact.name, "mobile_no", "call the shop")
	assert all(channel == "Email" for channel, _ in known_to(contact=contact.name))
	assert recipients.of("no such ticket") == []


def test_the_code_goes_to_the_stored_address_and_not_to_the_typed_one(at_the_door):
	door = doors.make_door(email="Name.Of@Stored-Example.com")
	assert door.ask("NAME.of@stored-EXAMPLE.com", "Email").kind == "sent"
	assert door.challenge.recipient.lower() == "name.of@stored-example.com"
	known = {one.address for one in recipients.of(door.link.ticket)}
	assert door.challenge.recipient in known


def test_neither_code_nor_browser_is_stored(door):
	door.ask()
	stored = row_of(door)
	code = keyed_codes.derive(stored.seed, stored.digits)
	texts = {
		str(value) for field, value in stored.items() if field not in ("digits", "idx", "docstatus", "ticket")
	}
	assert code not in texts
	assert all(door.id not in text for text in texts)


def test_the_digest_needs_the_key_outside_the_database(door, monkeypatch):
	door.ask()
	asked, code = door.challenge, door.code
	assert keyed_codes.digest(asked.name, code) == asked.code_digest
	monkeypatch.setattr("customer_portal.keys.get_encryption_key", lambda: "another key")
	assert keyed_codes.digest(asked.name, code) != asked.code_digest
	assert keyed_codes.derive(asked.seed, 8) != code


def test_a_code_has_four_digits_and_lives_five_minutes(door):
	door.ask()
	assert len(door.code) == door.challenge.digits == 4
	assert (door.challenge.expires_at - door.challenge.asked_at).total_seconds() == 300


@pytest.mark.parametrize(("setting", "digits"), [(4, 4), (6, 6), (8, 8), (1, 4), (12, 8)])
def test_the_number_of_digits_is_a_setting_from_four_to_eight(door, setting, digits):
	configure(code_length=setting)
	door.ask()
	assert len(door.code) == digits
	assert door.enter(door.code).kind == "verified"


def test_a_code_expires(door):
	door.ask()
	code = door.code
	with doors.later(minutes=5, seconds=1):
		assert door.enter(code).kind == "expired"
	assert door.challenge.tries == 0


def test_the_lifetime_is_a_setting(door):
	configure(code_lifetime_minutes=10)
	door.ask()
	with doors.later(minutes=9):
		assert door.enter(door.code).kind == "verified"


def test_a_code_works_once(door):
	door.ask()
	code = door.code
	assert door.enter(code).kind == "verified"
	assert door.enter(code).kind == "used"


def test_a_new_code_ends_the_old_one(door):
	door.ask()
	old = door.code
	with doors.later(seconds=31):
		assert door.ask_again().kind == "sent"
		fresh = door.code
		if old != fresh:
			assert door.enter(old).kind == "wrong"
		assert door.enter(fresh).kind == "verified"


def test_a_new_code_in_another_browser_ends_the_old_one(door):
	door.ask()
	old = door.code
	with doors.later(seconds=31):
		other = doors.another_browser(door)
		assert other.ask().kind == "sent"
		assert door.enter(old).kind == "superseded"
		assert other.enter(other.code).kind == "verified"


def test_a_code_asked_for_in_one_browser_fails_in_another(door):
	door.ask()
	stranger = doors.another_browser(door)
	assert stranger.enter(door.code).kind == "missing"
	assert door.enter(door.code).kind == "verified"


def test_a_code_of_one_ticket_does_nothing_for_another(door):
	other = doors.make_door()
	door.ask()
	other.id = door.id
	assert other.enter(door.code).kind == "missing"


@pytest.mark.parametrize("code", ["", " ", "12", "abcd", "12ab", "1" * 9, "\x001234", "1" * 100_000])
def test_what_is_no_code_takes_no_try(door, code):
	door.ask()
	assert door.enter(code).kind == "unreadable"
	assert door.challenge.tries == 0


def test_a_code_may_be_typed_in_other_digits_and_with_spaces(door):
	door.ask()
	arabic = "".join(chr(0x660 + int(digit)) for digit in door.code)
	assert door.enter(f" {arabic[:2]} {arabic[2:]} ").kind == "verified"


def test_the_page_sees_what_it_waits_for(door):
	assert challenge.pending(door.link, door.id) is None
	door.ask()
	pending = challenge.pending(door.link, door.id)
	assert (pending.state, pending.channel, pending.digits) == ("Pending", "SMS", 4)
	assert pending.masked_recipient == Recipient("SMS", door.typed).masked
	assert (pending.resend_at - door.challenge.asked_at).total_seconds() == 30
	with doors.later(minutes=6):
		assert challenge.pending(door.link, door.id).state == "Expired"
	with doors.later(hours=2):
		assert challenge.pending(door.link, door.id) is None


def test_once_verified_nothing_is_pending(door):
	door.sign_in()
	assert challenge.pending(door.link, door.id) is None


def test_sending_again_needs_an_earlier_code_in_this_browser(door):
	assert door.ask_again().kind == "missing"
	door.sign_in()
	with doors.later(minutes=1):
		assert door.ask_again().kind == "missing"


def test_sending_again_goes_nowhere_once_the_ticket_forgot_the_number(door):
	door.ask()
	contact = frappe.db.get_value("HD Ticket", door.link.ticket, "contact")
	frappe.db.set_value("HD Ticket", door.link.ticket, "contact", None)
	with doors.later(minutes=1):
		assert door.ask_again().kind == "mismatch"
	assert contact


def test_channels_are_those_that_the_site_can_send_by(door):
	assert challenge.offered_channels() == ["SMS", "Email"]
	configure(send_email=0)
	assert challenge.offered_channels() == ["SMS"]
	configure(send_email=1, sms_provider="")
	assert challenge.offered_channels() == ["Email"]
	assert door.ask().kind == "unavailable"


def test_the_messages_are_in_the_language_of_the_request(door):
	frappe.local.lang = "ar"
	with_arabic_time = door.ask() and door.ask()
	assert "ثانية" in with_arabic_time.message or "ثوان" in with_arabic_time.message
