"""Messages that ring wait for the end of the night at the customer's place."""

from datetime import datetime, timedelta

import frappe
import pytest

from customer_portal import settings
from customer_portal.channels import base
from customer_portal.notifications import courtesy, outbox
from customer_portal.notifications.outbox import claims, table
from tests import events
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.integration.courtesy.conftest import MORNING, NIGHT, YEAR, at, change_at, deliver_at, only, states


def test_an_sms_waits_for_the_end_of_the_night(ticket, channel):
	change_at(ticket, NIGHT)
	for hour in range(1, 9):
		deliver_at(NIGHT + timedelta(hours=hour) - timedelta(seconds=1))
		assert only(ticket).state == "Queued"
		assert only(ticket).reason == "It waits for the end of the customer's quiet hours."
	assert only(ticket).due_at == MORNING
	assert not channel.sent
	deliver_at(MORNING)
	assert (only(ticket).state, only(ticket).reason, only(ticket).attempts) == ("Sent", None, 1)


def test_mail_does_not_ring(ticket, monkeypatch):
	monkeypatch.setattr(base.registry["SMS"], "rings", False)
	change_at(ticket, NIGHT)
	deliver_at(NIGHT + timedelta(seconds=21))
	assert only(ticket).state == "Sent"


def test_a_link_that_an_agent_sends_is_asked_for(ticket, channel):
	with at(NIGHT):
		outbox.write_link(str(ticket.name))
		frappe.db.commit()
	deliver_at(NIGHT)
	assert only(ticket).state == "Sent"


def test_one_message_after_a_night_of_changes(ticket, channel):
	for hour, label in enumerate(("In progress", "Part ordered", "Being checked")):
		change_at(ticket, NIGHT + timedelta(hours=hour), label)
		deliver_at(NIGHT + timedelta(hours=hour, minutes=1))
	deliver_at(MORNING + timedelta(seconds=1))
	((_recipient, message),) = channel.sent
	assert "Being checked" in message.text
	assert sorted(state for _channel, state in states(ticket)) == ["Sent", "Superseded", "Superseded"]


def test_a_change_at_the_end_of_the_night_takes_the_place_of_the_held_one(ticket, channel):
	change_at(ticket, NIGHT, "In progress")
	deliver_at(NIGHT + timedelta(seconds=30))
	change_at(ticket, MORNING - timedelta(seconds=5), "Part ordered")
	deliver_at(MORNING + timedelta(hours=1))
	((_recipient, message),) = channel.sent
	assert "Part ordered" in message.text


def test_a_held_message_lets_others_pass(ticket, channel):
	"""One customer sleeps; the other, five time zones to the west, does not."""
	awake = make_ticket("+351912345678", portal_phone="+5511912345678")
	events.forget_told(awake)
	change_at(ticket, NIGHT)
	change_at(awake, NIGHT + timedelta(seconds=1))
	deliver_at(NIGHT + timedelta(minutes=1))
	assert (only(ticket).state, only(awake).state) == ("Queued", "Sent")


def test_more_held_messages_than_are_looked_at_at_once(channel, monkeypatch):
	for module in (table, claims):
		monkeypatch.setattr(module, "CANDIDATES", 2)
	sleepers = [make_ticket(saudi_mobile()) for _number in range(5)]
	awake = make_ticket(portal_phone="+5511912345678")
	events.clear()
	for number, ticket in enumerate((*sleepers, awake)):
		change_at(ticket, NIGHT + timedelta(seconds=number))
	deliver_at(NIGHT + timedelta(minutes=1))
	sent = [row.state for ticket in (*sleepers, awake) for row in events.notifications(ticket)]
	assert sent.count("Sent") == 1
	assert [recipient for recipient, _message in channel.sent] == ["+5511912345678"]


def test_held_messages_go_out_in_the_order_of_the_changes(channel):
	sleepers = [make_ticket(saudi_mobile()) for _number in range(4)]
	events.clear()
	for number, ticket in enumerate(sleepers):
		change_at(ticket, NIGHT + timedelta(minutes=7 * number))
		deliver_at(NIGHT + timedelta(minutes=7 * number + 1))
	for hour in range(1, 9):
		deliver_at(NIGHT + timedelta(hours=hour, minutes=30))
	deliver_at(MORNING + timedelta(seconds=1))
	assert [message.ticket for _recipient, message in channel.sent] == [str(one.name) for one in sleepers]


