"""Mails of ours that come back: through the mailbox that Helpdesk reads, into the ledger, and nowhere else."""

from email import message_from_string

import frappe
import pytest

from customer_portal.channels import base
from customer_portal.notifications import dispatch, outbox
from tests import events, returned_mails
from tests.channels import Recording
from tests.factories import make_ticket
from tests.gateways import configure

REPORTS = ("Postfix", "Exchange", "Gmail", "headers alone")
pytestmark = pytest.mark.usefixtures("no_jobs")

COUNTED = ("Communication", "HD Ticket", "Email Queue", "Error Log", "Portal Status Event")


@pytest.fixture
def ticket(mailbox):
	"""A ticket that is resolved, as most are of which the customer hears last."""
	ticket = make_ticket()
	ticket.reload()
	ticket.status = "Resolved"
	ticket.save(ignore_permissions=True)
	frappe.db.commit()
	events.forget_told(ticket)
	return ticket


@pytest.fixture
def sent(ticket, mailbox, mail_server):
	"""The name of a message's row, and the raw mail that left for it."""
	return send(ticket, mail_server)


def send(ticket, mail_server) -> tuple[str, str]:
	name = next(
		row
		for row in outbox.write_link(str(ticket.name))
		if frappe.db.get_value("Portal Notification", row, "channel") == "Email"
	)
	frappe.db.commit()
	dispatch.deliver_due()
	return name, mail_server.received[-1]["raw"].decode()


def row_of(name: str):
	frappe.db.commit()
	return frappe.get_doc("Portal Notification", name)


def counted() -> dict[str, object]:
	frappe.db.commit()
	return {doctype: frappe.db.count(doctype) for doctype in COUNTED}


@pytest.mark.parametrize("kind", returned_mails.KINDS)
def test_a_bounce_reaches_the_ledger_and_nothing_else(ticket, sent, mailbox, kind):
	name, original = sent
	assert row_of(name).state == "Sent"
	before, status = counted(), frappe.db.get_value("HD Ticket", ticket.name, ["status", "modified"])
	mailbox.receive(returned_mails.write(kind, original))
	row = row_of(name)
	assert row.state == "Failed"
	assert row.reason == "The recipient's mail server does not know this address (code 5.1.1)."
	assert counted() == before
	assert frappe.db.get_value("HD Ticket", ticket.name, ["status", "modified"]) == status


@pytest.mark.parametrize("kind", REPORTS)
def test_a_delay_changes_nothing(ticket, sent, mailbox, kind):
	name, original = sent
	before = counted()
	mailbox.receive(returned_mails.write(kind, original, "delayed", "4.4.1", "451 4.4.1 Try later"))
	assert row_of(name).state == "Sent"
	assert counted() == before


def test_a_bounce_comes_twice(sent, mailbox):
	name, original = sent
	mailbox.receive(returned_mails.write("Gmail", original, status="5.2.2"))
	reason = row_of(name).reason
	mailbox.receive(returned_mails.write("Gmail", original), returned_mails.write("Postfix", original))
	assert "full" in reason
	assert row_of(name).reason == reason


def test_the_next_channel_takes_over_once(ticket, sent, mailbox, monkeypatch):
	name, original = sent
	monkeypatch.setitem(base.registry, "Letter", Recording("Letter", base.EMAIL, rank=90))
	mailbox.receive(returned_mails.write("Postfix", original), returned_mails.write("Gmail", original))
	frappe.db.commit()
	rows = frappe.get_all("Portal Notification", {"fallback_of": name}, ["channel", "state"])
	assert [(row.channel, row.state) for row in rows] == [("Letter", "Queued")]


def test_it_takes_no_other_state_back(sent, mailbox):
	name, original = sent
	frappe.db.set_value("Portal Notification", name, "state", "Superseded")
	frappe.db.commit()
	mailbox.receive(returned_mails.write("Postfix", original))
	assert row_of(name).state == "Superseded"


def test_a_mail_of_another_site_goes_where_it_always_went(sent, mailbox):
	"""Nobody can make a row fail, or a mail vanish, by a name that is none of ours."""
	name, _original = sent
	foreign = (
		f"To: nobody@customer.example\r\nSubject: Hello\r\nMessage-ID: <{name}.customer-portal@elsewhere.example>"
		"\r\n\r\nHow are you?\r\n"
	)
	before = counted()
	mailbox.receive(
		returned_mails.write("Postfix", foreign).replace(b"Message-Id: <", f"Message-Id: <{name}.".encode())
	)
	assert row_of(name).state == "Sent"
	assert counted()["Communication"] == before["Communication"] + 1


def test_a_customers_answer_to_the_same_mail_is_taken_in(ticket, sent, mailbox):
	name, original = sent
	configure(burst_seconds=20)
	reference = message_from_string(original)["Message-ID"].strip()
	reply = (
		f"From: {ticket.raised_by}\r\nTo: helpdesk@portal-tests.example\r\nSubject: Re: Your ticket\r\n"
		f"Message-ID: <answer-{name}@customer.example>\r\nIn-Reply-To: {reference}\r\n\r\nIt still leaks.\r\n"
	)
	mailbox.receive(reply.encode())
	frappe.db.commit()
	found = frappe.get_all(
		"Communication", {"message_id": f"answer-{name}@customer.example"}, ["reference_name"]
	)
	assert [str(row.reference_name) for row in found] == [str(ticket.name)]
	assert frappe.db.get_value("HD Ticket", ticket.name, "status") != "Resolved"
	assert row_of(name).state == "Sent"


def test_a_mail_that_cannot_be_read_is_left_to_helpdesk(sent, mailbox, ticket):
	name, _original = sent
	broken = (
		f"From: {ticket.raised_by}\r\nTo: helpdesk@portal-tests.example\r\nSubject: Odd (#{ticket.name})\r\n"
		f"Message-ID: <odd-{name}@customer.example>\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n"
	)
	mailbox.receive(broken.encode())
	assert row_of(name).state == "Sent"


def test_an_error_that_somebody_else_writes_to_the_email_queue(sent):
	"""Our row of Frappe's Email Queue is a log: whatever becomes of it later, the message has gone out."""
	name, _original = sent
	frappe.db.set_value("Email Queue", name, {"status": "Error", "error": "by hand"})
	frappe.db.commit()
	dispatch.sweep()
	assert row_of(name).state == "Sent"
