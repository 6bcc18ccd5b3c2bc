"""What Twilio reports of a message: in every order, twice, forged, and before our own record of the call."""

import itertools

import frappe
import pytest

from customer_portal import opt_outs
from customer_portal.channels.base import PHONE
from customer_portal.notifications import dispatch, outbox
from customer_portal.otp.recipients import Recipient
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.twilio_hooks import report, sign

STEPS = ("queued", "sent", "delivered", "undelivered", "failed")
FINAL = {"delivered": "Delivered", "undelivered": "Failed", "failed": "Failed"}


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	"""SMS is told, and e-mail is what it falls back to."""
	configure(send_email=0, notification_sms_per_number=1000)
	yield
	configure(send_email=1, notification_sms_per_number=20)


@pytest.fixture
def ticket(twilio):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return ticket


def send(ticket, twilio) -> tuple[str, dict]:
	"""A message on its way: its row's name, and what Twilio has taken. E-mail is what comes next."""
	configure(send_email=0)
	(name,) = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	dispatch.deliver_due()
	configure(send_email=1)
	return name, twilio.received[-1]


def row_of(name: str):
	frappe.db.commit()
	return frappe.get_doc("Portal Notification", name)


def fallbacks(name: str) -> list[str]:
	return frappe.get_all("Portal Notification", {"fallback_of": name}, pluck="channel")


@pytest.mark.parametrize("first", STEPS)
def test_every_order_twice_each(ticket, twilio, hooks, first):
	"""The first final report decides; forged ones in between, which claim the opposite, change nothing."""
	for order in itertools.permutations(STEPS):
		if order[0] != first:
			continue
		name, message = send(ticket, twilio)
		expected = "Sent"
		for place, status in enumerate(twice(order)):
			if place % 2:
				assert forge(hooks, message, "failed" if expected == "Delivered" else "delivered") == [
					403,
					403,
				]
				assert row_of(name).state == expected
			assert hooks.receipt(message, status).status_code == 204
			expected = FINAL.get(status, "Sent") if expected == "Sent" else expected
			assert row_of(name).state == expected, (order, place)
		assert fallbacks(name) == (["Email"] if expected == "Failed" else [])


def forge(hooks, message: dict, status: str) -> list[int]:
	"""The answers to a report without a signature and to one that was signed with another token."""
	address, fields = message["fields"]["StatusCallback"], report(message, status)
	signatures = (None, sign(address, fields, "another token"))
	return [hooks.post(address, fields, signature).status_code for signature in signatures]


def twice(order: tuple[str, ...]) -> list[str]:
	"""Each report and its repetition: at once, or after all others, by turns."""
	at_once = [status for status in order for _ in range(2)]
	return at_once if STEPS.index(order[1]) % 2 else [*order, *order]


def test_what_a_final_state_says(ticket, twilio, hooks):
	name, message = send(ticket, twilio)
	hooks.receipt(message, "delivered")
	row = row_of(name)
	assert row.delivered_at
	assert row.sent_at
	assert row.provider_id == message["sid"]
	hooks.receipt(message, "read")
	assert row_of(name).delivered_at == row.delivered_at


@pytest.mark.parametrize(
	"code, part", [(30003, "switched off"), (30005, "no longer in use"), (99999, "99999")]
)
def test_the_reason_is_a_sentence(ticket, twilio, hooks, code, part):
	name, message = send(ticket, twilio)
	hooks.receipt(message, "undelivered", code)
	reason = row_of(name).reason
	assert part in reason
	assert str(code) in reason
	assert message["to"] not in reason


def test_no_code_is_a_sentence_too(ticket, twilio, hooks):
	name, message = send(ticket, twilio)
	hooks.receipt(message, "failed")
	assert row_of(name).reason == "Twilio could not deliver the message and does not say why."


@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_a_receipt_before_our_own_record_of_the_call(ticket, twilio, hooks, status):
	"""Twilio's answer is still on its way when the report arrives."""
	answers = []

	def report_at_once():
		answers.append(hooks.receipt(twilio.received[-1], status))

	configure(send_email=1)
	twilio.before_answer = report_at_once
	name = next(row for row in outbox.write_link(str(ticket.name)) if channel_of(row) == "SMS")
	frappe.db.commit()
	dispatch.deliver_due()
	row = row_of(name)
	assert answers[0].status_code == 204
	assert row.state == FINAL[status]
	assert row.provider_id == twilio.received[-1]["sid"]
	assert len(twilio.received) == 1


def channel_of(name: str) -> str:
	return frappe.db.get_value("Portal Notification", name, "channel")


@pytest.mark.parametrize("status", ["delivered", "read", "failed", "undelivered"])
def test_another_message_of_the_account(ticket, twilio, hooks, status):
	"""A row is named, but Twilio reports another message than the one that it took for it."""
	name, message = send(ticket, twilio)
	foreign = {**report(message, status), "MessageSid": "SM" + "00" * 16}
	assert hooks.post(message["fields"]["StatusCallback"], foreign).status_code == 204
	assert row_of(name).state == "Sent"


@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_a_row_of_another_channel(ticket, twilio, hooks, mail_server, status):
	name, message = send(ticket, twilio)
	mail = next(row for row in outbox.write_link(str(ticket.name)) if channel_of(row) == "Email")
	frappe.db.commit()
	dispatch.deliver_due()
	assert row_of(mail).state == "Sent"
	address = message["fields"]["StatusCallback"].replace(name, mail)
	assert (
		hooks.post(address, report({**message, "sid": row_of(mail).provider_id}, status)).status_code == 204
	)
	assert row_of(mail).state == "Sent"


@pytest.mark.parametrize("query", ["", "?message=", "?message=unknown", "?x=1"])
def test_unknown_rows(ticket, twilio, hooks, query):
	name, message = send(ticket, twilio)
	address = message["fields"]["StatusCallback"].partition("?")[0] + query
	assert hooks.post(address, report(message, "failed")).status_code == 204
	assert row_of(name).state == "Sent"


def test_the_first_of_two_sendings_arrived(ticket, twilio, hooks):
	"""No answer came, so the message went out once more: the report of either is good news."""
	twilio.mode = "drop"
	(name,) = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	dispatch.deliver_due()
	first = twilio.received[-1]
	twilio.mode = "ok"
	events.make_due(ticket)
	dispatch.deliver_due()
	assert row_of(name).state == "Sent"
	hooks.receipt(first, "failed")
	assert row_of(name).state == "Sent"
	hooks.receipt(first, "delivered")
	assert row_of(name).state == "Delivered"


def test_stop_in_a_receipt(ticket, twilio, hooks):
	name, message = send(ticket, twilio)
	recipient = Recipient(PHONE, message["to"])
	hooks.receipt(message, "failed", 21610)
	assert row_of(name).state == "Failed"
	assert opt_outs.is_out("SMS", recipient)
	assert not opt_outs.is_out("WhatsApp", recipient)
	sources = frappe.get_all("Portal Opt-Out", {"masked_recipient": recipient.masked}, pluck="source")
	assert "Provider" in sources


def test_stop_at_the_time_of_sending(ticket, twilio, hooks):
	twilio.mode = "code 21610"
	(name,) = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	dispatch.deliver_due()
	row = row_of(name)
	assert row.state == "Failed"
	assert "STOP" in row.reason
	assert opt_outs.is_out("SMS", Recipient(PHONE, row.recipient))
	(again,) = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	dispatch.deliver_due()
	assert row_of(again).state == "Superseded"
