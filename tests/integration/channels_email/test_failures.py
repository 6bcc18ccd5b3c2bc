"""What becomes of a mail when the server, the account or the address will not have it."""

import frappe
import pytest
from frappe.email.doctype.email_queue import email_queue

from customer_portal.channels import email
from customer_portal.channels.base import (
	PermanentFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
)
from customer_portal.integrations import smtp
from tests.gateways.mail import use_mail_server
from tests.integration.channels_email.conftest import address, message, send


@pytest.mark.parametrize(
	("mode", "failure"),
	[
		("refuse recipient", PermanentFailure),
		("too big", PermanentFailure),
		("busy", TemporaryFailure),
		("hang", UnknownResult),
		("drop", UnknownResult),
	],
)
@pytest.mark.parametrize("unlogged", [False, True])
def test_each_bad_end_is_named(mail_server, ticket, mode, failure, unlogged):
	mail_server.mode = mode
	to = address()
	with pytest.raises(failure) as caught:
		if unlogged:
			email.send_now_unlogged(to, message(ticket), str(ticket.name))
		else:
			send(to, message(ticket))
	assert to not in caught.value.reason


@pytest.mark.parametrize("unlogged", [False, True])
def test_an_unreachable_server_is_temporary(mail_server, ticket, unlogged):
	account = use_mail_server(mail_server)
	frappe.db.set_value("Email Account", account, "smtp_port", 1)
	frappe.local.outgoing_email_account = {}
	with pytest.raises(TemporaryFailure):
		if unlogged:
			email.send_now_unlogged(address(), message(ticket), str(ticket.name))
		else:
			send(address(), message(ticket))


def test_the_helpdesks_own_addresses_get_no_mail(mail_server, ticket):
	with pytest.raises(PermanentFailure):
		send("helpdesk@portal-tests.example", message(ticket))
	with pytest.raises(PermanentFailure):
		email.send_now_unlogged("helpdesk@portal-tests.example", message(ticket), str(ticket.name))


def test_a_defect_before_the_hand_over_is_temporary(mail_server, ticket, monkeypatch):
	def broken(*arguments, **options):
		raise ZeroDivisionError("secret")

	monkeypatch.setattr(smtp.MailServer, "_open", broken)
	with pytest.raises(UnexpectedFailure) as failure:
		send(address(), message(ticket))
	assert failure.value.reason == "Unexpected ZeroDivisionError before sending"


def test_a_defect_after_the_hand_over_is_no_temporary_failure(mail_server, ticket, monkeypatch):
	def broken(*arguments, **options):
		raise ZeroDivisionError

	monkeypatch.setattr(email_queue.SendMailContext, "update_recipient_status_to_sent", broken)
	with pytest.raises(ZeroDivisionError):
		send(address(), message(ticket))


@pytest.mark.parametrize(("to", "reason"), [("jörg@example.com", "letters"), ("a..b@@example.com", "valid")])
@pytest.mark.parametrize("unlogged", [False, True])
def test_addresses_that_no_server_takes_are_refused(mail_server, ticket, to, reason, unlogged):
	with pytest.raises(PermanentFailure, match=reason):
		if unlogged:
			email.send_now_unlogged(to, message(ticket), str(ticket.name))
		else:
			send(to, message(ticket))


def test_muted_mail_waits(mail_server, ticket, monkeypatch):
	monkeypatch.setattr(frappe.local.flags, "mute_emails", True, raising=False)
	with pytest.raises(TemporaryFailure):
		send(address(), message(ticket))
	with pytest.raises(TemporaryFailure):
		email.send_now_unlogged(address(), message(ticket), str(ticket.name))
	assert not mail_server.received


def test_a_suspended_queue_waits(mail_server, ticket):
	frappe.db.set_default("suspend_email_queue", 1)
	try:
		with pytest.raises(TemporaryFailure):
			send(address(), message(ticket))
	finally:
		frappe.db.set_default("suspend_email_queue", 0)
		frappe.db.commit()
