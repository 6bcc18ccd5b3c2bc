"""Many guesses at once, each on a database connection of its own."""

import frappe
import pytest

from customer_portal import sessions
from customer_portal.otp import codes as codes_module
from customer_portal.otp import record, verify
from tests import doors
from tests.gateways import configure
from tests.threads import in_parallel

pytestmark = pytest.mark.usefixtures("at_the_door")

GUESSES = 200


@pytest.fixture
def door():
	configure(checks_per_ip_per_hour=10_000)
	door = doors.make_door()
	door.ask()
	return door


@pytest.fixture
def comparisons(monkeypatch):
	"""Every comparison of a code that was made."""
	made = []
	compare = codes_module.is_same

	def counting(digest, other):
		made.append(other)
		return compare(digest, other)

	monkeypatch.setattr(codes_module, "is_same", counting)
	return made


def kinds(answers):
	return {kind: [one.kind for one in answers].count(kind) for kind in {one.kind for one in answers}}


def failures(door):
	subject = f"ticket:{door.link.ticket}"
	return frappe.db.count("Portal Throttle Event", {"kind": "Failure", "subject": subject})


def test_two_hundred_wrong_codes_compare_five(door, comparisons):
	code = door.code
	answers = in_parallel(door.enter, doors.wrong_codes(code)[:GUESSES])
	assert len(comparisons) == 5
	assert failures(door) == door.challenge.tries == 5
	assert kinds(answers) == {"wrong": 4, "spent": GUESSES - 4}
	assert door.enter(code).kind == "spent"


def test_with_more_tries_the_ticket_locks_at_exactly_ten(door, comparisons):
	configure(tries_per_code=1000)
	code = door.code
	answers = in_parallel(door.enter, doors.wrong_codes(code)[:GUESSES])
	assert len(comparisons) == failures(door) == 10
	assert kinds(answers) == {"wrong": 9, "locked": GUESSES - 9}
	assert door.enter(code).kind == "locked"
	assert doors.reload(door.link).failures_in_a_row == 10


def test_codes_of_many_browsers_share_the_budget(comparisons):
	"""Each new code has five tries of its own, and the ticket still has ten."""
	configure(resend_after_seconds=0, sends_per_15_minutes=100, sends_per_hour=100, sends_per_day=100)
	configure(destination_sends_per_hour=100, destination_sends_per_day=100)
	first = doors.make_door()
	for _ in range(6):
		browser = doors.another_browser(first)
		browser.ask()
		if browser.challenge is None:
			break
		in_parallel(browser.enter, doors.wrong_codes(browser.code)[:20], workers=10)
	assert len(comparisons) == failures(first) == 10


def test_the_right_code_among_wrong_ones_opens_one_session_or_none(door):
	code = door.code
	guesses = doors.wrong_codes(code)[:40] + [code] * 10
	answers = in_parallel(door.enter, guesses[::-1])
	assert kinds(answers).get("verified", 0) <= 1
	assert failures(door) <= 5


def test_the_right_code_twice_at_once_opens_one_session(door):
	answers = in_parallel(door.enter, [door.code] * 20)
	assert kinds(answers) == {"verified": 1, "used": 19}
	assert frappe.db.count(sessions.DOCTYPE, {"link": door.link.name, "state": "Verified"}) == 1


def test_a_challenge_becomes_a_session_once_even_without_the_lock(door):
	opened = in_parallel(_open, [door.challenge.name] * 20)
	assert len([one for one in opened if one]) == 1


def _open(name):
	result = sessions.open(name, False, "")
	frappe.db.commit()
	return result


def test_tries_are_taken_one_by_one_even_without_the_lock(door):
	taken = in_parallel(_take_try, [door.challenge.name] * 40)
	assert taken.count(True) == 5


def _take_try(name):
	result = record.take_try(name)
	frappe.db.commit()
	return result


def test_parallel_requests_for_codes_send_one(at_the_door):
	door = doors.make_door()
	browsers = [doors.another_browser(door) for _ in range(30)]
	answers = in_parallel(doors.Browser.ask, browsers, workers=15)
	assert kinds(answers) == {"sent": 1, "wait": 29}
	assert len(at_the_door) == 1
	assert frappe.db.count(sessions.DOCTYPE, {"link": door.link.name, "state": "Pending"}) == 1


def test_first_codes_of_many_tickets_at_once_do_not_wait_for_each_other(at_the_door):
	browsers = [doors.make_door() for _ in range(60)]
	answers = in_parallel(doors.Browser.ask, browsers, workers=20)
	assert kinds(answers) == {"sent": 60}
	assert len(at_the_door) == 60


def test_parallel_mismatches_are_counted_exactly():
	door = doors.make_door()
	browsers = [doors.another_browser(door, typed="+966500000001") for _ in range(30)]
	answers = in_parallel(doors.Browser.ask, browsers, workers=15)
	assert kinds(answers) == {"mismatch": 5, "limited": 25}


def test_one_destination_over_many_tickets_at_once(at_the_door):
	configure(destination_sends_per_hour=3)
	phone = doors.make_door().typed
	browsers = [doors.make_door(portal_phone=phone) for _ in range(12)]
	for browser in browsers:
		browser.typed = phone
	answers = in_parallel(doors.Browser.ask, browsers, workers=12)
	assert kinds(answers) == {"sent": 3, "limited": 9}
	assert len(at_the_door) == 3


def test_one_address_over_many_tickets_at_once():
	configure(checks_per_ip_per_hour=7)
	browsers = [doors.make_door() for _ in range(10)]
	for browser in browsers:
		browser.ask()
		browser.address = "203.0.113.99"
	guesses = [(browser, browser.wrong_code) for browser in browsers for _ in range(3)]
	answers = in_parallel(lambda guess: guess[0].enter(guess[1]), guesses, workers=15)
	assert kinds(answers) == {"wrong": 7, "limited": 23}


def test_the_sms_budget_of_the_site_at_once(at_the_door):
	configure(sms_per_hour=4)
	browsers = [doors.make_door() for _ in range(12)]
	answers = in_parallel(doors.Browser.ask, browsers, workers=12)
	assert kinds(answers) == {"sent": 4, "unavailable": 8}


def test_a_wrong_code_is_on_record_before_the_answer(door, monkeypatch):
	"""Whoever breaks the connection, or makes the answer fail, is counted all the same."""
	monkeypatch.setattr(verify.sentences, "wrong", lambda tries_left: None)
	door.enter(door.wrong_code)
	frappe.db.rollback()
	assert failures(door) == 1
