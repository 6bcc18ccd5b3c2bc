"""Each check in each of its states, against real servers on loopback: mail, Twilio, Redis, the database."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta

import frappe
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_queue

from customer_portal import links
from customer_portal.clock import utc_now
from customer_portal.setup_check import background, mail, phone, run, site, versions
from customer_portal.setup_check.finding import FAILED, OFF, OK, WARNING
from tests.conftest import SITES
from tests.factories import make_agent, make_ticket, unique
from tests.gateways import configure
from tests.gateways.mail import use_mail_server
from tests.gateways.twilio import AUTH_TOKEN
from tests.servers import background_worker, free_port

PASSWORD = "Mail-password-7"
REACHABLE = "https://help.example.com"


@pytest.fixture(autouse=True)
def plain_settings(site):
	configure(send_email=1, sms_provider="", send_whatsapp=0, portal_url="", provider_timeout_seconds=2)
	yield
	frappe.db.rollback()
	for doctype in ("Customer Portal Settings", "System Settings", "SMS Settings", "Portal Ticket Template"):
		frappe.clear_document_cache(doctype)
	configure(sms_provider="", send_whatsapp=0, portal_url="")


@contextmanager
def silent_server():
	"""Takes connections and never says a word: its port."""
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		listener.listen()
		kept = []

		def take() -> None:
			with suppress(OSError):
				while True:
					kept.append(listener.accept())

		threading.Thread(target=take, daemon=True).start()
		yield listener.getsockname()[1]
		for connection, _address in kept:
			connection.close()


# Mail


@pytest.fixture
def account(mail_server):
	name = use_mail_server(mail_server)
	yield name
	frappe.db.rollback()
	use_mail_server(mail_server)
	change_account(name, no_smtp_authentication=1, awaiting_password=0)


def change_account(name: str, **values) -> None:
	frappe.db.set_value("Email Account", name, values)
	frappe.clear_document_cache("Email Account", name)
	frappe.local.outgoing_email_account = {}
	frappe.db.commit()


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


# SMS and WhatsApp


def test_no_sms():
	assert phone.sms_provider().state == OFF


def test_twilio_that_knows_us(twilio):
	assert phone.sms_provider().state == OK
	assert twilio.received == []


def test_twilio_with_another_token(twilio):
	document = frappe.get_doc("Customer Portal Settings")
	document.twilio_auth_token = "0" * 32
	document.save()
	finding = phone.sms_provider()
	assert (finding.state, "20003" in finding.found) == (FAILED, True)


def test_twilio_that_has_suspended_us(twilio):
	twilio.account_status = "suspended"
	finding = phone.sms_provider()
	assert (finding.state, "suspended" in finding.found) == (FAILED, True)


@pytest.mark.parametrize("mode", ["drop", "hang"])
def test_twilio_that_does_not_answer(twilio, mode):
	twilio.mode = mode
	assert phone.sms_provider().state == FAILED


def test_twilio_that_is_gone(twilio):
	twilio.stop()
	assert phone.sms_provider().state == FAILED
	twilio.start()


def test_a_provider_that_lacks_its_sender(twilio):
	configure(twilio_sender="")
	assert phone.sms_provider().state == FAILED


def test_a_gateway_is_named_by_its_host_alone(sms_gateway):
	address = f"{sms_gateway.url}/send?password=gateway-secret"
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", address)
	finding = phone.sms_provider()
	assert (finding.state, "127.0.0.1" in finding.found) == (OK, True)
	assert "gateway-secret" not in str(finding)
	assert sms_gateway.received == []


def test_a_gateway_without_a_web_address(sms_gateway):
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", "gateway/send")
	assert phone.sms_provider().state == FAILED


@pytest.fixture
def undone(twilio):
	"""What a test writes and does not commit goes before Twilio's fixture commits its own."""
	yield
	frappe.db.rollback()


def test_whatsapp(twilio, undone):
	assert phone.whatsapp_sender().state == OFF
	configure(send_whatsapp=1, whatsapp_sender="")
	assert phone.whatsapp_sender().state == FAILED
	configure(whatsapp_sender="+15005550006")
	frappe.db.delete("Portal WhatsApp Template")
	finding = phone.whatsapp_sender()
	assert (finding.state, "en" in finding.found) == (WARNING, True)
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("whatsapp_templates", {"language": "en", "content_sid": "HX" + "0" * 32})
	template.save()
	assert phone.whatsapp_sender().state == OK
	twilio.mode, twilio.account_status = "ok", "closed"
	assert phone.whatsapp_sender().state == FAILED


