"""SMS about changes are limited: to one number, and from the whole site."""

from datetime import timedelta

import frappe
import pytest
from freezegun import freeze_time

from customer_portal.channels import base
from customer_portal.channels.base import TemporaryFailure
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch
from tests import events
from tests.channels import Recording
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(send_email=0)
	yield
	configure(send_email=1, notification_sms_per_number=20, notification_sms_per_hour=1000)
	configure(notification_mails_per_address=50)


def changed(phone: str):
	"""A ticket whose customer is to be told of one change."""
	ticket = make_ticket(phone)
	events.forget_told(ticket)
	return events.change_status(ticket)


def deliver(*tickets) -> list:
	for ticket in tickets:
		events.make_due(ticket)
		dispatch.deliver_due()
	frappe.db.rollback()
	return [row for ticket in tickets for row in events.notifications(ticket)]


def test_past_the_limit_of_a_number_a_message_fails_with_its_reason(channel):
	configure(notification_sms_per_number=2)
	phone = saudi_mobile()
	rows = deliver(*(changed(phone) for _ in range(3)))
	assert [row.state for row in rows] == ["Sent", "Sent", "Failed"]
	assert (
		rows[2].reason == "This recipient has had as many messages today as Customer Portal Settings allow."
	)
	assert [recipient for recipient, _ in channel.sent] == [phone, phone]
	assert deliver(changed(saudi_mobile()))[0].state == "Sent"


def test_a_day_later_the_number_gets_messages_again(channel):
	configure(notification_sms_per_number=1)
	phone = saudi_mobile()
	deliver(changed(phone))
	with freeze_time(frappe.utils.now_datetime() + timedelta(hours=25)):
		assert deliver(changed(phone))[0].state == "Sent"


def test_mails_to_one_address_are_limited_too(monkeypatch):
	recording = Recording("Email", kind="Email", rings=False)
	monkeypatch.setitem(base.registry, "Email", recording)
	configure(notification_mails_per_address=1)
	ticket = make_ticket()
	events.forget_told(ticket)
	first, second = sub_statuses_in_turn(ticket)
	assert [deliver(events.change_status(ticket, name))[-1].state for name in (first, second)] == [
		"Sent",
		"Failed",
	]
	assert len(recording.sent) == 1


def sub_statuses_in_turn(ticket) -> list[str]:
	return [name for name in events.sub_statuses(ticket) if name != ticket.sub_status][:2]


def test_past_the_limit_of_the_site_messages_wait(channel):
	configure(notification_sms_per_hour=1)
	first, second = changed(saudi_mobile()), changed(saudi_mobile())
	rows = deliver(first, second)
	assert [row.state for row in rows] == ["Sent", "Queued"]
	assert rows[1].reason == "The site has sent as many SMS in this hour as Customer Portal Settings allow."
	assert timedelta(minutes=50) < rows[1].due_at - utc_now() <= timedelta(minutes=72)
	configure(notification_sms_per_hour=2)
	assert deliver(second)[0].state == "Sent"


def test_attempts_at_one_message_count_once(channel):
	configure(notification_sms_per_number=1)
	channel.failures = [TemporaryFailure("busy"), TemporaryFailure("busy")]
	ticket = changed(saudi_mobile())
	assert [deliver(ticket)[0].state for _ in range(3)] == ["Queued", "Queued", "Sent"]


def test_as_installed_it_is_twenty_a_day_and_a_thousand_an_hour():
	meta = frappe.get_meta("Customer Portal Settings")
	fields = ("notification_sms_per_number", "notification_sms_per_hour")
	assert [meta.get_field(fieldname).default for fieldname in fields] == ["20", "1000"]
