"""The job that sends a code: once, to the stored recipient, past every log, whatever the provider does."""

import re

import frappe
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from customer_portal import sessions, texts
from customer_portal.channels import base
from customer_portal.otp import code_message, delivery, keyed_codes, record
from tests import doors
from tests.gateways import configure
from tests.threads import in_parallel

pytestmark = pytest.mark.usefixtures("at_the_door")
ENQUEUE = delivery.enqueue


@pytest.fixture
def door():
	return doors.make_door()


@pytest.fixture
def asked(door):
	"""A browser that waits for a code by SMS; ``asked.secret`` is the code."""
	door.ask()
	door.secret = door.code
	return door


@pytest.fixture
def asked_by_mail(at_the_door):
	door = doors.make_door()
	door.channel, door.typed = "Email", frappe.db.get_value("HD Ticket", door.link.ticket, "raised_by")
	door.ask()
	door.secret = door.code
	return door


def stored(browser):
	frappe.db.commit()
	return frappe.db.get_value(sessions.DOCTYPE, browser.challenge.name, "*", as_dict=True)


def send(browser):
	delivery.send_code(browser.challenge.name)
	return stored(browser)


def sweep(**units):
	with doors.later(**units):
		delivery.sweep()


def test_the_code_arrives_by_sms(asked, sms_gateway):
	row = send(asked)
	(text,) = sms_gateway.texts_to(asked.typed)
	assert row.delivery == "Sent"
	assert text.startswith(f"{asked.secret} is your code for ticket {asked.link.ticket}")
	assert asked.enter(asked.secret).kind == "verified"


def test_the_sms_ends_with_the_line_that_phones_fill_in(asked, sms_gateway):
	configure(portal_url="https://help.example.com:8443/")
	send(asked)
	(text,) = sms_gateway.texts_to(asked.typed)
	assert re.search(rf"\n\n@help\.example\.com #{asked.secret}\Z", text)


def test_the_code_arrives_by_mail(asked_by_mail, mail_server):
	row = send(asked_by_mail)
	(mail,) = mail_server.mails_to(asked_by_mail.typed)
	assert row.delivery == "Sent"
	assert asked_by_mail.secret in mail.get_body(("plain",)).get_content()
	assert asked_by_mail.secret in mail.get_body(("html",)).get_content()
	assert "within 5 minutes" in mail.get_body(("plain",)).get_content()
	assert asked_by_mail.secret not in mail["Subject"].replace(asked_by_mail.link.ticket, "")
	assert mail["Auto-Submitted"] == "auto-generated"
	assert mail["X-Auto-Response-Suppress"]


def test_mail_goes_to_the_stored_spelling(mail_server):
	door = doors.make_door(portal_email="Stored.Name@Example.com")
	door.ask("stored.NAME@example.COM", "Email")
	send(door)
	assert [message["to"] for message in mail_server.received] == ["Stored.Name@Example.com"]


def test_a_sent_code_is_nowhere_in_the_database(asked, asked_by_mail, sms_gateway, mail_server):
	for browser in (asked, asked_by_mail):
		row = send(browser)
		assert row.seed is None
		assert browser.secret not in (row.delivery_error or "")
	for table in ("Email Queue", "Error Log", "Communication", "Integration Request"):
		texts = str(frappe.get_all(table, fields=["*"], filters={"creation": (">", row.creation)}))
		assert f"{asked_by_mail.secret} is your code" not in texts
		assert f"{asked.secret} is your code" not in texts


def test_the_job_is_told_the_challenge_and_nothing_else(asked, monkeypatch):
	jobs = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **options: jobs.append((method, options)))
	ENQUEUE(asked.challenge.name)
	assert jobs == [(delivery.JOB, {"queue": "short", "challenge": asked.challenge.name})]
	assert frappe.get_attr(delivery.JOB) is delivery.send_code


def test_a_second_job_sends_nothing(asked, sms_gateway):
	send(asked)
	send(asked)
	sweep(seconds=30)
	assert len(sms_gateway.received) == 1


def test_many_workers_send_once(asked, sms_gateway):
	in_parallel(delivery.send_code, [asked.challenge.name] * 10, workers=10)
	assert len(sms_gateway.received) == 1


def test_a_replaced_code_is_not_sent(asked, sms_gateway):
	old = asked.challenge.name
	with doors.later(seconds=31):
		asked.ask_again()
		delivery.send_code(old)
	assert sms_gateway.received == []


def test_an_expired_code_is_not_sent_and_its_seed_is_forgotten(asked, sms_gateway):
	with doors.later(minutes=6):
		delivery.send_code(asked.challenge.name)
		delivery.sweep()
	row = stored(asked)
	assert sms_gateway.received == []
	assert (row.delivery, row.seed) == ("Failed", None)


def test_the_sweep_sends_what_no_job_took(asked, sms_gateway):
	sweep(seconds=5)
	assert sms_gateway.received == []
	sweep(seconds=25)
	assert len(sms_gateway.texts_to(asked.typed)) == 1


def test_the_sweep_sends_what_a_dead_worker_left(asked, sms_gateway):
	record.claim(asked.challenge.name)
	sweep(seconds=60)
	assert sms_gateway.received == []
	sweep(seconds=95)
	assert len(sms_gateway.texts_to(asked.typed)) == 1


