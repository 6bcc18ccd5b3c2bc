"""The checks of mail, going out and coming in."""

import time
from contextlib import contextmanager

import frappe
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from customer_portal.setup_check import mail
from customer_portal.setup_check.finding import FAILED, OFF, OK, WARNING
from tests.factories import unique
from tests.gateways import configure
from tests.gateways.mail import change_account
from tests.servers import free_port, silent_server

PASSWORD = "Mail-password-7"


def test_mail_that_goes_out(account, mail_server):
	finding = mail.outgoing_mail()
	assert (finding.state, account in finding.found) == (OK, True)
	assert mail_server.received == []


def test_mail_without_an_account(account):
	frappe.db.set_value("Email Account", {"enable_outgoing": 1}, "enable_outgoing", 0)
	assert mail.outgoing_mail().state == FAILED


def test_mail_that_is_switched_off():
	configure(send_email=0)
	assert mail.outgoing_mail().state == OFF
	configure(send_email=1)


@pytest.mark.parametrize("way", ["mute_emails", "suspended"])
def test_mail_that_is_held_back(account, monkeypatch, way):
	if way == "mute_emails":
		monkeypatch.setitem(frappe.local.conf, "mute_emails", 1)
	else:
		frappe.db.set_default("suspend_email_queue", 1)
	try:
		assert mail.outgoing_mail().state == FAILED
	finally:
		frappe.db.set_default("suspend_email_queue", 0)
		frappe.db.commit()


def test_a_mail_server_that_is_gone(account):
	change_account(account, smtp_port=free_port())
	finding = mail.outgoing_mail()
	assert (finding.state, finding.found) == (FAILED, "The mail server could not be reached.")
	assert finding.link == f"/app/email-account/{account}"


def test_a_mail_server_that_says_nothing_ends_by_the_time_limit(account):
	with silent_server() as port:
		change_account(account, smtp_port=port)
		started = time.monotonic()
		assert mail.outgoing_mail().state == FAILED
		assert time.monotonic() - started < 2 * mail.LONGEST_SECONDS


@pytest.mark.parametrize(("password", "state"), [(PASSWORD, OK), ("another", FAILED)])
def test_the_sign_in_at_the_mail_server_is_tried(account, password, state):
	with strict_mail_server() as port:
		own = frappe.copy_doc(frappe.get_doc("Email Account", account))
		own.update({"email_account_name": unique("Strict"), "password": password, "smtp_port": port})
		own.update(
			{"no_smtp_authentication": 0, "default_outgoing": 0, "email_id": f"{unique('s')}@example.com"}
		)
		own.flags.ignore_validate = True  # Frappe would try the password at once
		own.insert(ignore_permissions=True)
		frappe.db.set_single_value("Customer Portal Settings", "email_account", own.name)
		finding = mail.outgoing_mail()
	assert finding.state == state, finding.found
	assert password not in str(finding)


def test_a_mail_server_without_the_sign_in_that_is_wanted(account):
	own = frappe.copy_doc(frappe.get_doc("Email Account", account))
	own.update({"email_account_name": unique("Wants"), "password": PASSWORD, "no_smtp_authentication": 0})
	own.update({"default_outgoing": 0, "email_id": f"{unique('s')}@example.com"})
	own.flags.ignore_validate = True
	own.insert(ignore_permissions=True)
	frappe.db.set_single_value("Customer Portal Settings", "email_account", own.name)
	finding = mail.outgoing_mail()
	assert (finding.state, "lacks the sign-in" in finding.found) == (FAILED, True)


@contextmanager
def strict_mail_server():
	"""Lets in with ``PASSWORD`` only."""

	def check(server, session, envelope, mechanism, data):
		return AuthResult(success=data.password == PASSWORD.encode())

	port = free_port()
	options = {"auth_require_tls": False, "auth_required": True, "authenticator": check}
	controller = Controller(object(), hostname="127.0.0.1", port=port, **options)
	controller.start()
	try:
		yield port
	finally:
		controller.stop()


def test_incoming_mail():
	frappe.db.set_value("Email Account", {"enable_incoming": 1}, "enable_incoming", 0)
	assert mail.incoming_mail().state == OFF
	account = frappe.get_doc({"doctype": "Email Account", "email_account_name": unique("Incoming")})
	account.update({"enable_incoming": 1, "append_to": "HD Ticket", "email_id": "in@portal-tests.example"})
	account.flags.ignore_mandatory = account.flags.ignore_validate = True
	account.insert(ignore_permissions=True)
	assert (mail.incoming_mail().state, account.name in mail.incoming_mail().found) == (OK, True)
	frappe.db.set_value("Email Account", account.name, "no_failed", 3)
	assert mail.incoming_mail().state == WARNING
