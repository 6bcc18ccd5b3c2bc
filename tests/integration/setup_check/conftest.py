"""Settings in order, against real servers on loopback; each check is then tested in each of its states."""

from datetime import timedelta

import frappe
import pytest

from customer_portal.clock import utc_now
from tests.factories import make_ticket, unique
from tests.gateways import configure
from tests.gateways.mail import change_account, use_mail_server

REACHABLE = "https://help.example.com"


@pytest.fixture(autouse=True)
def plain_settings(site):
	configure(send_email=1, sms_provider="", send_whatsapp=0, portal_url="", provider_timeout_seconds=2)
	yield
	frappe.db.rollback()
	for doctype in ("Customer Portal Settings", "System Settings", "SMS Settings", "Portal Ticket Template"):
		frappe.clear_document_cache(doctype)
	configure(sms_provider="", send_whatsapp=0, portal_url="")


@pytest.fixture
def account(mail_server):
	name = use_mail_server(mail_server)
	yield name
	frappe.db.rollback()
	use_mail_server(mail_server)
	change_account(name, no_smtp_authentication=1, awaiting_password=0)


@pytest.fixture
def undone(twilio):
	"""What a test writes and does not commit goes before Twilio's fixture commits its own."""
	yield
	frappe.db.rollback()


def message(**values):
	"""One message in the ledger, as if sent some hours ago."""
	ago = utc_now() - timedelta(hours=3)
	row = frappe.get_doc({"doctype": "Portal Notification", "ticket": make_ticket().name, "kind": "Status"})
	row.update(
		{"channel": "SMS", "state": "Sent", "due_at": ago, "sent_at": ago, "dedupe_key": unique("key")}
	)
	row.update(values)
	row.db_insert()
	return row


@pytest.fixture
def no_messages():
	frappe.db.delete("Portal Notification")
