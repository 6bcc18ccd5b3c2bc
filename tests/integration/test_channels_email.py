"""E-mail through Frappe's Email Queue, against a real SMTP server that misbehaves."""

import contextlib

import frappe
import pytest
from frappe.email.doctype.email_queue import email_queue
from frappe.email.queue import flush, get_queue

from customer_portal.channels import base, email, mail_account
from customer_portal.channels.base import (
	Message,
	PermanentFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
)
from customer_portal.integrations import smtp
from tests.factories import make_ticket, unique
from tests.gateways import configure
from tests.gateways.mail import use_mail_server

SECRET = "https://help.example.com/t/SecretSecretSecret1234"


@pytest.fixture
def ticket(mail_server):
	return make_ticket()


def message(ticket, **values):
	fields = {
		"subject": f"جاهز: Ready (#{ticket.name})",
		"text": f"جاهز Ready\n{SECRET}\n",
		"html": f"<p dir=auto>جاهز Ready <a href='{SECRET}'>x</a></p>",
		"ticket": str(ticket.name),
		"reference": unique("n"),
		"redacted": "Ready, and no link\n",
	}
	return Message(**{**fields, **values})


def send(to, content):
	return base.registry["Email"].send(to, content)


def address():
	return f"{unique('reader')}@example.com"


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


def test_a_code_leaves_no_trace(mail_server, ticket):
	before = frappe.db.count("Email Queue")
	to = address()
	email.send_now_unlogged(to, Message("Your code", "Code 493817", "<p>493817</p>"), str(ticket.name))
	(mail,) = mail_server.mails_to(to)
	assert "493817" in mail.get_body(("plain",)).get_content()
	assert mail["Auto-Submitted"] == "auto-generated"
	assert frappe.db.count("Email Queue") == before


def test_the_helpdesks_own_addresses_get_no_mail(mail_server, ticket):
	with pytest.raises(PermanentFailure):
		send("helpdesk@portal-tests.example", message(ticket))
	with pytest.raises(PermanentFailure):
		email.send_now_unlogged("helpdesk@portal-tests.example", message(ticket), str(ticket.name))


@pytest.fixture
def account_without_password(mail_server, ticket):
	name = mail_account.of_ticket(str(ticket.name)).name
	set_account(name, no_smtp_authentication=0)
	yield name
	set_account(name, no_smtp_authentication=1)


def set_account(name, **values):
	frappe.db.set_value("Email Account", name, values)
	frappe.clear_document_cache("Email Account", name)
	frappe.local.outgoing_email_account = {}
	frappe.db.commit()


@pytest.mark.parametrize("unlogged", [False, True])
def test_an_account_without_its_password_is_temporary(account_without_password, ticket, unlogged):
	with pytest.raises(TemporaryFailure, match="lacks its password"):
		if unlogged:
			email.send_now_unlogged(address(), message(ticket), str(ticket.name))
		else:
			send(address(), message(ticket))


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
	from frappe.email.receive import InboundMail

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


def other_account(mail_server):
	name = unique("Branch")
	account = frappe.copy_doc(frappe.get_doc("Email Account", use_mail_server(mail_server)))
	account.update(
		{"email_account_name": name, "email_id": f"{name.lower()}@example.com", "default_outgoing": 0}
	)
	account.insert(ignore_permissions=True)
	frappe.db.commit()
	return account


def test_the_account_that_the_ticket_came_by_speaks(mail_server, ticket):
	account = other_account(mail_server)
	frappe.db.set_value("HD Ticket", ticket.name, "email_account", account.name)
	to = address()
	send(to, message(ticket))
	assert account.email_id in mail_server.mails_to(to)[0]["From"]
	assert mail_server.mails_to(to)[0]["Reply-To"] == account.email_id


def test_the_account_of_the_settings_speaks_for_others(mail_server, ticket):
	account = other_account(mail_server)
	configure(email_account=account.name)
	to = address()
	send(to, message(ticket))
	configure(email_account=None)
	assert account.email_id in mail_server.mails_to(to)[0]["From"]


def test_an_account_that_no_longer_sends_is_passed_over(mail_server, ticket):
	account = other_account(mail_server)
	frappe.db.set_value("Email Account", account.name, "enable_outgoing", 0)
	frappe.db.set_value("HD Ticket", ticket.name, "email_account", account.name)
	assert mail_account.of_ticket(str(ticket.name)).email_id == "helpdesk@portal-tests.example"


def test_a_site_without_an_account(mail_server, ticket, monkeypatch):
	frappe.db.set_value("Email Account", {"enable_outgoing": 1}, "enable_outgoing", 0)
	monkeypatch.setattr(mail_account.EmailAccount, "find_outgoing", lambda **options: None)
	assert "Email" not in base.available()
	with pytest.raises(TemporaryFailure):
		send(address(), message(ticket))


def test_the_sender_has_the_companys_name(mail_server, ticket):
	configure(company_name="Kühl & Trocken, GmbH")
	to = address()
	send(to, message(ticket))
	configure(company_name="")
	assert mail_server.mails_to(to)[0]["From"].addresses[0].display_name == "Kühl & Trocken, GmbH"


def test_the_hook_that_replaces_smtp_is_honoured(mail_server, ticket, monkeypatch):
	taken = []
	monkeypatch.setattr(
		email_queue, "get_hook_method", lambda name: lambda row, sender, to, content: taken.append(to)
	)
	to = address()
	send(to, message(ticket))
	assert taken == [to]
	assert not mail_server.mails_to(to)