def test_a_language_that_is_offered_needs_a_template_of_its_own(twilio, undone):
	settings = frappe.get_doc("Customer Portal Settings")
	settings.set("languages", [{"language": "en"}, {"language": "ar"}])
	settings.update({"send_whatsapp": 1, "whatsapp_sender": "+15005550006"})
	settings.save()
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("whatsapp_templates", {"language": "en", "content_sid": "HX" + "0" * 32})
	template.save()
	assert "for: ar." in phone.whatsapp_sender().found


# Receipts


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


def test_receipts_without_twilio(no_messages):
	assert phone.receipts().state == OFF


def test_receipts_that_cannot_come(twilio, no_messages):
	assert phone.receipts().state == WARNING


def test_receipts_that_come(twilio, no_messages, undone):
	configure(portal_url=REACHABLE)
	assert "No report has come yet" in phone.receipts().found
	message(sent_at=utc_now(), due_at=utc_now())
	assert phone.receipts().state == OK
	message()
	assert phone.receipts().state == WARNING
	message(state="Delivered", delivered_at=utc_now())
	assert (phone.receipts().state, f"{utc_now():%Y-%m-%d}" in phone.receipts().found) == (OK, True)


# The site


@pytest.mark.parametrize(
	("portal_url", "state"),
	[(REACHABLE, OK), ("http://help.example.com", WARNING), ("http://help.localhost:8000", WARNING)],
)
def test_the_address_of_links(portal_url, state):
	configure(portal_url=portal_url)
	finding = site.host_name()
	assert (finding.state, portal_url in finding.found) == (state, True)


@pytest.mark.parametrize(("name", "state"), [("desk.example.com", WARNING), ("frontend", FAILED)])
def test_a_site_that_has_only_its_name(monkeypatch, name, state):
	monkeypatch.setattr(frappe.local, "conf", frappe._dict())
	monkeypatch.setattr(frappe.local, "site", name)
	assert site.host_name().state == state


@pytest.mark.parametrize(
	("values", "state"),
	[
		({}, OK),
		({"block_endpoints": 1}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": ["/api/method/other."]}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": "/api/method/other."}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": ["/api/method/other.", ""]}, WARNING),
	],
)
def test_blocked_endpoints(monkeypatch, values, state):
	for key, value in values.items():
		monkeypatch.setitem(frappe.local.conf, key, value)
	assert site.endpoint_blocking().state == state


@pytest.mark.parametrize(
	("zone", "state"), [("Asia/Riyadh", OK), ("Mars/Olympus", FAILED), ("../etc", FAILED), (None, WARNING)]
)
def test_the_time_zone(zone, state):
	frappe.db.set_single_value("System Settings", "time_zone", zone, update_modified=False)
	assert site.time_zone().state == state


@pytest.mark.parametrize(("seconds", "state"), [(0, OK), (-1, OK), (8, WARNING), (-90, FAILED)])
def test_the_clocks(seconds, state):
	if seconds:
		frappe.db.sql("SET timestamp = %s", (time.time() + seconds,))
	try:
		assert site.clock().state == state
	finally:
		frappe.db.sql("SET timestamp = DEFAULT")


def test_the_encryption_key(monkeypatch):
	frappe.db.delete(links.DOCTYPE)
	links.ensure(make_ticket().name)
	assert site.encryption_key().state == OK
	key = frappe.local.conf.encryption_key
	monkeypatch.setitem(frappe.local.conf, "encryption_key", key[::-1].replace("=", "") + "=")
	finding = site.encryption_key()
	assert (finding.state, finding.found.startswith("1 of the 1 ")) == (WARNING, True)
	monkeypatch.setitem(frappe.local.conf, "encryption_key", "")
	finding = site.encryption_key()
	assert (finding.state, key in str(finding)) == (FAILED, False)


# Background work


@pytest.fixture
def job():
	"""The scheduler is on, and our job has just run."""
	frappe.db.set_single_value("System Settings", "enable_scheduler", 1)
	name = frappe.db.get_value("Scheduled Job Type", {"method": background.JOB})
	frappe.db.set_value("Scheduled Job Type", name, {"stopped": 0, "last_execution": now_datetime()})
	frappe.clear_document_cache("System Settings", "System Settings")
	frappe.local.system_settings = None
	yield name
	frappe.db.rollback()
	frappe.clear_document_cache("System Settings", "System Settings")
	frappe.local.system_settings = None


def test_a_scheduler_that_runs(job):
	assert background.scheduler().state == OK


@pytest.mark.parametrize("key", ["pause_scheduler", "disable_scheduler", "maintenance_mode"])
def test_a_scheduler_that_is_paused(job, monkeypatch, key):
	monkeypatch.setitem(frappe.local.conf, key, 1)
	assert background.scheduler().state == FAILED


