"""The dry run says what the outbox would do, and writes nothing."""

import time
import tracemalloc
from datetime import datetime, timedelta

import frappe
import pytest
from freezegun import freeze_time

from customer_portal import links, opt_outs, rows, timezones
from customer_portal.channels import sms
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, dry_run
from customer_portal.otp.recipients import Recipient
from tests import events
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket, saudi_mobile
from tests.gateways import configure
from tests.ledger import make_template

HOME = "/portal/staff/dry-run"
NOON = datetime(2031, 3, 4, 9, 0)  # UTC; 12:00 in Riyadh
LEDGER = "Portal Status Event"


@pytest.fixture(autouse=True)
def settled(channel, mail_server):
	"""SMS is a recording channel, e-mail goes to a loopback server; nothing of earlier tests lies in the window."""
	configure(sms_provider="SMS Settings", send_email=1, burst_seconds=20, quiet_from=None, quiet_until=None)
	events.clear()
	yield
	configure(sms_provider="", quiet_from=None, quiet_until=None)
	frappe.db.delete(LEDGER, {"occurred_at": (">", datetime(2030, 1, 1))})
	frappe.db.commit()


@pytest.fixture
def template():
	document = make_template(
		{1: ["Open"], 2: ["Open", "Replied"], 3: ["Resolved"], 4: ["Closed"]},
		{1: "Open", 2: "Open", 3: "Resolved", 4: "Closed"},
	)
	for row in document.sub_statuses:
		row.notify = 1
	document.save()
	frappe.db.commit()
	return document


@pytest.fixture
def ticket(template):
	"""A ticket without a change in the window that the tests look at."""
	made = make_ticket(phone=saudi_mobile(), template=template.ticket_template)
	frappe.db.delete(LEDGER, {"ticket": str(made.name)})
	frappe.db.commit()
	return made


def change(ticket, template, position: int, at: datetime, seen_at=None, source: str = "Agent") -> str:
	"""A row of the ledger as it would stand there."""
	name = frappe.generate_hash(length=20)
	row = {
		"name": name,
		"ticket": str(ticket.name),
		"to_sub_status": template.sub_statuses[position - 1].sub_status,
		"to_main_status": position,
		"occurred_at": at,
		"seen_at": seen_at,
		"source": source,
	}
	rows.insert(LEDGER, row)
	frappe.db.commit()
	return name


def lines(ticket, now: datetime = NOON + timedelta(hours=20), days: int = 7, channel: str = "SMS") -> list:
	frappe.db.commit()
	with freeze_time(now):
		report = dry_run.run(days, timezones.UTC)
	return [
		line for line in report.lines if line.ticket == str(ticket.name) and line.channel in (channel, "")
	]


def seconds(amount: float) -> timedelta:
	return timedelta(seconds=amount)


def test_one_change_is_one_message_by_each_channel(ticket, template):
	change(ticket, template, 2, NOON)
	for channel in ("SMS", "Email"):
		(line,) = lines(ticket, channel=channel)
		assert line.sent_at == NOON + seconds(20)
		assert (line.label, line.reason) == ("Label 2", "")
	(line,) = lines(ticket)
	assert line.recipient.startswith("+966 •••")
	assert line.segments == 1


def test_a_burst_becomes_its_last_message(ticket, template):
	change(ticket, template, 2, NOON)
	change(ticket, template, 3, NOON + seconds(10))
	change(ticket, template, 4, NOON + seconds(21))
	first, second, third = lines(ticket)
	assert (first.sent_at, first.reason) == (None, "A newer message took its place.")
	assert second.sent_at == NOON + seconds(20)
	assert third.sent_at == NOON + seconds(41)


def test_what_is_excluded_or_not_told(ticket, template):
	template.append("exclusions", {"sub_status": template.sub_statuses[1].sub_status, "channel": "SMS"})
	template.sub_statuses[2].notify = 0
	template.save()
	change(ticket, template, 2, NOON)
	change(ticket, template, 3, NOON + seconds(100))
	first, second = lines(ticket)
	assert first.reason == "The template does not tell this change by this channel."
	assert (second.channel, second.reason) == ("", "Changes to this sub-status are not announced.")
	(mail, _untold) = lines(ticket, channel="Email")
	assert mail.sent_at


