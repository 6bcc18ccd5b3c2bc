"""Limits on wrong codes: tries, locks, and links that end."""

import frappe
import pytest

from customer_portal import links
from tests import doors
from tests.doors import email_of, lift, lift_failures, lift_sends
from tests.gateways import configure

pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def door():
	return doors.make_door()


@pytest.mark.parametrize("most", [5, 3])
def test_tries_of_a_code(door, most):
	configure(tries_per_code=most)
	door.ask()
	code, wrong = door.code, door.wrong_code
	answers = [door.enter(wrong) for _ in range(most)]
	assert [answer.tries_left for answer in answers[:-1]] == list(range(most - 1, 0, -1))
	assert [answer.kind for answer in answers] == ["wrong"] * (most - 1) + ["spent"]
	assert door.enter(code).kind == "spent"


@pytest.mark.parametrize(("most", "hours"), [(10, 24), (4, 3)])
def test_failures_lock_the_ticket(door, most, hours):
	configure(failures_per_day=most, lock_hours=hours)
	lift_sends()
	lift("tries_per_code")
	door.ask()
	code = door.code
	answers = door.fail(most)
	assert [answer.kind for answer in answers[:-1]] == ["wrong"] * (most - 1)
	assert (answers[-1].kind, answers[-1].http_status) == ("locked", 429)
	assert door.enter(code).kind == "locked", "the right code while locked"
	assert door.ask().kind == "locked"
	assert doors.another_browser(door).ask(email_of(door), "Email").kind == "locked"
	with doors.later(hours=hours - 1):
		assert door.ask().kind == "locked"
	with doors.later(hours=hours, minutes=1):
		assert door.ask().kind == "sent"
		assert door.enter(door.code).kind == "verified"


def test_failures_add_up_over_codes_browsers_and_channels(door):
	lift_sends()
	configure(failures_per_day=6)
	door.ask()
	door.fail(2)
	other = doors.another_browser(door)
	other.ask()
	other.fail(2)
	third = doors.another_browser(door, typed=email_of(door), channel="Email")
	third.ask()
	assert [answer.kind for answer in third.fail(2)] == ["wrong", "locked"]


def test_success_between_does_not_reset_the_day(door):
	lift_sends()
	configure(failures_per_day=4)
	for _ in range(2):
		browser = doors.another_browser(door)
		browser.ask()
		browser.fail(1)
		assert browser.enter(browser.code).kind == "verified"
	browser = doors.another_browser(door)
	browser.ask()
	assert [answer.kind for answer in browser.fail(2)] == ["wrong", "locked"]


def test_codes_have_six_digits_after_a_lock(door):
	lift_sends()
	configure(failures_per_day=2)
	door.ask()
	door.fail(2)
	with doors.later(hours=25):
		door.ask()
		assert door.challenge.digits == 6
	links.rotate(door.link.ticket)
	renewed = doors.Browser(doors.reload(door.link), door.typed)
	renewed.ask()
	assert renewed.challenge.digits == 6


def test_codes_have_six_digits_while_the_site_is_under_attack(door):
	configure(alarm_failures_per_hour=3)
	lift_failures()
	victim = doors.make_door()
	victim.ask()
	victim.fail(3)
	door.ask()
	assert door.challenge.digits == 4
	victim.fail(1)
	other = doors.make_door()
	other.ask()
	assert other.challenge.digits == 6
	with doors.later(hours=1, seconds=10):
		calm = doors.make_door()
		calm.ask()
		assert calm.challenge.digits == 4


def test_the_raised_number_of_digits_is_a_setting_and_never_lower_than_the_usual(door):
	configure(alarm_failures_per_hour=0, raised_code_length=7)
	victim = doors.make_door()
	victim.ask()
	victim.fail(1)
	door.ask()
	assert door.challenge.digits == 7
	configure(code_length=8)
	other = doors.make_door()
	other.ask()
	assert other.challenge.digits == 8


@pytest.mark.parametrize(("fieldname", "most"), [("failures_in_a_row", 20), ("failures_in_a_row", 3)])
def test_failures_in_a_row_revoke_the_link(door, fieldname, most):
	lift_failures()
	configure(**{fieldname: most})
	door.ask()
	code = door.code
	assert [answer.kind for answer in door.fail(most)] == ["wrong"] * (most - 1) + ["revoked"]
	assert door.enter(code).kind == "revoked"
	assert door.ask().kind == "revoked"
	assert links.resolve(links.token(door.link)) is None
	assert doors.reload(door.link).is_revoked_by_failures


def test_a_success_ends_the_row_and_a_new_code_does_not(door):
	lift_sends()
	lift_failures()
	configure(failures_in_a_row=4)
	door.ask()
	door.fail(3)
	door.enter(door.code)
	door.id = "another browser"
	door.ask()
	assert [answer.kind for answer in door.fail(3)] == ["wrong"] * 3
	door.ask()
	assert door.fail(1)[0].kind == "revoked"


@pytest.mark.parametrize("most", [30, 4])
def test_failures_in_thirty_days_revoke_the_link(door, most):
	lift_sends()
	lift_failures()
	configure(failures_per_30_days=most)
	for step in range(most - 1):
		with doors.later(days=step * 29 / most):
			browser = doors.another_browser(door)
			browser.ask()
			assert browser.fail(1)[0].kind == "wrong"
			assert browser.enter(browser.code).kind == "verified"
	with doors.later(days=29):
		door.ask()
		assert door.fail(1)[0].kind == "revoked"


def test_an_unlock_counts_anew(door):
	lift_sends()
	configure(failures_per_day=3, failures_in_a_row=5, failures_per_30_days=5)
	door.ask()
	door.fail(3)
	assert door.ask().kind == "locked"
	links.unlock(door.link.ticket)
	frappe.db.commit()
	assert door.ask().kind == "sent"
	assert [answer.kind for answer in door.fail(2)] == ["wrong", "wrong"]
	assert door.enter(door.code).kind == "verified"


def test_a_rotation_counts_anew_but_keeps_the_digits(door):
	lift_sends()
	configure(failures_per_day=3)
	door.ask()
	door.fail(3)
	links.rotate(door.link.ticket)
	renewed = doors.Browser(doors.reload(door.link), door.typed)
	assert renewed.ask().kind == "sent"
	assert [answer.kind for answer in renewed.fail(2)] == ["wrong", "wrong"]


@pytest.mark.parametrize("most", [30, 4])
def test_checks_from_one_address(most):
	configure(checks_per_ip_per_hour=most)
	browsers = [doors.make_door() for _ in range(8)]
	for browser in browsers:
		browser.address = "203.0.113.88"
		browser.ask()
	lift("tries_per_code", "failures_per_day", "failures_in_a_row")
	answers = [browsers[number % 8].fail(1)[0].kind for number in range(most)]
	assert set(answers) == {"wrong"}
	assert browsers[0].enter(browsers[0].code).kind == "limited", "also the right code"
	with doors.later(minutes=59):
		assert browsers[0].fail(1)[0].kind == "limited"
	browsers[0].address = doors.new_address()
	assert browsers[0].enter(browsers[0].code).kind == "verified"