@pytest.mark.parametrize(
	("minutes", "state"), [(None, WARNING), (0, OK), (10, OK), (20, FAILED)], ids=["never", "now", "10", "20"]
)
def test_a_scheduler_that_stands_still(job, minutes, state):
	last = now_datetime() - timedelta(minutes=minutes) if minutes is not None else None
	frappe.db.set_value("Scheduled Job Type", job, "last_execution", last)
	assert background.scheduler().state == state


def test_a_stopped_job(job):
	frappe.db.set_value("Scheduled Job Type", job, "stopped", 1)
	assert background.scheduler().state == FAILED


def test_no_workers():
	finding = background.workers()
	assert (finding.state, "short, default" in finding.found) == (FAILED, True)


def test_workers_that_run(tmp_path, monkeypatch):
	for queue in ("short", "default", "long"):
		get_queue(queue).empty()
	with background_worker(SITES, tmp_path / "worker.log"):
		deadline = time.monotonic() + 40
		while background.workers().state != OK and time.monotonic() < deadline:
			time.sleep(0.5)
		assert background.workers().state == OK
		monkeypatch.setattr(background, "LONG_QUEUE", -1)
		assert background.workers().state == WARNING


def test_redis_that_answers():
	assert background.redis().state == OK


@pytest.mark.parametrize("name", ["redis_queue", "redis_cache"])
def test_redis_that_is_gone(monkeypatch, name):
	monkeypatch.setitem(frappe.local.conf, name, f"redis://127.0.0.1:{free_port()}")
	finding = background.redis()
	assert (finding.state, name in finding.found) == (FAILED, True)


def test_redis_that_says_nothing_ends_by_the_time_limit(monkeypatch):
	with silent_server() as port:
		monkeypatch.setitem(frappe.local.conf, "redis_queue", f"redis://127.0.0.1:{port}")
		started = time.monotonic()
		assert background.redis().state == FAILED
		assert run.run("workers").state == FAILED
		assert time.monotonic() - started < 4 * background.REDIS_SECONDS


def test_waiting_messages(no_messages):
	assert background.backlog().state == OFF
	message()
	assert background.backlog().state == OK
	message(state="Queued", due_at=utc_now() - timedelta(minutes=4))
	assert background.backlog().state == OK
	message(state="Queued", due_at=utc_now() - timedelta(minutes=6))
	assert (background.backlog().state, background.backlog().found[:1]) == (WARNING, "1")


# Versions


@pytest.mark.parametrize(
	("text", "state"),
	[
		("14.90.0", FAILED),
		("15.108.9", FAILED),
		("15.109.0", WARNING),
		("15.120.9", WARNING),
		("15.121.0", OK),
		("16.0.0", WARNING),
		("16.33.9", WARNING),
		("16.34.0", OK),
		("16.0.0-dev", OK),
		("17.0.0-dev", WARNING),
		("nonsense", FAILED),
	],
)
def test_versions_of_frappe(text, state):
	finding = versions.judge_frappe(versions.read(text))
	assert (finding.state, text in finding.found) == (state, True)


@pytest.mark.parametrize(
	("text", "state"),
	[("1.18.9", FAILED), ("1.19.0", OK), ("v1.28.1", OK), ("1.30.0-develop", OK), ("2.0.0", WARNING)],
)
def test_versions_of_helpdesk(text, state):
	assert versions.judge_helpdesk(versions.read(text)).state == state


@pytest.mark.parametrize(
	("text", "state"), [("10.11.6-MariaDB-log", OK), ("10.5.27-MariaDB", FAILED), ("8.0.36", FAILED)]
)
def test_versions_of_the_database(text, state):
	assert versions.judge_database(text).state == state


def test_the_versions_of_this_very_bench():
	assert frappe.__version__ in versions.frappe_version().found
	assert frappe.get_attr("helpdesk.__version__") in versions.helpdesk_version().found
	assert versions.database_version().state == OK


# All of them


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


# As the Desk asks

API = "/api/method/customer_portal.api.setup_check."


def sign_in(client, user: str) -> None:
	assert client.post("/api/method/login", {"usr": user, "pwd": "Correct-horse-9"}).status_code == 200


@pytest.fixture
def manager():
	user = make_agent().reload()
	user.add_roles("System Manager")
	frappe.db.commit()
	return user.name


def test_a_system_manager_asks(client, manager, twilio):
	sign_in(client, manager)
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
	sign_in(client, manager)
	assert client.post(f"{API}run_check", {"key": key}).status_code == 404


def test_nobody_else_asks(client, new_client):
	agent = new_client()
	sign_in(agent, make_agent().name)
	for one in (client, agent):
		assert one.get(f"{API}get_checks").status_code == 403
		assert one.post(f"{API}run_check", {"key": "database"}).status_code == 403


def test_no_link_of_another_site_starts_a_check(client, manager):
	sign_in(client, manager)
	assert client.get(f"{API}run_check?key=database").status_code == 403
