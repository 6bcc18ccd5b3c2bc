"""What an agent sends again: the present state, by one channel, past bursts, mutes and quiet hours."""

import frappe
import pytest

from customer_portal import links, opt_outs, timeline
from customer_portal.channels import base
from customer_portal.channels.base import PermanentFailure
from customer_portal.exceptions import CannotBeResent
from customer_portal.notifications import dispatch, outbox
from customer_portal.otp.recipients import Recipient
from tests import events
from tests.channels import Recording
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure


@pytest.fixture(autouse=True)
def quiet(no_jobs, channel):
	"""SMS is a channel of the test's own."""
	configure(send_email=0, burst_seconds=60, notification_sms_per_number=1000)
	yield
	configure(send_email=1, sms_provider="", burst_seconds=20, quiet_from=None, quiet_until=None)


@pytest.fixture
def ticket():
	return make_ticket(saudi_mobile())


@pytest.fixture
def failed(ticket) -> str:
	"""The name of the ticket's one message, which has failed."""
	(row,) = events.notifications(ticket)
	frappe.db.set_value(outbox.DOCTYPE, row.name, "state", "Failed")
	frappe.db.commit()
	return row.name


def resend(name: str) -> str:
	again = outbox.resend(name)
	frappe.db.commit()
	return again


def state(name: str) -> tuple[str, str | None]:
	frappe.db.commit()
	return frappe.db.get_value(outbox.DOCTYPE, name, ["state", "reason"])


def test_it_goes_out_at_once(ticket, failed, channel):
	again = resend(failed)
	dispatch.deliver_due(5)
	assert state(again) == ("Sent", None)
	assert state(failed)[0] == "Failed"
	assert len(channel.sent) == 1


def test_a_newer_change_does_not_take_its_place(ticket, failed, channel):
	again = resend(failed)
	events.change_status(ticket)
	dispatch.announce()
	dispatch.deliver_due(5)
	assert state(again)[0] == "Sent"
	(newer,) = events.notifications(ticket, state="Queued")
	events.make_due(ticket)
	dispatch.deliver_due(5)
	assert state(newer.name)[0] == "Sent"
	assert len(channel.sent) == 2


def test_it_takes_the_place_of_a_change_that_still_waits(ticket, failed, channel):
	events.change_status(ticket)
	(older,) = events.notifications(ticket, state="Queued")
	again = resend(failed)
	dispatch.deliver_due(5)
	assert state(again)[0] == "Sent"
	assert state(older.name) == ("Superseded", "A newer message took its place.")
	assert len(channel.sent) == 1


def test_an_older_one_is_not_lost_when_a_change_goes_out(ticket, failed, channel):
	again = resend(failed)
	channel.failures = [base.TemporaryFailure("Busy")]
	dispatch.deliver_due(5)
	assert state(again) == ("Queued", "Busy")
	events.change_status(ticket)
	frappe.db.sql(
		"UPDATE `tabPortal Notification` SET due_at = '2000-01-01' WHERE event != '' AND ticket = %s",
		ticket.name,
	)
	frappe.db.commit()
	dispatch.announce()
	events.make_due(ticket)
	dispatch.deliver_due(5)
	assert state(again)[0] == "Sent"


def test_two_clicks_make_one_message(failed, channel):
	first, second = resend(failed), resend(failed)
	dispatch.deliver_due(5)
	assert {state(first)[0], state(second)[0]} == {"Sent", "Superseded"}
	assert len(channel.sent) == 1


def test_it_tells_the_state_at_its_sending(ticket, failed, channel):
	again = resend(failed)
	events.change_status(ticket)
	dispatch.deliver_due(5)
	assert state(again)[0] == "Sent"
	assert frappe.db.get_value(outbox.DOCTYPE, again, "sub_status") == ticket.sub_status


def test_a_mute_a_look_and_quiet_hours_do_not_hold_it(ticket, failed, channel):
	links.mute(str(ticket.name), True)
	timeline.note_seen(str(ticket.name))
	configure(quiet_from="00:00:00", quiet_until="23:59:59")
	again = resend(failed)
	dispatch.deliver_due(5)
	assert state(again)[0] == "Sent"


def test_an_opt_out_does(ticket, failed, channel):
	number = frappe.db.get_value(outbox.DOCTYPE, failed, "recipient")
	opt_outs.stop("SMS", Recipient("SMS", number), "Test")
	again = resend(failed)
	dispatch.deliver_due(5)
	assert state(again) == ("Superseded", "The customer wants no messages by this channel.")
	assert channel.sent == []


def test_it_goes_by_its_own_channel_alone(ticket, failed, channel, monkeypatch):
	other = Recording("Other", rank=99)
	monkeypatch.setitem(base.registry, "Other", other)
	again = resend(failed)
	channel.failures = [PermanentFailure("No such number.")]
	dispatch.deliver_due(5)
	assert state(again) == ("Failed", "No such number.")
	assert other.sent == []


def test_it_goes_to_where_messages_go_now(ticket, failed, channel):
	number = saudi_mobile()
	ticket.db_set("portal_phone", number)
	frappe.db.commit()
	resend(failed)
	dispatch.deliver_due(5)
	assert [recipient for recipient, _ in channel.sent] == [number]


def test_nowhere_to_go_is_said(ticket, failed, monkeypatch):
	monkeypatch.delitem(base.registry, "SMS")
	with pytest.raises(CannotBeResent):
		outbox.resend(failed)
	with pytest.raises(CannotBeResent):
		outbox.resend("unknown")
