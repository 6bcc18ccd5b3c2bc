"""Which Email Account speaks for a ticket."""

import frappe
import pytest

from customer_portal.channels import base, email, mail_account
from customer_portal.channels.base import (
	TemporaryFailure,
)
from tests.factories import unique
from tests.gateways import configure
from tests.gateways.mail import change_account, use_mail_server
from tests.integration.channels_email.conftest import address, message, send


@pytest.fixture
def account_without_password(mail_server, ticket):
	name = mail_account.of_ticket(str(ticket.name)).name
	change_account(name, no_smtp_authentication=0)
	yield name
	change_account(name, no_smtp_authentication=1)


@pytest.mark.parametrize("unlogged", [False, True])
def test_an_account_without_its_password_is_temporary(account_without_password, ticket, unlogged):
	with pytest.raises(TemporaryFailure, match="lacks its password"):
		if unlogged:
			email.send_now_unlogged(address(), message(ticket), str(ticket.name))
		else:
			send(address(), message(ticket))


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
