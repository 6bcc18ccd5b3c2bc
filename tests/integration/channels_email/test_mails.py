"""The mail that arrives, and what Frappe's Email Queue keeps of it."""

import contextlib

import frappe
import pytest
from frappe.email.doctype.email_queue import email_queue
from frappe.email.queue import flush, get_queue
from frappe.email.receive import InboundMail

from customer_portal.channels import email
from customer_portal.channels.base import (
	Message,
	TemporaryFailure,
	UnknownResult,
)
from tests.factories import unique
from tests.gateways.mail import use_mail_server
from tests.integration.channels_email.conftest import address, message, send


def test_the_mail_that_arrives(mail_server, ticket):
	to, content = address(), message(ticket)
	receipt = send(to, content)
	(mail,) = mail_server.mails_to(to)
	assert mail["Subject"] == content.subject
	assert mail["To"] == to
	assert "helpdesk@portal-tests.example" in mail["From"]
	assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == content.text
	assert content.html in mail.get_body(("html",)).get_content()
	row = frappe.get_doc("Email Queue", receipt.provider_id)
	assert row.status == "Sent"
	assert (row.reference_doctype, row.reference_name) == ("HD Ticket", str(ticket.name))


def test_robots_do_not_answer(mail_server, ticket):
	to = address()
	send(to, message(ticket))
	(mail,) = mail_server.mails_to(to)
	assert mail["Auto-Submitted"] == "auto-generated"
	assert mail["X-Auto-Response-Suppress"] == "All"
	assert mail["X-Auto-Generated"]


def test_no_table_keeps_the_link(mail_server, ticket):
	to = address()
	for mode in ("busy", "ok"):
		mail_server.mode = mode
		content = message(ticket)
		with contextlib.suppress(TemporaryFailure):
			send(to, content)
		row = frappe.get_doc("Email Queue", content.reference)
		assert "SecretSecret" not in frappe.as_json(row.as_dict())
		assert "no link" in row.message


def test_the_ticket_is_left_alone(mail_server, ticket):
	"""No communication, and so neither a new status nor a first response for the SLA."""
	count = frappe.db.count("Communication", {"reference_name": str(ticket.name)})
	before = frappe.db.get_value("HD Ticket", ticket.name, "*", as_dict=True)
	send(address(), message(ticket))
	assert frappe.db.count("Communication", {"reference_name": str(ticket.name)}) == count
	assert frappe.db.get_value("HD Ticket", ticket.name, "*", as_dict=True) == before


def test_frappes_own_flush_never_sends_our_rows(mail_server, ticket):
	mail_server.mode = "busy"
	content, to = message(ticket), address()
	with pytest.raises(TemporaryFailure):
		send(to, content)
	mail_server.mode = "ok"
	assert content.reference not in [row.name for row in get_queue()]
	flush()
	assert not mail_server.mails_to(to)


def test_attempts_share_one_row_and_one_message_id(mail_server, ticket):
	to, content = address(), message(ticket)
	mail_server.mode = "hang"
	with pytest.raises(UnknownResult):
		send(to, content)
	mail_server.mode = "ok"
	send(to, content)
	first, second = mail_server.mails_to(to)
	assert first["Message-ID"] == second["Message-ID"]
	assert frappe.db.count("Email Queue", {"message_id": first["Message-ID"].strip("<>")}) == 1


def test_a_sent_row_is_not_sent_again(mail_server, ticket):
	to, content = address(), message(ticket)
	first, second = send(to, content), send(to, content)
	assert first == second
	assert len(mail_server.mails_to(to)) == 1


def test_more_failures_than_frappe_would_retry(mail_server, ticket):
	mail_server.mode = "busy"
	content, to = message(ticket), address()
	for _attempt in range(6):
		with pytest.raises(TemporaryFailure):
			send(to, content)
	mail_server.mode = "ok"
	send(to, content)
	assert len(mail_server.mails_to(to)) == 1


def test_a_code_leaves_no_trace(mail_server, ticket):
	before = frappe.db.count("Email Queue")
	to = address()
	email.send_now_unlogged(to, Message("Your code", "Code 493817", "<p>493817</p>"), str(ticket.name))
	(mail,) = mail_server.mails_to(to)
	assert "493817" in mail.get_body(("plain",)).get_content()
	assert mail["Auto-Submitted"] == "auto-generated"
	assert frappe.db.count("Email Queue") == before


@pytest.mark.parametrize("unlogged", [False, True])
def test_domains_are_sent_in_their_ascii_form(mail_server, ticket, unlogged):
	local = unique("reader")
	to, content = f"{local}@exämple.com", message(ticket)
	if unlogged:
		email.send_now_unlogged(to, content, str(ticket.name))
	else:
		send(to, content)
	(mail,) = mail_server.mails_to(f"{local}@xn--exmple-cua.com")
	assert mail["To"] == f"{local}@xn--exmple-cua.com"


def test_it_answers_the_tickets_last_mail(mail_server, ticket):
	frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"subject": "Leak",
			"content": "It leaks",
			"sender": "reader@example.com",
			"sent_or_received": "Received",
			"reference_doctype": "HD Ticket",
			"reference_name": str(ticket.name),
			"message_id": "first@mail.example.com",
		}
	).insert(ignore_permissions=True)
	to = address()
	send(to, message(ticket))
	(mail,) = mail_server.mails_to(to)
	assert mail["In-Reply-To"] == mail["References"] == "<first@mail.example.com>"


def test_an_answer_finds_the_ticket(mail_server, ticket):
	"""As Frappe reads incoming mail: by the Message-ID that we gave it."""
	to = address()
	send(to, message(ticket))
	(mail,) = mail_server.mails_to(to)
	answer = (
		f"From: {to}\r\nTo: x@example.com\r\nSubject: Re\r\nIn-Reply-To: {mail['Message-ID']}\r\n\r\nThanks"
	)
	account = frappe.get_doc("Email Account", use_mail_server(mail_server))
	account.append_to = "HD Ticket"
	inbound = InboundMail(answer.encode(), account)
	assert str(inbound.reference_document().name) == str(ticket.name)


def test_the_hook_that_replaces_smtp_is_honoured(mail_server, ticket, monkeypatch):
	taken = []
	monkeypatch.setattr(
		email_queue, "get_hook_method", lambda name: lambda row, sender, to, content: taken.append(to)
	)
	to = address()
	send(to, message(ticket))
	assert taken == [to]
	assert not mail_server.mails_to(to)
