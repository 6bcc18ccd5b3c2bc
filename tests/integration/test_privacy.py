"""Retention, masks, and what Frappe's own personal-data tools export and erase."""

import json
import re
from datetime import timedelta

import frappe
import pytest
from frappe.core.doctype.log_settings.log_settings import _supports_log_clearing, run_log_clean_up

from customer_portal import links, opt_outs, sessions, throttle, uninstall
from customer_portal.clock import utc_now
from customer_portal.customizations import DOCTYPES
from customer_portal.notifications import dispatch, outbox
from customer_portal.otp.recipients import EMAIL, SMS, Recipient
from tests import doors
from tests.accounts import log_in
from tests.data_requests import download, erase
from tests.factories import make_agent, make_ticket, saudi_mobile, unique
from tests.gateways import configure

LOGS = {
	"Portal Join Request": 90,
	"Portal Notification": 180,
	"Portal OTP Session": 30,
	"Portal Slack Event": 30,
	"Portal Throttle Event": 31,
}
SECRET = {
	"Portal Notification": {"recipient", "claim", "dedupe_key"},
	"Portal OTP Session": {"recipient", "seed", "code_digest", "browser_digest", "session_digest"},
}


# Retention


@pytest.fixture
def retention():
	"""As the daily job finds it; the table is put back afterwards."""
	was = [(row.ref_doctype, row.days) for row in frappe.get_doc("Log Settings").logs_to_clear]
	yield
	frappe.db.rollback()
	settings = frappe.get_doc("Log Settings")
	settings.set("logs_to_clear", [{"ref_doctype": doctype, "days": days} for doctype, days in was])
	settings.flags.ignore_validate = True
	settings.save()
	frappe.db.commit()


def old_message(state: str, days: int) -> str:
	due = utc_now() - timedelta(days=days)
	row = frappe.get_doc({"doctype": outbox.DOCTYPE, "kind": "Status", "channel": "SMS", "state": state})
	row.update({"ticket": make_ticket().name, "due_at": due, "occurred_at": due, "dedupe_key": unique("key")})
	row.db_insert()
	return row.name


def test_the_daily_clean_up_learns_our_doctypes_and_their_days(retention):
	run_log_clean_up()
	listed = {row.ref_doctype: row.days for row in frappe.get_doc("Log Settings").logs_to_clear}
	assert {doctype: listed.get(doctype) for doctype in LOGS} == LOGS
	assert "Portal Status Event" not in listed


def test_the_clean_up_takes_old_finished_messages_alone(retention):
	finished = [old_message(state, 181) for state in ("Sent", "Delivered", "Failed", "Superseded")]
	unfinished = [old_message(state, 400) for state in ("Queued", "Sending")]
	young = old_message("Sent", 179)
	run_log_clean_up()
	left = frappe.get_all(
		outbox.DOCTYPE, filters={"name": ("in", [*finished, *unfinished, young])}, pluck="name"
	)
	assert sorted(left) == sorted([*unfinished, young])
	frappe.db.delete(outbox.DOCTYPE, {"name": ("in", left)})


def test_an_admin_decides_how_long(retention):
	name = old_message("Sent", 20)
	run_log_clean_up()
	assert frappe.db.exists(outbox.DOCTYPE, name)
	settings = frappe.get_doc("Log Settings")
	settings.register_doctype(outbox.DOCTYPE, 10)
	settings.save()
	run_log_clean_up()
	assert not frappe.db.exists(outbox.DOCTYPE, name)


def test_a_live_session_outlives_any_setting(retention, at_the_door):
	door = doors.make_door()
	door.sign_in()
	long = {"expires_at": utc_now() - timedelta(days=90), "absolute_until": utc_now() + timedelta(days=1)}
	frappe.db.set_value(sessions.DOCTYPE, {"link": door.link.name}, long)
	run_log_clean_up()
	assert frappe.db.exists(sessions.DOCTYPE, {"link": door.link.name})


def test_no_setting_forgets_what_a_limit_counts(retention):
	throttle.record(throttle.FAILURE, "ticket:counted")
	frappe.db.sql(
		"UPDATE `tabPortal Throttle Event` SET occurred_at = occurred_at - INTERVAL 29 DAY WHERE subject = %s",
		("ticket:counted",),
	)
	settings = frappe.get_doc("Log Settings")
	settings.register_doctype(throttle.EVENT, 1)
	settings.save()
	run_log_clean_up()
	assert throttle.count(throttle.FAILURE, "ticket:counted", utc_now() - timedelta(days=30)) == 1
	throttle.forget("ticket:counted")


def test_the_ledger_of_status_changes_has_no_clean_up():
	supported = {doctype for doctype in DOCTYPES if _supports_log_clearing(doctype)}
	assert supported == set(LOGS)