def test_quiet_hours_that_are_set_while_messages_wait_count(ticket, channel):
	configure(quiet_from="", quiet_until="")
	change_at(ticket, NIGHT)
	configure(quiet_from="22:00:00", quiet_until="07:00:00")
	deliver_at(NIGHT + timedelta(minutes=1))
	assert only(ticket).state == "Queued"


def test_quiet_hours_that_are_lifted_let_messages_go_within_the_hour(ticket, channel):
	change_at(ticket, NIGHT)
	deliver_at(NIGHT + timedelta(minutes=1))
	configure(quiet_from="", quiet_until="")
	deliver_at(NIGHT + timedelta(minutes=62))
	assert only(ticket).state == "Sent"


def test_a_retry_does_not_ring_at_night(ticket, channel):
	channel.failures = [base.TemporaryFailure("Busy", 3600)]
	evening = datetime(YEAR, 3, 10, 18, 30)
	change_at(ticket, evening)
	deliver_at(evening + timedelta(minutes=1))
	deliver_at(evening + timedelta(hours=2))
	assert (only(ticket).state, only(ticket).attempts) == ("Queued", 1)
	deliver_at(MORNING)
	assert (only(ticket).state, only(ticket).attempts) == ("Sent", 2)


@pytest.mark.parametrize(("begins", "ends"), [("", ""), ("22:00:00", ""), ("", "07:00:00"), (None, None)])
def test_without_both_ends_there_are_none(begins, ends):
	configure(quiet_from=begins, quiet_until=ends)
	assert courtesy.quiet_hours() is None


def test_hours_that_begin_at_midnight_count():
	configure(quiet_from="00:00:00", quiet_until="06:00:00")
	assert courtesy.quiet_hours() is not None


def test_looking_for_the_next_message_ends_in_time(ticket):
	events.make_due(events.change_status(ticket))
	assert outbox.claim(deadline=0) is None
	assert only(ticket).state == "Queued"


# The zone


def row_of(ticket, number: str = ""):
	return frappe._dict(ticket=str(ticket.name), recipient=number)


def test_the_zone_is_that_of_the_number(ticket):
	assert courtesy.zone_of(row_of(ticket, "+966501234567")).key == "Asia/Riyadh"


def test_a_number_of_several_zones_whose_clocks_agree(ticket):
	zone = courtesy.zone_of(row_of(ticket, "+447911123456"))
	assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() == timedelta(hours=1)


def test_else_that_of_the_contacts_user_else_the_sites(ticket):
	user = frappe.get_doc(
		{"doctype": "User", "email": ticket.raised_by, "first_name": "Traveller", "send_welcome_email": 0}
	).insert(ignore_permissions=True)
	frappe.db.set_value("Contact", ticket.contact, "user", user.name)
	for own, wanted in (("America/Bogota", "America/Bogota"), ("", courtesy.timezones.of_site().key)):
		frappe.db.set_value("User", user.name, "time_zone", own)
		frappe.db.commit()
		assert courtesy.zone_of(row_of(ticket, "+79161234567")).key == wanted
		assert courtesy.zone_of(row_of(ticket, "nobody@example.com")).key == wanted


def test_settings_need_both_quiet_hours():
	document = frappe.get_doc(settings.DOCTYPE)
	for begins, ends, sentence in (
		("22:00:00", "", "quiet hours have a beginning and an end"),
		("", "07:00:00", "quiet hours have a beginning and an end"),
		("07:00:00", "7:00:00", "must differ"),
	):
		document.update({"quiet_from": begins, "quiet_until": ends})
		with pytest.raises(frappe.ValidationError, match=sentence):
			document.check_quiet_hours()
	for begins, ends in (("", ""), ("00:00:00", "06:00:00"), ("22:00:00", "00:00:00")):
		document.update({"quiet_from": begins, "quiet_until": ends})
		document.check_quiet_hours()
