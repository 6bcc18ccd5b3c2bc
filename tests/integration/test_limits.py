"""Every limit of the verification, as installed and with a changed setting."""

import frappe
import pytest

from customer_portal import links, throttle
from customer_portal.customer_portal.doctype.portal_throttle_event.portal_throttle_event import (
	PortalThrottleEvent,
)
from tests import doors
from tests.doors import email_of, lift, lift_sends
from tests.factories import saudi_mobile
from tests.gateways import configure

pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def door():
	return doors.make_door()


def ask_times(door, times):
	return [door.ask().kind for _ in range(times)]


def test_sends_are_thirty_seconds_apart(door):
	assert door.ask().kind == "sent"
	again = door.ask()
	assert (again.kind, again.http_status) == ("wait", 429)
	assert 27 <= again.retry_after <= 30
	assert door.ask_again().kind == "wait"
	with doors.later(seconds=31):
		assert door.ask_again().kind == "sent"


def test_the_pause_holds_for_the_ticket_and_not_for_the_browser(door):
	door.ask()
	other = doors.another_browser(door)
	assert other.ask().kind == "wait"
	assert other.ask(email_of(door), "Email").kind == "wait"


def test_the_pause_is_a_setting(door):
	configure(resend_after_seconds=90)
	door.ask()
	with doors.later(seconds=60):
		assert door.ask().kind == "wait"
	with doors.later(seconds=91):
		assert door.ask().kind == "sent"


@pytest.mark.parametrize(
	("fieldname", "most", "window"),
	[
		("sends_per_15_minutes", 3, {"minutes": 15}),
		("sends_per_hour", 5, {"hours": 1}),
		("sends_per_day", 10, {"days": 1}),
		("sends_per_ip_per_hour", 10, {"hours": 1}),
		("destination_sends_per_hour", 5, {"hours": 1}),
		("destination_sends_per_day", 10, {"days": 1}),
	],
)
@pytest.mark.parametrize("changed", [None, 2])
def test_sends(door, fieldname, most, window, changed):
	lift_sends()
	configure(**{fieldname: changed or most})
	expected = changed or most
	assert ask_times(door, expected) == ["sent"] * expected
	refused = door.ask()
	assert (refused.kind, refused.http_status) == ("limited", 429)
	assert refused.retry_after > 0
	with doors.later(**{unit: number / 2 for unit, number in window.items()}):
		assert door.ask().kind == "limited"
	with doors.later(**window, seconds=10):
		assert door.ask().kind == "sent"


def test_a_ticket_has_one_budget_over_browsers_channels_addresses_and_spellings(door):
	lift_sends()
	configure(sends_per_15_minutes=3)
	email = email_of(door)
	local = "0" + door.typed[4:]
	assert doors.another_browser(door).ask().kind == "sent"
	assert doors.another_browser(door).ask(local).kind == "sent"
	assert doors.another_browser(door).ask(email.upper(), "Email").kind == "sent"
	assert doors.another_browser(door).ask().kind == "limited"
	assert doors.another_browser(door).ask(email, "Email").kind == "limited"


@pytest.mark.parametrize("act", [links.unlock, links.rotate])
def test_an_agent_lifts_what_the_ticket_has_used_up(door, act):
	lift_sends()
	configure(sends_per_hour=2)
	assert ask_times(door, 3) == ["sent", "sent", "limited"]
	door.link = _after(act, door)
	assert ask_times(door, 3) == ["sent", "sent", "limited"]


@pytest.mark.parametrize("act", [links.unlock, links.rotate])
def test_an_agent_lifts_entries_that_did_not_match(door, act):
	assert [door.ask(saudi_mobile()).kind for _ in range(5)] == ["mismatch"] * 5
	assert door.ask().kind == "limited"
	door.link = _after(act, door)
	assert [door.ask(saudi_mobile()).kind for _ in range(4)] == ["mismatch"] * 4
	assert door.ask().kind == "sent"


@pytest.mark.parametrize("act", [links.unlock, links.rotate])
def test_no_agent_lifts_the_budget_of_a_destination(door, act):
	lift_sends()
	configure(destination_sends_per_hour=2)
	ask_times(door, 2)
	door.link = _after(act, door)
	assert door.ask().kind == "limited"


def _after(act, door):
	act(door.link.ticket)
	return doors.reload(door.link)


def test_a_destination_has_one_budget_over_all_tickets_and_spellings():
	lift_sends()
	configure(destination_sends_per_hour=3)
	phone = saudi_mobile()
	spellings = [phone, "0" + phone[4:], "00" + phone[1:], phone[4:]]
	browsers = [doors.make_door(portal_phone=phone) for _ in spellings]
	kinds = [browser.ask(typed).kind for browser, typed in zip(browsers, spellings, strict=True)]
	assert kinds == ["sent", "sent", "sent", "limited"]


def test_an_address_has_one_budget_over_all_tickets():
	lift_sends()
	configure(sends_per_ip_per_hour=2)
	browsers = [doors.make_door() for _ in range(3)]
	for browser in browsers:
		browser.address = "203.0.113.77"
	assert [browser.ask().kind for browser in browsers] == ["sent", "sent", "limited"]


