"""A message that does not arrive goes to the next channel that the customer has: once, and never lost."""

import threading

import frappe
import pytest

from customer_portal import statuses
from customer_portal.notifications import dispatch, outbox
from customer_portal.notifications.outbox import results
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.ledger import make_template

WHATSAPP_SENDER = "+15005550009"
CONTENT_SID = "HX" + "ab" * 16


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(send_email=1, burst_seconds=0)
	yield
	configure(send_whatsapp=0, whatsapp_sender="", burst_seconds=20)


@pytest.fixture(scope="module")
def template(site):
	"""Changes are told by SMS alone; WhatsApp has its approved text in English."""
	template = make_template(
		{1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]},
		{1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"},
	)
	for row in template.sub_statuses:
		row.notify = 1
		for channel in ("Email", "WhatsApp"):
			template.append("exclusions", {"sub_status": row.sub_status, "channel": channel})
	template.append("whatsapp_templates", {"language": "en", "content_sid": CONTENT_SID})
	template.save()
	frappe.db.commit()
	statuses.forget_templates()
	return template


@pytest.fixture
def ticket(hooks, mail_server, template):
	ticket = make_ticket(saudi_mobile(), template=template.ticket_template)
	events.forget_told(ticket)
	return ticket


def use_whatsapp() -> None:
	configure(send_whatsapp=1, whatsapp_sender=WHATSAPP_SENDER)


def deliver(ticket) -> list:
	"""The ticket's rows, by their channels' ranks."""
	events.make_due(ticket)
	dispatch.deliver_due()
	frappe.db.commit()
	rank = {"SMS": 0, "WhatsApp": 1, "Email": 2}
	return sorted(events.notifications(ticket), key=lambda row: rank[row.channel])


def states(rows) -> list[tuple[str, str]]:
	return [(row.channel, row.state) for row in rows]


def test_from_channel_to_channel(ticket, hooks, twilio, mail_server):
	use_whatsapp()
	events.change_status(ticket)
	assert states(deliver(ticket)) == [("SMS", "Sent")]
	hooks.receipt(twilio.received[-1], "undelivered", 30005)
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("WhatsApp", "Sent")]
	hooks.receipt(twilio.received[-1], "failed", 63024)
	rows = deliver(ticket)
	assert states(rows) == [("SMS", "Failed"), ("WhatsApp", "Failed"), ("Email", "Sent")]
	assert [row.fallback_of for row in rows] == [None, rows[0].name, rows[1].name]
	assert len({row.event for row in rows}) == 1
	assert len(twilio.received) == 2
	assert len(mail_server.mails_to(ticket.raised_by)) == 1


def test_without_whatsapp_e_mail_is_next(ticket, hooks, twilio):
	events.change_status(ticket)
	deliver(ticket)
	hooks.receipt(twilio.received[-1], "undelivered")
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("Email", "Sent")]


def test_a_refused_sms_falls_back_at_once(ticket, twilio):
	twilio.mode = "code 21614"
	events.change_status(ticket)
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("Email", "Sent")]


def test_a_language_without_an_approved_text_goes_on_to_e_mail(ticket, twilio, hooks):
	use_whatsapp()
	frappe.db.set_value("HD Ticket", ticket.name, "portal_language", "ar")
	frappe.db.commit()
	events.change_status(ticket)
	deliver(ticket)
	hooks.receipt(twilio.received[-1], "failed")
	rows = deliver(ticket)
	assert states(rows) == [("SMS", "Failed"), ("WhatsApp", "Failed"), ("Email", "Sent")]
	assert rows[1].reason == "There is no WhatsApp message template for this language."


def test_a_channel_that_told_the_change_already_is_no_fallback(hooks, twilio, mail_server):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	events.change_status(ticket)
	assert states(deliver(ticket)) == [("SMS", "Sent"), ("Email", "Sent")]
	hooks.receipt(twilio.received[-1], "undelivered")
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("Email", "Sent")]
	assert len(mail_server.mails_to(ticket.raised_by)) == 1


def test_a_customer_without_another_address(ticket, hooks, twilio):
	configure(send_email=0)
	events.change_status(ticket)
	deliver(ticket)
	hooks.receipt(twilio.received[-1], "undelivered")
	assert states(deliver(ticket)) == [("SMS", "Failed")]


def test_receipts_at_the_same_moment_make_one_fallback(ticket, hooks, new_client, twilio):
	events.change_status(ticket)
	deliver(ticket)
	message = twilio.received[-1]
	others = [type(hooks)(new_client()) for _number in range(6)]
	start = threading.Barrier(len(others))
	answers = []

	def report(one):
		start.wait(30)
		answers.append(one.receipt(message, "undelivered").status_code)

	threads = [threading.Thread(target=report, args=(one,)) for one in others]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert answers == [204] * len(others)
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("Email", "Sent")]


def test_a_crash_between_failing_and_handing_over_loses_nothing(ticket, twilio, monkeypatch):
	"""Both are one transaction: after a crash the report has changed nothing, and its repetition changes both."""
	events.change_status(ticket)
	(row,) = deliver(ticket)
	with monkeypatch.context() as patch:
		patch.setattr(results, "hand_over", _crash)
		with pytest.raises(MemoryError):
			outbox.mark_undelivered(row.name, "SMS", row.provider_id, "lost")
	frappe.db.rollback()  # what the end of a process does to its connection
	assert states(events.notifications(ticket)) == [("SMS", "Sent")]
	assert outbox.mark_undelivered(row.name, "SMS", row.provider_id, "lost")
	frappe.db.commit()
	assert states(deliver(ticket)) == [("SMS", "Failed"), ("Email", "Sent")]


@pytest.mark.parametrize("reported", ["SM-second", "SM-first"])
def test_a_failure_that_is_reported_before_the_second_call_is_recorded(ticket, reported):
	"""That of the second call counts, once its id is known; that of the first says nothing about the second."""
	events.change_status(ticket)
	events.make_due(ticket)
	outbox.mark_unknown(outbox.claim(), "No answer")
	events.make_due(ticket)
	second = outbox.claim()
	assert outbox.mark_undelivered(second.name, "SMS", reported, "Switched off")
	frappe.db.commit()
	outbox.mark_sent(second, "SM-second")
	row = events.notifications(ticket, name=second.name)[0]
	is_lost = reported == "SM-second"
	assert (row.state, row.reason) == (("Failed", "Switched off") if is_lost else ("Sent", None))
	assert len(events.notifications(ticket, fallback_of=second.name)) == is_lost


def _crash(*_arguments) -> None:
	raise MemoryError


def test_what_whatsapp_is_sent(ticket, hooks, twilio):
	use_whatsapp()
	events.change_status(ticket)
	deliver(ticket)
	hooks.receipt(twilio.received[-1], "undelivered")
	deliver(ticket)
	fields = twilio.received[-1]["fields"]
	assert fields["From"] == f"whatsapp:{WHATSAPP_SENDER}"
	assert fields["ContentSid"] == CONTENT_SID
