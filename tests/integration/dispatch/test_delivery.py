"""Delivery by the job and the sweep, and what each kind of failure leads to."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import links
from customer_portal.channels import base
from customer_portal.channels.base import PermanentFailure, TemporaryFailure, UnknownResult
from customer_portal.clock import utc_now
from customer_portal.notifications import courtesy, dispatch, messages
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.integration.dispatch.conftest import only_row


def test_what_is_due_is_sent_once(ticket, channel):
	assert dispatch.deliver_due() == 0
	events.make_due(ticket)
	assert dispatch.deliver_due() == 1
	assert dispatch.deliver_due() == 0
	row = only_row(ticket)
	assert (row.state, row.provider_id, row.attempts) == ("Sent", "receipt-1", 1)
	assert row.sent_at
	((recipient, message),) = channel.sent
	assert recipient == row.recipient
	assert "/t/" in message.text


@pytest.mark.parametrize(
	("failure", "state", "marked"),
	[
		(TemporaryFailure("Busy"), "Queued", 0),
		(TemporaryFailure("Busy", 120), "Queued", 0),
		(PermanentFailure("No such number"), "Failed", 0),
		(UnknownResult("No answer"), "Queued", 1),
	],
)
def test_each_failure_leads_to_its_state(ticket, channel, failure, state, marked):
	channel.failures = [failure]
	events.make_due(ticket)
	dispatch.deliver_due()
	row = only_row(ticket)
	assert (row.state, row.may_be_repeated, row.reason) == (state, marked, failure.reason)


def test_a_temporary_failure_is_made_good_later(ticket, channel):
	channel.failures = [TemporaryFailure("Busy"), TemporaryFailure("Busy")]
	for _attempt in range(3):
		events.make_due(ticket)
		dispatch.sweep()
	row = only_row(ticket)
	assert (row.state, row.attempts, row.reason, row.may_be_repeated) == ("Sent", 3, None, 0)
	assert len(channel.sent) == 1


def test_a_bug_in_a_channel_ends_in_a_final_state(ticket, channel):
	"""Nobody knows whether it was sent, so it is tried once more."""
	channel.failures = [ZeroDivisionError(), ZeroDivisionError()]
	for _attempt in range(2):
		events.make_due(ticket)
		dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"


def test_a_revoked_link_is_not_sent(ticket, channel):
	links.revoke(str(ticket.name), "Lost phone")
	events.make_due(ticket)
	dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"
	assert not channel.sent


def test_the_same_link_each_time(ticket, channel):
	for _change in range(2):
		events.make_due(ticket)
		dispatch.deliver_due()
		events.change_status(ticket)
	address = links.url(str(ticket.name))
	assert all(message.text.endswith(address) for _recipient, message in channel.sent)


def test_a_channel_that_was_removed_fails_with_a_reason(ticket, monkeypatch):
	events.make_due(ticket)
	monkeypatch.delitem(base.registry, "SMS")
	dispatch.deliver_due()
	assert only_row(ticket).state == "Failed"


def test_a_defect_in_one_message_keeps_no_other_waiting(ticket, channel):
	other = make_ticket(saudi_mobile())
	events.make_due(ticket)
	events.make_due(other)
	channel.failures = [TypeError("with a secret")]
	dispatch.deliver_due()
	assert only_row(other).state == "Sent"
	row = only_row(ticket)
	assert (row.state, row.reason) == ("Queued", "Unexpected TypeError while sending")
	assert not frappe.db.exists("Error Log", {"error": ("like", "%with a secret%")})


def test_a_defect_before_the_claim_keeps_no_other_waiting_either(ticket, channel, monkeypatch):
	other = events.change_status(make_ticket(saudi_mobile()))
	real = courtesy.verdict

	def verdict(row):
		if row.ticket == str(ticket.name):
			raise TypeError("with a secret")
		return real(row)

	monkeypatch.setattr(courtesy, "verdict", verdict)
	for one in (ticket, other):
		events.make_due(one)
	dispatch.deliver_due()
	assert events.notifications(other)[-1].state == "Sent"
	row = only_row(ticket)
	assert (row.state, row.reason) == ("Queued", "Unexpected TypeError before sending")
	assert row.due_at > utc_now()
	day_ago = utc_now() - timedelta(hours=25)
	for fieldname, state in (("occurred_at", "Queued"), ("fails_since", "Failed")):
		frappe.db.set_value("Portal Notification", row.name, fieldname, day_ago)
		events.make_due(ticket)
		dispatch.deliver_due()
		assert only_row(ticket).state == state, fieldname
	assert not frappe.db.exists("Error Log", {"error": ("like", "%with a secret%")})


def fail_times(function, error, times):
	"""The function, which raises first."""
	left = [error] * times

	def wrapper(*arguments):
		if left:
			raise left.pop()
		return function(*arguments)

	return wrapper


@pytest.mark.parametrize("error", [frappe.QueryDeadlockError("secret"), ZeroDivisionError("secret")])
def test_what_fails_before_the_message_is_handed_over_is_tried_again(ticket, channel, monkeypatch, error):
	monkeypatch.setattr(messages, "status_message", fail_times(messages.status_message, error, 3))
	for attempt in range(1, 4):
		events.make_due(ticket)
		dispatch.deliver_due()
		row = only_row(ticket)
		assert (row.state, row.attempts, row.may_be_repeated) == ("Queued", attempt, 0)
		assert row.reason == f"Unexpected {type(error).__name__} before sending"
	events.make_due(ticket)
	dispatch.deliver_due()
	assert (only_row(ticket).state, only_row(ticket).may_be_repeated) == ("Sent", 0)
	assert not frappe.db.exists("Error Log", {"error": ("like", "%secret%")})
	assert frappe.db.exists("Error Log", {"reference_name": row.name, "error": ("like", f"%{row.reason}%")})


def test_a_lost_database_connection_while_rendering_is_made_anew(ticket, channel, monkeypatch):
	render = messages.status_message

	def lose_connection(*arguments):
		monkeypatch.setattr(messages, "status_message", render)
		(connection,) = frappe.db.sql("SELECT CONNECTION_ID()")[0]
		frappe.db.sql(f"KILL {connection}")

	monkeypatch.setattr(messages, "status_message", lose_connection)
	events.make_due(ticket)
	dispatch.deliver_due()
	row = only_row(ticket)
	assert (row.state, row.may_be_repeated) == ("Queued", 0)
	assert row.reason.endswith("before sending")