def test_an_ipv6_network_counts_as_one_address():
	lift_sends()
	configure(sends_per_ip_per_hour=2)
	browsers = [doors.make_door() for _ in range(4)]
	addresses = ["2001:db8:7:7::1", "2001:db8:7:7:ffff::2", "2001:db8:7:7:1:2:3:4", "2001:db8:7:8::1"]
	for browser, address in zip(browsers, addresses, strict=True):
		browser.address = address
	assert [browser.ask().kind for browser in browsers] == ["sent", "sent", "limited", "sent"]


@pytest.mark.parametrize(
	("fieldname", "most", "window"),
	[("mismatches_per_hour", 5, {"hours": 1}), ("mismatches_per_day", 15, {"days": 1})],
)
@pytest.mark.parametrize("changed", [None, 2])
def test_mismatches(door, fieldname, most, window, changed):
	lift("mismatches_per_hour", "mismatches_per_day")
	most = changed or most
	configure(**{fieldname: most})
	strange = saudi_mobile()
	assert [doors.another_browser(door).ask(strange).kind for _ in range(most)] == ["mismatch"] * most
	assert doors.another_browser(door).ask(strange).kind == "limited"
	assert doors.another_browser(door).ask().kind == "limited", "a match must not be told from a mismatch"
	with doors.later(**window, seconds=1):
		assert door.ask().kind == "sent"


def test_mismatches_by_phone_and_e_mail_share_one_budget(door):
	configure(mismatches_per_hour=2)
	assert door.ask(saudi_mobile()).kind == "mismatch"
	assert door.ask("stranger@example.com", "Email").kind == "mismatch"
	assert door.ask("stranger@example.com", "Email").kind == "limited"
	assert door.ask(saudi_mobile()).kind == "limited"


@pytest.mark.parametrize("most", [100, 2])
def test_the_site_has_a_budget_of_sms(door, most):
	configure(sms_per_hour=most)
	for _ in range(most):
		throttle.record(throttle.SMS, throttle.SITE)
	frappe.db.commit()
	refused = door.ask()
	assert (refused.kind, refused.http_status) == ("unavailable", 409)
	assert "e-mail" in refused.message
	assert door.ask(email_of(door), "Email").kind == "sent"
	with doors.later(hours=1, seconds=5):
		assert door.ask().kind == "sent"


def test_sms_count_against_the_site_and_e_mails_do_not(door):
	lift_sends()
	configure(sms_per_hour=1)
	assert door.ask(email_of(door), "Email").kind == "sent"
	assert door.ask().kind == "sent"
	assert door.ask().kind == "unavailable"


@pytest.mark.parametrize(
	("countries", "kind"), [("", "sent"), ("SA", "sent"), ("ae, sa", "sent"), ("AE EG", "unavailable")]
)
def test_only_allowed_countries_get_sms(door, countries, kind):
	configure(sms_countries=countries)
	assert door.ask().kind == kind


def test_without_e_mail_a_refused_sms_says_to_contact_us(door):
	configure(sms_countries="AE", send_email=0)
	assert "contact us" in door.ask().message


def test_a_limit_of_zero_allows_nothing(door):
	configure(sends_per_day=0)
	assert door.ask().kind == "limited"


def test_counters_survive_a_flushed_cache(door):
	lift_sends()
	configure(sends_per_hour=2, failures_per_day=2)
	door.ask()
	door.fail(1)
	frappe.clear_cache()
	door.ask()
	assert door.fail(1)[0].kind == "locked"
	frappe.clear_cache()
	assert door.ask().kind == "locked"


def test_counters_survive_a_request_that_fails_afterwards(door):
	configure(failures_per_day=2)
	door.ask()
	door.fail(1)
	frappe.db.rollback()
	assert door.fail(1)[0].kind == "locked"
	frappe.db.rollback()
	assert doors.reload(door.link).lock_seconds


def test_an_error_while_counting_leaves_nothing_half_written(door):
	with pytest.raises(ZeroDivisionError), throttle.hold("ticket:test"):
		throttle.record(throttle.SEND, "ticket:test")
		raise ZeroDivisionError
	assert throttle.wait_seconds(throttle.SEND, "ticket:test", throttle.Limit(1, 60)) == 0


def test_old_acts_are_purged_and_those_of_the_month_stay(door):
	throttle.record(throttle.FAILURE, "ticket:old")
	frappe.db.sql("UPDATE `tabPortal Throttle Event` SET occurred_at = occurred_at - INTERVAL 32 DAY")
	throttle.record(throttle.FAILURE, "ticket:new")
	with throttle.hold("ticket:old", "ticket:new"):
		pass
	PortalThrottleEvent.clear_old_logs(1)
	throttle.purge()
	assert frappe.get_all(throttle.EVENT, pluck="subject") == ["ticket:new"]
	assert frappe.get_all(throttle.DOCTYPE, pluck="subject") == ["ticket:new"]
