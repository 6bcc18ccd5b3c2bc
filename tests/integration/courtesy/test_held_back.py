"""What the customer has muted, stopped or already seen is not told."""

from datetime import timedelta

import frappe

from customer_portal import links, opt_outs
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch
from customer_portal.otp.recipients import SMS, Recipient
from tests import events
from tests.channels import Recording
from tests.client import hidden_fields
from tests.door import sign_in
from tests.gateways import configure
from tests.integration.courtesy.conftest import MORNING, NIGHT, change_at, deliver_at, only
from tests.ledger import named


def test_a_muted_ticket_tells_its_resolution_alone(ticket, channel):
	configure(quiet_from="", quiet_until="")
	links.mute(str(ticket.name), True)
	now = utc_now()
	for step, label in enumerate(("In progress", "Part ordered", "Resolved")):
		change_at(ticket, now + timedelta(minutes=step), label)
		deliver_at(now + timedelta(minutes=step, seconds=30))
	((_recipient, message),) = channel.sent
	assert "Resolved" in message.text
	reasons = [row.reason for row in events.notifications(ticket, state="Superseded")]
	assert reasons == ["The customer has muted this ticket."] * 2


def test_a_mute_at_night_counts_in_the_morning(ticket, channel):
	change_at(ticket, NIGHT)
	deliver_at(NIGHT + timedelta(minutes=1))
	links.mute(str(ticket.name), True)
	deliver_at(MORNING)
	assert only(ticket).state == "Superseded"


def test_a_stop_holds_back_all_but_other_channels(ticket, channel, monkeypatch):
	configure(quiet_from="", quiet_until="")
	number = frappe.db.get_value("Contact", ticket.contact, "mobile_no")
	other = Recording("WhatsApp", rank=20)
	monkeypatch.setitem(base.registry, "WhatsApp", other)
	opt_outs.stop("SMS", Recipient(SMS, number), opt_outs.STOP)
	events.make_due(events.change_status(ticket))
	dispatch.deliver_due()
	assert (len(channel.sent), len(other.sent)) == (0, 1)
	opt_outs.start("SMS", Recipient(SMS, number))
	events.make_due(events.change_status(ticket))
	dispatch.deliver_due()
	assert (len(channel.sent), len(other.sent)) == (1, 2)


def test_what_the_page_has_shown_is_not_told(client, told, channel):
	events.change_status(told)
	home = sign_in(client, told)
	assert client.get(home).status_code == 200
	events.make_due(told)
	dispatch.deliver_due()
	assert not channel.sent
	assert only(told).reason == "The customer has already seen it on the ticket's page."


def test_a_page_that_refreshes_itself_has_shown_it(client, told, channel):
	home = sign_in(client, told)
	client.get(home)
	events.change_status(told)
	assert client.get(f"{home}/state").status_code == 200
	events.make_due(told)
	dispatch.deliver_due()
	assert not channel.sent


def test_a_page_that_was_closed_before_has_not(client, told, channel):
	client.get(sign_in(client, told))
	events.make_due(events.change_status(told))
	dispatch.deliver_due()
	assert len(channel.sent) == 1


def test_the_matrix_keeps_a_channel_silent(told, channel):
	template = frappe.get_doc("Portal Ticket Template", "Default")
	template.append("exclusions", {"sub_status": named("In progress"), "channel": "SMS"})
	template.save()
	frappe.db.commit()
	try:
		events.change_status(told, named("In progress"))
		assert not events.notifications(told)
		events.change_status(told, named("Part ordered"))
		assert len(events.notifications(told)) == 1
	finally:
		template.reload()
		template.set("exclusions", [])
		template.save()
		frappe.db.commit()


def test_the_muting_form_counts_at_once(client, told, channel):
	configure(sms_provider="SMS Settings")
	home = sign_in(client, told)
	events.change_status(told)
	token = hidden_fields(client.get(f"{home}/preferences").text, "/preferences")["form_token"]
	client.post(f"{home}/preferences", {"form_token": token, "shown": "SMS", "on": "SMS", "mute": "1"})
	configure(sms_provider="")
	events.make_due(told)
	dispatch.deliver_due()
	assert not channel.sent