def test_a_ticket_that_moves_on_to_what_is_not_told(ticket, template):
	template.sub_statuses[2].notify = 0
	template.save()
	change(ticket, template, 2, NOON)
	change(ticket, template, 3, NOON + seconds(10))
	reasons = {line.reason for line in lines(ticket) if line.channel}
	assert reasons == {"The ticket has moved on to a status that is not announced."}


def test_without_an_address(template):
	made = make_ticket(template=template.ticket_template)
	frappe.db.delete(LEDGER, {"ticket": str(made.name)})
	change(made, template, 2, NOON)
	(line,) = lines(made)
	assert line.reason == "The ticket knows no address for this channel."


def test_opt_outs_mutes_and_looks(ticket, template):
	change(ticket, template, 2, NOON, seen_at=NOON + seconds(5))
	(line,) = lines(ticket)
	assert line.reason == "The customer has already seen it on the ticket's page."
	change(ticket, template, 1, NOON + seconds(100), seen_at=NOON + timedelta(hours=1))
	assert lines(ticket)[-1].sent_at
	links.mute(str(ticket.name), True)
	change(ticket, template, 3, NOON + seconds(200))
	muted, resolved = lines(ticket)[1:]
	assert muted.reason == "The customer has muted this ticket."
	assert resolved.sent_at
	phone = frappe.db.get_value("Contact", ticket.contact, "mobile_no")
	opt_outs.stop("SMS", Recipient("SMS", phone), opt_outs.STOP)
	assert lines(ticket)[-1].reason == "The customer wants no messages by this channel."
	assert lines(ticket, channel="Email")[-1].sent_at


def test_quiet_hours_put_it_off_and_merge_what_comes_meanwhile(ticket, template):
	configure(quiet_from="21:00:00", quiet_until="08:00:00")
	night = NOON + timedelta(hours=10)  # 22:00 in Riyadh
	change(ticket, template, 2, night)
	change(ticket, template, 3, night + timedelta(hours=2))
	first, second = lines(ticket, now=night + timedelta(hours=20))
	assert first.reason == "A newer message took its place."
	assert second.sent_at == datetime(2031, 3, 5, 5, 0)
	assert "quiet hours" in second.reason
	first, second = lines(ticket, now=night + timedelta(hours=20), channel="Email")
	assert first.sent_at == night + seconds(20)
	assert second.sent_at == night + timedelta(hours=2) + seconds(20)


def test_a_country_that_sms_do_not_reach(ticket, template, channel):
	change(ticket, template, 2, NOON)
	configure(sms_countries="DE")
	frappe.db.commit()
	channel.check = sms.Sms.check.__get__(channel)
	(line,) = lines(ticket)
	configure(sms_countries="")
	assert line.reason == "SMS to this country is not allowed in Customer Portal Settings."


def test_back_filled_and_older_changes_are_left_out(ticket, template):
	change(ticket, template, 2, NOON, source="Back-fill")
	change(ticket, template, 2, NOON - timedelta(days=8))
	assert not lines(ticket)
	assert lines(ticket, days=10)


def test_it_foretells_what_the_outbox_really_does(template, channel, monkeypatch):
	"""The same changes, dry and for real: the same messages to the same people."""
	monkeypatch.setattr(dry_run, "MOST_LINES", 100_000)  # the site has the changes of other tests too
	configure(burst_seconds=1)
	made = [make_ticket(phone=saudi_mobile(), template=template.ticket_template) for _ in range(3)]
	events.clear()
	for one in made:  # nobody delivers until the loop, so their opening would count on a slow machine only
		frappe.db.delete(LEDGER, {"ticket": str(one.name)})
	links.mute(str(made[1].name), True)
	template.append("exclusions", {"sub_status": template.sub_statuses[2].sub_status, "channel": "SMS"})
	template.save()
	frappe.db.commit()
	for position in (2, 3, 4):
		for one in made:
			events.change_status(one, template.sub_statuses[position - 1].sub_status)
		time.sleep(1.5)
		dispatch.deliver_due(10)
	report = dry_run.run(1, timezones.UTC)
	names = {str(one.name) for one in made}
	foretold = [
		line for line in report.lines if line.ticket in names and line.channel == "SMS" and line.sent_at
	]
	real = [(message.ticket, message.text.split("\n")[0]) for _to, message in channel.sent]
	mine = [one for one in real if one[0] in names]
	assert len(foretold) == len(mine) > 0
	assert sorted(line.ticket for line in foretold) == sorted(ticket for ticket, _text in mine)
	labels = {(line.ticket, line.label) for line in foretold}
	assert all(any(label in text for ticket, label in labels if ticket == one) for one, text in mine)