def test_an_outage_is_tried_again_and_then_given_up(asked, sms_gateway):
	sms_gateway.mode = "500"
	row = send(asked)
	assert (row.delivery, row.send_attempts) == ("Queued", 1)
	assert row.seed
	sweep(seconds=30)
	sweep(seconds=60)
	row = stored(asked)
	assert (row.delivery, row.send_attempts, row.seed) == ("Failed", 3, None)
	sms_gateway.mode = "ok"
	sweep(seconds=120)
	assert sms_gateway.received == []


def test_an_outage_that_ends_in_time_delays_the_code(asked, sms_gateway):
	sms_gateway.mode = "429"
	send(asked)
	sms_gateway.mode = "ok"
	sweep(seconds=60)
	assert len(sms_gateway.texts_to(asked.typed)) == 1
	assert asked.enter(asked.secret).kind == "verified"


def test_a_refusal_ends_it_at_once(asked, sms_gateway):
	sms_gateway.mode = "400"
	row = send(asked)
	assert (row.delivery, row.seed, row.send_attempts) == ("Failed", None, 1)
	assert asked.secret not in row.delivery_error


def test_a_silent_gateway_may_have_sent_it_and_gets_it_no_second_time(asked, sms_gateway):
	sms_gateway.mode = "hang"
	row = send(asked)
	assert (row.delivery, row.seed) == ("Sent", None)
	sms_gateway.mode = "ok"
	sweep(seconds=120)
	assert len(sms_gateway.received) == 1


def test_a_mail_server_that_is_busy(asked_by_mail, mail_server):
	mail_server.mode = "busy"
	assert send(asked_by_mail).delivery == "Queued"
	mail_server.mode = "ok"
	sweep(seconds=30)
	assert len(mail_server.mails_to(asked_by_mail.typed)) == 1


def test_a_mail_server_that_does_not_know_the_mailbox(asked_by_mail, mail_server):
	mail_server.mode = "refuse recipient"
	row = send(asked_by_mail)
	assert (row.delivery, row.seed) == ("Failed", None)


def test_a_defect_leaves_no_code_in_the_error_log(asked, monkeypatch):
	def fail(recipient, message):
		text = message.text
		raise RuntimeError(f"Something about {text}")

	monkeypatch.setattr(base.registry["SMS"], "send", fail)
	before = frappe.db.count("Error Log")
	row = send(asked)
	logged = frappe.get_all("Error Log", fields=["error", "method"], order_by="creation desc", limit=5)
	assert (row.delivery, row.delivery_error, row.seed) == ("Failed", "RuntimeError", None)
	assert frappe.db.count("Error Log") == before + 1
	assert all(f"{asked.secret} is your code" not in str(one) for one in logged)
	assert f"#{asked.secret}" not in str(logged[0])


def test_a_defect_before_the_code_is_handed_over_is_tried_again(asked, sms_gateway, monkeypatch):
	def fail(*arguments):
		raise frappe.QueryDeadlockError(str(arguments))

	with monkeypatch.context() as patch:
		patch.setattr(delivery.code_message, "compose", fail)
		row = send(asked)
	assert (row.delivery, row.delivery_error) == ("Queued", "Unexpected QueryDeadlockError before sending")
	assert row.seed
	sweep(seconds=30)
	assert len(sms_gateway.texts_to(asked.typed)) == 1


def test_without_a_queue_the_answer_is_the_same_and_the_sweep_sends(door, sms_gateway, monkeypatch):
	monkeypatch.setattr(delivery, "enqueue", ENQUEUE)
	monkeypatch.setattr("frappe.utils.background_jobs.get_queue", _refuse)
	assert door.ask().kind == "sent"
	frappe.db.rollback()
	sweep(seconds=30)
	assert len(sms_gateway.texts_to(door.typed)) == 1


def _refuse(*arguments, **options):
	raise RedisConnectionError


def test_the_message_is_in_the_askers_language_and_the_language_comes_back(asked):
	with pytest.raises(frappe.DoesNotExistError), texts.in_language("ar"):
		assert frappe.local.lang == "ar"
		raise frappe.DoesNotExistError
	assert frappe.local.lang == "en"


def test_the_mail_is_right_to_left_in_arabic_and_urdu(asked):
	for language in ("ar", "ur"):
		assert 'dir="rtl"' in code_message.compose(asked.link.ticket, "1234", "Email", language).html
	assert 'dir="ltr"' in code_message.compose(asked.link.ticket, "1234", "Email", "en").html


def test_what_a_log_may_keep_has_no_code(asked):
	for channel in ("SMS", "Email"):
		assert "1234" not in code_message.compose(asked.link.ticket, "1234", channel, "en").redacted


def test_a_companys_name_cannot_break_the_message(asked):
	configure(company_name="{0} <b>{1}</b> & {x}")
	message = code_message.compose(asked.link.ticket, "1234", "Email", "en")
	assert "1234" in message.text
	assert "<b>" not in message.html
	configure(company_name="")


def test_codes_do_not_depend_on_the_process(asked):
	assert keyed_codes.derive(stored(asked).seed, 4) == asked.secret


def test_a_hanging_gateway_does_not_hold_the_sweep_for_ever(asked, sms_gateway, monkeypatch):
	monkeypatch.setattr(delivery, "SWEEP_SECONDS", -1)
	sweep(seconds=30)
	assert sms_gateway.received == []
	assert stored(asked).delivery == "Queued"
