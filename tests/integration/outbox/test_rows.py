"""What a change of status writes into the outbox."""

from datetime import timedelta

import frappe
import pytest

from customer_portal.clock import utc_now
from customer_portal.notifications import outbox
from tests import events
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.integration.outbox.conftest import queued


def test_a_change_queues_one_row_per_channel(ticket):
	before = utc_now()
	events.change_status(ticket)
	rows = events.notifications(ticket, state="Queued")
	assert {row.channel for row in rows} == {"Email", "SMS"}
	for row in rows:
		assert row.sub_status == ticket.sub_status
		assert row.kind == "Status"
		assert row.attempts == 0
		assert timedelta(seconds=19) < row.due_at - before < timedelta(seconds=30)
		assert row.recipient not in row.masked_recipient
		assert row.event


def test_rows_vanish_with_the_agents_transaction(ticket):
	ticket.reload()
	ticket.sub_status = next(name for name in events.sub_statuses(ticket) if name != ticket.sub_status)
	ticket.save(ignore_permissions=True)
	awaiting = {"ticket": str(ticket.name), "awaits_messages": 1}
	assert frappe.db.count("Portal Status Event", awaiting) == 1
	frappe.db.rollback()
	assert frappe.db.count("Portal Status Event", awaiting) == 0
	assert not queued(ticket)


def test_a_save_without_a_change_queues_nothing(ticket):
	events.change_status(ticket)
	before = len(events.notifications(ticket))
	ticket.reload()
	ticket.save(ignore_permissions=True)
	assert len(events.notifications(ticket)) == before


def test_writing_an_event_twice_adds_nothing(ticket):
	events.change_status(ticket)
	rows = events.notifications(ticket, state="Queued")
	outbox.write(rows[0].event)
	assert len(events.notifications(ticket, state="Queued")) == len(rows)


def test_a_channel_that_is_off_gets_no_row(ticket):
	configure(sms_provider="")
	events.change_status(ticket)
	assert {row.channel for row in events.notifications(ticket, state="Queued")} == {"Email"}


def test_the_tickets_own_phone_and_mail_come_first():
	phone, address = saudi_mobile(), f"{unique('own')}@example.com"
	ticket = make_ticket(saudi_mobile(), portal_phone=phone, portal_email=address)
	events.change_status(ticket)
	assert {row.recipient for row in events.notifications(ticket, state="Queued")} == {phone, address}


def test_a_ticket_without_a_phone_gets_mail_only():
	ticket = make_ticket()
	events.change_status(ticket)
	assert {row.channel for row in events.notifications(ticket)} == {"Email"}


@pytest.mark.parametrize(("portal_language", "expected"), [("ar", "ar"), (None, "en")])
def test_language_of_the_ticket_or_of_the_site(portal_language, expected):
	ticket = make_ticket(portal_language=portal_language)
	events.change_status(ticket)
	assert {row.language for row in events.notifications(ticket)} == {expected}


def test_language_of_the_contacts_user():
	address = f"{unique('reader')}@example.com"
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": address,
			"first_name": "Reader",
			"language": "fr",
			"send_welcome_email": 0,
		}
	).insert(ignore_permissions=True)
	ticket = make_ticket(email=address)
	frappe.db.set_value("Contact", ticket.contact, "user", user.name)
	events.change_status(ticket)
	assert {row.language for row in events.notifications(ticket)} == {"fr"}


def test_an_agent_sends_the_link_again(ticket):
	names = outbox.write_link(str(ticket.name))
	frappe.db.commit()
	again = outbox.write_link(str(ticket.name))
	rows = events.notifications(ticket, kind="Link")
	assert {row.name for row in rows} == {*names, *again}
	assert all(row.due_at <= utc_now() for row in rows)


def test_a_deleted_ticket_takes_its_rows_with_it(ticket):
	events.change_status(ticket)
	assert events.notifications(ticket)
	outbox.forget(str(ticket.name))
	assert not events.notifications(ticket)