def test_nothing_is_written(ticket, template, channel):
	change(ticket, template, 2, utc_now())
	tables = ("Portal Notification", "Portal Access Link", "Portal Throttle Event", LEDGER, "Email Queue")
	before = [frappe.db.count(table) for table in tables]
	awaiting = frappe.db.count(LEDGER, {"awaits_messages": 1})
	dry_run.run(31, timezones.UTC)
	assert not channel.sent
	frappe.db.commit()
	assert before == [frappe.db.count(table) for table in tables]
	assert awaiting == frappe.db.count(LEDGER, {"awaits_messages": 1})


def test_ten_thousand_changes(template):
	"""Each of its own ticket and contact, which is the most that has to be read."""
	start = NOON + timedelta(days=400)
	_many(template, 10_000, start)
	try:
		frappe.db.commit()
		with freeze_time(start + timedelta(hours=5), tick=True):
			tracemalloc.start()
			report = dry_run.run(1, timezones.UTC)
			_now, peak = tracemalloc.get_traced_memory()
			tracemalloc.stop()
	finally:
		_forget_many()
	assert report.looked_at == 10_000
	assert sum(report.sent.values()) == 20_000
	assert len(report.lines) == dry_run.MOST_LINES
	assert peak < 64 * 2**20


def _many(template, count: int, start: datetime) -> None:
	"""Rows past the documents: saving 10,000 tickets would be another test."""
	last = frappe.db.sql("select max(cast(name as unsigned)) from `tabHD Ticket`")[0][0] or 0
	sub_status = template.sub_statuses[1].sub_status
	for first in range(0, count, 1000):
		numbers = range(first, first + 1000)
		contacts = [
			{"name": f"Dry {n}", "first_name": "Dry", "mobile_no": f"+96655{n:07d}", "owner": "Administrator"}
			for n in numbers
		]
		rows.insert("Contact", *contacts)
		tickets = [
			{
				"name": 10**8 + last + n,
				"subject": "Dry run",
				"template": template.ticket_template,
				"contact": f"Dry {n}",
				"raised_by": f"dry{n}@example.com",
				"sub_status": sub_status,
			}
			for n in numbers
		]
		rows.insert("HD Ticket", *tickets)
		changes = [
			{
				"ticket": str(10**8 + last + n),
				"to_sub_status": sub_status,
				"to_main_status": 2,
				"occurred_at": start + timedelta(seconds=n),
				"source": "Agent",
			}
			for n in numbers
		]
		rows.insert(LEDGER, *changes)
	frappe.db.commit()


def _forget_many() -> None:
	frappe.db.rollback()
	frappe.db.sql("delete from `tabContact` where name like 'Dry %%'")
	frappe.db.sql(
		"delete from `tabPortal Status Event` where ticket in (select name from `tabHD Ticket` where subject = 'Dry run')"
	)
	frappe.db.sql("delete from `tabHD Ticket` where subject = 'Dry run'")
	frappe.db.commit()


def make_manager():
	user = make_agent().reload()
	user.append("roles", {"role": "Agent Manager"})
	user.save(ignore_permissions=True)
	frappe.db.commit()
	return user


def test_the_page(client, ticket, template):
	change(ticket, template, 2, utc_now() - timedelta(hours=1))
	log_in(client, make_manager().name)
	page = client.get(HOME)
	assert page.status_code == 200
	assert f'/helpdesk/tickets/{ticket.name}"' in page.text
	assert "Label 2" in page.text
	assert "+966 •••" in page.text
	assert saudi_mobile()[:6] not in page.text
	assert client.get(HOME, params={"days": "31"}).status_code == 200


@pytest.mark.parametrize("days", ["0", "32", "-1", "7.5", "1e1", "x", "٧", "999999999999", ["7", "7"]])
def test_bad_days(client, days):
	log_in(client, make_manager().name)
	assert client.get(HOME, params={"days": days}).status_code == 400


def test_agents_without_the_role_and_strangers_see_nothing(client, new_client):
	assert client.get(HOME).status_code == 403
	log_in(client, make_agent().name)
	assert client.get(HOME).status_code == 403
	assert client.post(HOME).status_code in (400, 405)
