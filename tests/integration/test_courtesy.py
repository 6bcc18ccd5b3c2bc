"""When a message that is due waits, or does not go out at all."""

import threading
from datetime import datetime, timedelta

import frappe
import pytest
from freezegun import freeze_time
from werkzeug.wrappers import Request

from customer_portal import links, opt_outs, settings, timeline
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.notifications import courtesy, dispatch, outbox, wake
from customer_portal.otp.recipients import SMS, Recipient
from customer_portal.pages import cookies, renderer
from tests import events
from tests.channels import Recording
from tests.client import hidden_fields
from tests.door import home_of, session_of, sign_in
from tests.factories import make_ticket, saudi_mobile
from tests.gateways import configure
from tests.integration.test_merged_links import merge
from tests.ledger import named, of_kind, statements

YEAR = utc_now().year + 1  # a ledger never goes back in time
NIGHT = datetime(YEAR, 3, 10, 20, 0)  # 23:00 in Riyadh
MORNING = datetime(YEAR, 3, 11, 4, 0)  # 7:00


@pytest.fixture(autouse=True)
def quiet(site, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	configure(send_email=0, send_whatsapp=0, burst_seconds=20, quiet_from="22:00:00", quiet_until="07:00:00")
	yield
	events.clear()
	configure(send_email=1, quiet_from="", quiet_until="")


@pytest.fixture
def ticket(channel):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return ticket


def at(moment: datetime):
	"""The clock stands still there. Nothing of the transaction of before is left."""
	frappe.db.commit()
	return freeze_time(moment)


def change_at(ticket, moment: datetime, customer_label: str | None = None):
	with at(moment):
		return events.change_status(ticket, customer_label and named(customer_label))


def deliver_at(moment: datetime) -> None:
	with at(moment):
		dispatch.announce()
		while notification := outbox.claim():
			dispatch._send(notification)


def states(ticket) -> list[tuple[str, str]]:
	return [(row.channel, row.state) for row in events.notifications(ticket)]


def only(ticket):
	(row,) = events.notifications(ticket)
	return row


# Quiet hours
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
	monkeypatch.setattr(outbox, "CANDIDATES", 2)
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


# Muted, stopped, seen
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


# What the customer has seen
@pytest.fixture
def told(ticket):
	configure(quiet_from="", quiet_until="")
	return ticket


def seen(ticket) -> list[bool]:
	frappe.db.rollback()
	rows = frappe.get_all(timeline.LEDGER, {"ticket": str(ticket.name)}, ["seen_at"], order_by="occurred_at")
	return [bool(row.seen_at) for row in rows]


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


@pytest.mark.parametrize("path", ["", "/state"])
@pytest.mark.parametrize(
	"headers",
	[
		{"Sec-Purpose": "prefetch"},
		{"Sec-Purpose": "prefetch;prerender"},
		{"Purpose": "prefetch"},
		{"X-Purpose": "preview"},
		{"X-Moz": "prefetch"},
		"HEAD",
	],
	ids=str,
)
def test_what_nobody_looks_at_is_not_seen(client, told, path, headers):
	home = sign_in(client, told)
	opens = links.of_ticket(str(told.name)).opens
	if headers == "HEAD":
		client.session.head(client.base + home + path)
	else:
		client.get(home + path, headers=headers)
	assert seen(told) == [False]
	assert links.of_ticket(str(told.name)).opens == opens


def test_the_door_shows_nothing(client, told):
	client.get(home_of(told))
	assert seen(told) == [False]


def test_a_merged_link_marks_the_ticket_that_it_shows(client, told):
	survivor = make_ticket(saudi_mobile(), told.raised_by)
	home = sign_in(client, told)
	merge(str(told.name), str(survivor.name))
	assert str(survivor.name) in client.get(home).text
	assert (seen(told), seen(survivor)) == ([False], [True])


def test_a_merged_link_that_shows_nothing_marks_nothing(client, told):
	other = make_ticket(saudi_mobile())
	home = sign_in(client, told)
	merge(str(told.name), str(other.name))
	client.get(home)
	assert (seen(told), seen(other)) == ([False], [False])


def test_a_change_after_the_page_was_read_is_not_seen(site, told):
	"""As when an agent saves while the page is on its way."""

	def save():
		frappe.init(site, sites_path=".")
		frappe.connect()
		frappe.set_user("Administrator")
		events.change_status(frappe.get_doc("HD Ticket", told.name))
		frappe.destroy()

	ticket = str(told.name)
	frappe.db.commit()
	timeline.read(ticket)  # the page's first read
	agent = threading.Thread(target=save)
	agent.start()
	agent.join()
	timeline.note_seen(ticket)
	frappe.db.commit()
	assert seen(told) == [True, False]


def test_what_is_seen_is_written_once(told):
	ticket = str(told.name)
	frappe.db.commit()
	assert timeline.read(ticket).has_unseen
	timeline.note_seen(ticket)
	assert not timeline.read(ticket).has_unseen
	assert not of_kind(statements(lambda: timeline.note_seen(ticket)), "update")


def test_a_poll_without_news_writes_nothing(client, told):
	home = sign_in(client, told)
	version = client.get(home).text.split('data-version="')[1].split('"')[0]
	stamp = seen_at(told)
	for _poll in range(3):
		answer = client.get(f"{home}/state", headers={"If-None-Match": f'"{version}"'})
		assert answer.status_code == 304
	assert seen_at(told) == stamp


def seen_at(ticket):
	frappe.db.rollback()
	return frappe.db.get_value(timeline.LEDGER, {"ticket": str(ticket.name)}, ["seen_at", "modified"])


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


# What it costs
def answered(home: str, session: str, path: str = "", **headers: str) -> list[str]:
	"""The SQL statements of one request."""
	cookie = f"{cookies.SESSION}={session}"
	frappe.local.request = Request.from_values(home + path, headers={"Cookie": cookie, **headers})
	frappe.db.commit()
	frappe.set_user("Guest")
	seen = statements(lambda: renderer.answer(frappe.local.request))
	frappe.set_user("Administrator")
	frappe.db.commit()
	return seen


def test_a_page_costs_at_most_8_selects_and_a_poll_without_news_writes_nothing(told):
	home, session = home_of(told), session_of(told)
	answered(home, session)  # the settings and the template are known from now on
	for is_news in (False, True):
		if is_news:
			events.change_status(told)
		page = answered(home, session)
		assert len(of_kind(page, "select")) <= 8, page
		assert len(of_kind(page, "update")) == (2 if is_news else 1), "the number of visits, and what is seen"
	poll = answered(home, session, "/state")
	assert len(of_kind(poll, "select")) <= 6
	assert len(poll) == len(of_kind(poll, "select"))