def test_an_uninstall_takes_the_rows_of_log_settings(retention):
	run_log_clean_up()
	uninstall.remove_log_clearing()
	left = [row.ref_doctype for row in frappe.get_doc("Log Settings").logs_to_clear]
	assert not set(left) & set(DOCTYPES)
	assert "Error Log" in left


# Who sees an address


@pytest.fixture
def traces(at_the_door):
	"""A ticket with a message and a session; the number and the names of both rows."""
	door = doors.make_door()
	number = door.typed
	door.sign_in()
	outbox.write_link(door.link.ticket)
	frappe.db.commit()
	rows = {
		doctype: frappe.db.get_value(doctype, {"ticket": door.link.ticket, "recipient": number})
		for doctype in SECRET
	}
	assert all(rows.values())
	return number, rows


WAYS = (
	"/api/resource/{doctype}/{name}",
	"/api/v2/document/{doctype}/{name}",
	'/api/resource/{doctype}?filters=[["name","=","{name}"]]&fields=["*"]',
	'/api/resource/{doctype}?filters=[["name","=","{name}"]]&fields=["name","recipient"]',
	"/api/method/frappe.client.get?doctype={doctype}&name={name}",
	'/api/method/frappe.client.get_value?doctype={doctype}&filters={name}&fieldname=["name","recipient"]',
	"/api/method/frappe.desk.form.load.getdoc?doctype={doctype}&name={name}",
	'/api/method/frappe.desk.reportview.get?doctype={doctype}&fields=["name","recipient"]'
	'&filters=[["name","=","{name}"]]',
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("doctype", SECRET)
def test_a_system_manager_sees_masks(client, traces, doctype, way):
	number, rows = traces
	user = make_agent().reload()
	user.add_roles("System Manager")
	frappe.db.commit()
	log_in(client, user.name)
	answer = client.get(way.format(doctype=doctype, name=rows[doctype]))
	assert number not in answer.text
	assert number[1:] not in answer.text
	secrets = frappe.db.get_value(doctype, rows[doctype], sorted(SECRET[doctype]))
	assert not [secret for secret in secrets if secret and secret in answer.text and len(secret) > 8]
	if answer.status_code == 200:
		assert rows[doctype] in answer.text or "get_value" in way


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("doctype", SECRET)
def test_an_agent_sees_nothing_of_it(client, traces, doctype, way):
	number, rows = traces
	log_in(client, make_agent().name)
	answer = client.get(way.format(doctype=doctype, name=rows[doctype]))
	assert answer.status_code == 403
	assert number[1:] not in answer.text
	assert not re.search(rf"(?<!line )\b{number[-4:]}\b", answer.text)  # the end of one that is masked


def test_an_export_has_masks_alone(client, traces):
	number, rows = traces
	user = make_agent().reload()
	user.add_roles("System Manager")
	frappe.db.commit()
	log_in(client, user.name)
	asked = {
		"doctype": "Portal Notification",
		"fields": json.dumps(
			["`tabPortal Notification`.`masked_recipient`", "`tabPortal Notification`.`recipient`"]
		),
		"filters": json.dumps([["Portal Notification", "name", "=", rows["Portal Notification"]]]),
		"file_format_type": "CSV",
		"title": "x",
	}
	answer = client.post("/api/method/frappe.desk.reportview.export_query", asked)
	assert number not in answer.text
	assert number[-3:] in answer.text


def test_secret_fields_are_above_every_role():
	for doctype, fieldnames in SECRET.items():
		meta = frappe.get_meta(doctype)
		assert {field.fieldname for field in meta.fields if field.permlevel} == fieldnames
		assert {row.permlevel for row in meta.permissions} == {0}
		for fieldname in fieldnames:
			field = meta.get_field(fieldname)
			assert (field.hidden, field.report_hide, field.print_hide) == (1, 1, 1)


# Frappe's personal-data tools


@pytest.fixture
def person(at_the_door, mail_server):
	"""A customer with an account, a contact with a number, a ticket with another number, and traces of all."""
	configure(sms_provider="SMS Settings", send_email=1, portal_url="https://help.example.com")
	user = frappe.new_doc("User")
	user.update(
		{"email": f"{unique('jane')}@example.com", "first_name": unique("Jane"), "send_welcome_email": 0}
	)
	user.append("roles", {"role": "HD Customer"})
	user.insert(ignore_permissions=True)
	number, second = saudi_mobile(), saudi_mobile()
	ticket = make_ticket(phone=number, email=user.name, portal_phone=second, portal_email=user.name)
	foreign = make_ticket(phone=saudi_mobile())
	links.ensure(ticket.name)
	for one in (ticket, foreign):
		outbox.write_link(str(one.name))
	for channel, address in ((SMS, number), (SMS, second), (EMAIL, user.name)):
		opt_outs.stop(channel, Recipient(channel, address), opt_outs.STOP)
		session_to(ticket, channel, address)
	session_to(foreign, SMS, "+966500000001")
	frappe.db.commit()
	yield frappe._dict(user=user.name, number=number, second=second, ticket=ticket, foreign=foreign)
	configure(portal_url="")


def session_to(ticket, channel: str, address: str) -> None:
	"""A live session of somebody who was verified by this address."""
	soon = utc_now() + timedelta(hours=1)
	row = frappe.get_doc({"doctype": sessions.DOCTYPE, "state": "Verified", "channel": channel})
	row.update({"link": links.ensure(ticket.name).name, "ticket": str(ticket.name), "recipient": address})
	row.update({"masked_recipient": Recipient(channel, address).masked, "session_digest": unique("digest")})
	row.update({"verified_at": utc_now(), "last_seen_at": utc_now(), "expires_at": soon})
	row.update({"idle_until": soon, "absolute_until": soon, "user_agent": "Firefox"})
	row.db_insert()


def test_a_download_has_what_we_hold(person):
	data = download(person.user)
	assert {row["ticket"] for row in data["Portal Notification"]} == {str(person.ticket.name)}
	assert {row["recipient"] for row in data["Portal OTP Session"]} == {person.user}
	assert "Contact" in data
	values = {str(value) for rows in data.values() for row in rows for value in row.values()}
	assert str(person.foreign.name) not in values
	assert person.foreign.raised_by not in json.dumps(data)


def test_an_erasure_leaves_no_address_and_no_number(person):
	request = erase(person.user)
	for doctype in (
		"Portal Notification",
		"Portal OTP Session",
		"Portal Opt-Out",
		"HD Ticket",
		"Portal Access Link",
	):
		rows = frappe.db.sql(f"SELECT * FROM `tab{doctype}`", as_dict=True)
		held = json.dumps(rows, default=str)
		assert not [word for word in (person.user, person.number, person.second) if word in held], doctype
	left = frappe.db.get_value("HD Ticket", person.ticket.name, ["raised_by", "portal_phone", "portal_email"])
	assert left == (request.name, None, None)


def test_an_erasure_leaves_no_address_in_the_log_of_mails(person, mail_server):
	opt_outs.start(EMAIL, Recipient(EMAIL, person.user))
	frappe.db.commit()
	dispatch.deliver_due()
	assert mail_server.mails_to(person.user)
	erase(person.user)
	logged = frappe.get_all("Email Queue", {"reference_name": str(person.ticket.name)}, ["message"])
	assert logged
	assert person.user not in json.dumps(logged)


def test_an_erasure_ends_sessions_and_messages(person):
	erase(person.user)
	assert sessions.of_ticket(str(person.ticket.name)) == []
	states = frappe.get_all(outbox.DOCTYPE, {"ticket": person.ticket.name}, pluck="state")
	assert set(states) == {"Superseded"}
	assert links.of_ticket(str(person.ticket.name)).is_revoked


def test_nothing_goes_out_after_an_erasure(person, mail_server):
	request = erase(person.user)
	mail_server.received = []
	ticket = frappe.get_doc("HD Ticket", person.ticket.name)
	ticket.status = "Closed"
	ticket.save()
	frappe.db.commit()
	dispatch.deliver()
	assert mail_server.mails_to(person.user) == mail_server.mails_to(request.name) == []
	texts = json.dumps(frappe.get_all(outbox.DOCTYPE, {"ticket": ticket.name}, ["recipient", "reason"]))
	assert person.user not in texts


def test_an_erasure_touches_nobody_else(person):
	before = frappe.get_all(outbox.DOCTYPE, {"ticket": person.foreign.name}, ["*"], order_by="name")
	assert before
	erase(person.user)
	assert frappe.get_all(outbox.DOCTYPE, {"ticket": person.foreign.name}, ["*"], order_by="name") == before
	assert len(sessions.of_ticket(str(person.foreign.name))) == 1
	assert not links.of_ticket(str(person.foreign.name)).is_revoked


def test_a_wish_to_get_no_messages_outlives_the_erasure(person):
	erase(person.user)
	assert opt_outs.is_out(SMS, Recipient(SMS, person.number))
	assert opt_outs.is_out(EMAIL, Recipient(EMAIL, person.user))


def test_what_happened_to_the_ticket_stays_on_record(person):
	events = frappe.db.count("Portal Status Event", {"ticket": person.ticket.name})
	assert events
	erase(person.user)
	assert frappe.db.count("Portal Status Event", {"ticket": person.ticket.name}) == events


def test_a_request_that_is_only_made_erases_nothing(person):
	request = frappe.get_doc({"doctype": "Personal Data Deletion Request", "email": person.user})
	request.insert(ignore_permissions=True)
	request.status = "Pending Approval"
	request.save(ignore_permissions=True)
	assert frappe.db.get_value("HD Ticket", person.ticket.name, "portal_phone") == person.second
