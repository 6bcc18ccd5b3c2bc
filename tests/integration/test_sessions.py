"""A verified browser's session for one ticket."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import links, sessions
from customer_portal.clock import utc_now
from customer_portal.customer_portal.doctype.portal_otp_session.portal_otp_session import PortalOTPSession
from tests import doors
from tests.gateways import configure

pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def door():
	return doors.make_door()


def seen(door, token, **units):
	"""The session, when the page is opened so much later."""
	with doors.later(**units):
		visit = doors.visit(door.link, token)
		return visit and visit.session


def test_a_right_code_opens_a_session(door):
	verified = door.sign_in(user_agent="Phone")
	session = seen(door, verified.session_token)
	assert verified.kind == "verified"
	assert verified.expires is None
	assert (session.ticket, session.recipient, session.channel) == (door.link.ticket, door.typed, "SMS")
	assert frappe.db.get_value(sessions.DOCTYPE, session.name, "user_agent") == "Phone"


def test_the_token_has_256_bits_and_is_not_stored(door):
	token = door.sign_in().session_token
	assert len(bytes.fromhex(token)) == 32
	row = frappe.db.get_value(sessions.DOCTYPE, {"link": door.link.name}, "*", as_dict=True)
	assert token not in str(row)
	assert row.seed is None
	assert row.code_digest is None


def test_the_outcome_does_not_print_the_token(door):
	verified = door.sign_in()
	assert verified.session_token not in repr(verified)


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64, "' OR 1=1", "\x00", "9" * 100_000])
def test_what_is_no_token_opens_nothing(door, token):
	door.sign_in()
	assert doors.visit(door.link, token).session is None


def test_a_session_opens_one_ticket_only(door):
	other = doors.make_door()
	token = door.sign_in().session_token
	assert doors.visit(other.link, token).session is None


def test_two_browsers_are_two_sessions(door):
	first = door.sign_in().session_token
	other = doors.another_browser(door)
	configure(resend_after_seconds=0)
	second = other.sign_in().session_token
	assert first != second
	one, two = seen(door, first), seen(door, second)
	sessions.close(one)
	assert seen(door, first) is None
	assert seen(door, second).name == two.name


@pytest.mark.parametrize("minutes", [30, 5])
def test_the_idle_limit(door, minutes):
	configure(session_idle_minutes=minutes)
	token = door.sign_in().session_token
	assert seen(door, token, minutes=minutes, seconds=5) is None


def test_use_moves_the_idle_limit(door):
	token = door.sign_in().session_token
	assert seen(door, token, minutes=29)
	assert seen(door, token, minutes=58)
	assert seen(door, token, minutes=90) is None


def test_a_page_that_refreshes_itself_does_not_keep_the_session(door):
	token = door.sign_in().session_token
	with doors.later(minutes=29):
		assert sessions.resume(door.link, token, is_activity=False)
	assert seen(door, token, minutes=31) is None


def test_use_is_written_at_most_once_a_minute(door):
	token = door.sign_in().session_token
	first = seen(door, token)
	assert seen(door, token, seconds=50).last_seen_at == first.last_seen_at
	seen(door, token, seconds=70)
	assert seen(door, token, seconds=80).last_seen_at > first.last_seen_at


def test_use_is_written_even_though_a_get_request_commits_nothing(door):
	token = door.sign_in().session_token
	with doors.later(minutes=20):
		doors.visit(door.link, token)
		frappe.db.rollback()
	assert seen(door, token, minutes=45)


@pytest.mark.parametrize("hours", [8, 2])
def test_the_absolute_limit(door, hours):
	configure(session_absolute_hours=hours)
	token = door.sign_in().session_token
	for step in range(1, hours * 3):
		assert seen(door, token, minutes=step * 20)
	assert seen(door, token, hours=hours, seconds=1) is None


def test_a_device_is_remembered_only_where_admins_allow_it(door):
	assert door.sign_in(remember=True).expires is None


def test_a_remembered_device(door):
	configure(allow_remember_device=1, remember_device_days=10)
	verified = door.sign_in(remember=True)
	assert abs(verified.expires - utc_now() - timedelta(days=10)) < timedelta(minutes=1)
	assert seen(door, verified.session_token, days=9, hours=23)
	assert seen(door, verified.session_token, days=10, minutes=1) is None


def test_without_the_choice_the_device_is_not_remembered(door):
	configure(allow_remember_device=1)
	verified = door.sign_in()
	assert verified.expires is None
	assert seen(door, verified.session_token, hours=1) is None


def test_signing_out(door):
	token = door.sign_in().session_token
	session = seen(door, token)
	sessions.close(session)
	sessions.close(session)
	assert doors.visit(door.link, token).session is None
	row = frappe.db.get_value(sessions.DOCTYPE, session.name, ["state", "session_digest"], as_dict=True)
	assert (row.state, row.session_digest) == ("Closed", None)


def test_after_signing_out_a_new_code_is_needed(door):
	token = door.sign_in().session_token
	sessions.close(seen(door, token))
	assert door.enter("0000").kind == "missing"


def lock_by_a_stranger(door):
	"""Somebody who knows the number asks for codes and guesses wrong."""
	configure(resend_after_seconds=0, failures_per_day=2)
	stranger = doors.another_browser(door)
	stranger.ask()
	stranger.fail(2)


def test_a_session_survives_a_lock(door):
	token = door.sign_in().session_token
	lock_by_a_stranger(door)
	assert doors.reload(door.link).lock_seconds
	assert seen(door, token)


def test_a_session_survives_a_revocation_by_others_failures(door):
	token = door.sign_in().session_token
	configure(failures_in_a_row=2)
	lock_by_a_stranger(door)
	assert links.resolve(links.token(door.link)) is None
	assert doors.visit(door.link) is None, "a stranger sees an unknown link"
	assert seen(door, token).ticket == door.link.ticket


def test_an_agents_revocation_after_that_ends_it(door):
	token = door.sign_in().session_token
	configure(failures_in_a_row=2)
	lock_by_a_stranger(door)
	links.revoke(door.link.ticket, "Test")
	assert seen(door, token) is None


def test_agents_see_live_sessions_without_anything_secret(door):
	token = door.sign_in().session_token
	listed = sessions.of_ticket(door.link.ticket)
	assert [one.masked_recipient for one in listed] == [f"+966 ••• {door.typed[-3:]}"]
	assert token not in str(listed)
	sessions.close(listed[0])
	assert sessions.of_ticket(door.link.ticket) == []


def test_old_rows_are_purged(door):
	door.sign_in()
	young = doors.make_door()
	young.ask()
	old = {"expires_at": utc_now() - timedelta(days=31), "absolute_until": utc_now() - timedelta(days=31)}
	frappe.db.set_value(sessions.DOCTYPE, {"link": door.link.name}, old)
	PortalOTPSession.clear_old_logs(30)
	assert not frappe.db.exists(sessions.DOCTYPE, {"link": door.link.name})
	assert young.challenge
