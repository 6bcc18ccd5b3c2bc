"""All checks together, and as the Desk asks for them."""

import frappe
import pytest

from customer_portal.setup_check import run
from customer_portal.setup_check.finding import FAILED, OFF, OK
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket
from tests.gateways.mail import change_account
from tests.gateways.twilio import AUTH_TOKEN


def test_every_check_has_a_finding(mail_server):
	findings = run.run_all()
	assert [finding.key for finding in findings] == [check.key for check in run.checks()]
	assert len({finding.key for finding in findings}) == len(findings)
	for finding in findings:
		assert finding.title
		assert finding.found
		assert finding.mend or finding.state in (OK, OFF)


def test_a_check_that_breaks_hides_no_other(monkeypatch):
	monkeypatch.setitem(frappe.local.conf, "redis_queue", "nonsense://secret@host")
	findings = {finding.key: finding for finding in run.run_all()}
	assert findings["workers"].state == FAILED
	assert "secret" not in str(findings)
	assert findings["database"].state == OK


def test_no_check_leaves_a_dialog_behind(account):
	change_account(account, no_smtp_authentication=0, awaiting_password=1)
	run.run("outgoing_mail")
	assert frappe.get_message_log() == []


WRITTEN = ("Email Queue", "Communication", "Error Log", "Portal Access Link", "Portal Notification")


def test_nothing_is_written(mail_server, twilio):
	make_ticket()
	before = [frappe.db.sql(f"CHECKSUM TABLE `tab{doctype}`") for doctype in WRITTEN]
	run.run_all()
	frappe.db.commit()
	assert [frappe.db.sql(f"CHECKSUM TABLE `tab{doctype}`") for doctype in WRITTEN] == before


API = "/api/method/customer_portal.api.setup_check."


@pytest.fixture
def manager():
	user = make_agent().reload()
	user.add_roles("System Manager")
	frappe.db.commit()
	return user.name


def test_a_system_manager_asks(client, manager, twilio):
	log_in(client, manager)
	checks = client.get(f"{API}get_checks").json()["message"]
	assert [check["key"] for check in checks] == [check.key for check in run.checks()]
	for check in checks:
		answer = client.post(f"{API}run_check", {"key": check["key"]})
		assert answer.status_code == 200
		assert answer.json()["message"]["key"] == check["key"]
		assert AUTH_TOKEN not in answer.text
		assert frappe.local.conf.encryption_key not in answer.text
		assert frappe.local.conf.db_password not in answer.text


@pytest.mark.parametrize("key", ["", "x", "outgoing_mail\0", "../etc"])
def test_an_unknown_check(client, manager, key):
	log_in(client, manager)
	assert client.post(f"{API}run_check", {"key": key}).status_code == 404


def test_nobody_else_asks(client, new_client):
	agent = new_client()
	log_in(agent, make_agent().name)
	for one in (client, agent):
		assert one.get(f"{API}get_checks").status_code == 403
		assert one.post(f"{API}run_check", {"key": "database"}).status_code == 403


def test_no_link_of_another_site_starts_a_check(client, manager):
	log_in(client, manager)
	assert client.get(f"{API}run_check?key=database").status_code == 403
