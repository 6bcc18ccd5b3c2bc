"""The page on which a verified customer says which messages they want."""

import re

import frappe
import pytest

from customer_portal import archive, links, opt_outs
from customer_portal.otp.recipients import EMAIL, SMS, Recipient
from tests.client import hidden_fields
from tests.door import counts, home_of, sign_in
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.integration.test_merged_links import merge


@pytest.fixture(autouse=True)
def both_channels(site):
	configure(sms_provider="SMS Settings", send_email=1, send_whatsapp=0)
	yield
	configure(sms_provider="", send_email=1)


@pytest.fixture
def phone():
	return saudi_mobile()


@pytest.fixture
def ticket(phone):
	return make_ticket(phone)


def text_of(page: str) -> str:
	return re.sub(r"\s+", " ", re.sub(r"<(style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.S))


def save(client, home: str, **fields):
	"""Sends the form as the page gave it, with these boxes ticked."""
	page = client.get(f"{home}/preferences").text
	token = hidden_fields(page, "/preferences")["form_token"]
	shown = re.findall(r'name="shown" value="([^"]*)"', page)
	answer = client.post(f"{home}/preferences", {"form_token": token, "shown": shown, **fields})
	frappe.db.rollback()
	return answer


def is_muted(ticket) -> bool:
	return bool(links.of_ticket(str(ticket.name)).is_muted)


def is_ticked(page: str, name: str, value: str) -> bool:
	return f'name="{name}" value="{value}" checked' in page


def test_the_ticket_leads_there(client, home, ticket):
	assert f'href="{home}/preferences"' in client.get(home).text
	page = client.get(f"{home}/preferences")
	assert page.status_code == 200
	assert f"Messages about ticket \u2068{ticket.name}\u2069" in page.text
	assert "Back to the ticket" in page.text


def test_it_shows_masked_recipients_alone(client, home, ticket, phone):
	page = client.get(f"{home}/preferences").text
	assert Recipient(SMS, phone).masked in page
	assert Recipient(EMAIL, ticket.raised_by).masked in page
	assert phone not in page and phone[4:] not in page
	assert ticket.raised_by not in page


def test_only_channels_that_the_ticket_uses(client, home):
	assert 'value="SMS"' in client.get(f"{home}/preferences").text
	configure(sms_provider="")
	page = client.get(f"{home}/preferences").text
	assert 'value="SMS"' not in page
	assert 'value="Email"' in page


def test_without_any_channel_it_says_so(client, home):
	configure(sms_provider="", send_email=0)
	assert "no number or address for messages" in client.get(f"{home}/preferences").text
	assert save(client, home, mute="1").status_code == 303


def test_a_channel_is_switched_off_and_on(client, home, phone):
	answer = save(client, home, on="Email")
	assert (answer.status_code, answer.headers["Location"]) == (303, f"{home}/preferences?saved=1")
	assert opt_outs.source("SMS", Recipient(SMS, phone)) == opt_outs.PREFERENCES
	page = client.follow(answer).text
	assert "Your choice is saved." in page
	assert is_ticked(page, "on", "Email") and not is_ticked(page, "on", "SMS")
	save(client, home, on=["Email", "SMS"])
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


def test_the_mute_is_of_this_ticket(client, home, ticket):
	save(client, home, on=["SMS", "Email"], mute="1")
	assert is_muted(ticket)
	assert is_ticked(client.get(f"{home}/preferences").text, "mute", "1")
	save(client, home, on=["SMS", "Email"])
	assert not is_muted(ticket)


def test_saving_the_same_again_changes_nothing(client, home, phone):
	for _time in range(2):
		save(client, home, on="Email", mute="1")
	rows = frappe.get_all("Portal Opt-Out", {"masked_recipient": Recipient(SMS, phone).masked}, ["channel"])
	assert len(rows) >= 1
	assert opt_outs.is_out("SMS", Recipient(SMS, phone))


def test_a_channel_that_came_since_the_page_was_loaded_stays_as_it_is(client, ticket, phone):
	configure(sms_provider="")
	home = sign_in(client, ticket)
	page = client.get(f"{home}/preferences").text
	configure(sms_provider="SMS Settings")
	token = hidden_fields(page, "/preferences")["form_token"]
	client.post(f"{home}/preferences", {"form_token": token, "shown": "Email", "on": "Email"})
	frappe.db.rollback()
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


@pytest.mark.parametrize("source", [opt_outs.STOP, opt_outs.PROVIDER, opt_outs.UNSUBSCRIBE])
def test_only_its_owner_starts_again_what_the_owner_stopped(client, new_client, ticket, home, phone, source):
	opt_outs.stop("SMS", Recipient(SMS, phone), source)
	frappe.db.commit()
	page = client.get(f"{home}/preferences").text
	assert "stopped by the owner" in text_of(page)
	assert save(client, home, on="Email").status_code == 303
	assert save(client, home, shown=["SMS", "Email"], on=["SMS", "Email"]).status_code == 400
	assert opt_outs.source("SMS", Recipient(SMS, phone)) == source
	owner = new_client()
	sign_in_by_phone(owner, ticket, phone)
	assert save(owner, home, on=["SMS", "Email"]).status_code == 303
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


def sign_in_by_phone(client, ticket, phone) -> None:
	sign_in(client, ticket)
	query = "UPDATE `tabPortal OTP Session` SET channel = 'SMS', recipient = %s WHERE ticket = %s"
	frappe.db.sql(query, (phone, str(ticket.name)))
	frappe.db.commit()


def test_without_a_session_it_leads_to_the_door(new_client, ticket, phone):
	stranger, home = new_client(), home_of(ticket)
	answer = stranger.get(f"{home}/preferences")
	assert (answer.status_code, answer.headers["Location"], answer.text) == (303, home, "")
	token = hidden_fields(stranger.get(home).text, "/language")["form_token"]
	fields = {"form_token": token, "shown": ["SMS", "Email"], "mute": "1"}
	answer = stranger.post(f"{home}/preferences", fields)
	assert (answer.status_code, answer.headers["Location"]) == (303, home)
	frappe.db.rollback()
	assert not is_muted(ticket)
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


def test_who_is_no_contact_any_more_sees_nothing(client, home, ticket):
	frappe.db.set_value("HD Ticket", ticket.name, {"raised_by": "", "contact": None})
	frappe.db.commit()
	answer = client.get(f"{home}/preferences")
	assert (answer.status_code, answer.headers["Location"]) == (303, home)


def test_an_archived_ticket_has_preferences(client, home, ticket):
	archive.archive([str(ticket.name)])
	frappe.db.commit()
	assert client.get(f"{home}/preferences").status_code == 200
	save(client, home, on=["SMS", "Email"], mute="1")
	assert is_muted(ticket)


def test_after_a_merge_they_are_those_of_the_ticket_that_is_shown(client, home, ticket, phone):
	survivor = make_ticket(saudi_mobile(), ticket.raised_by, portal_phone=saudi_mobile())
	merge(str(ticket.name), str(survivor.name))
	page = client.get(f"{home}/preferences").text
	assert str(survivor.name) in page
	assert Recipient(SMS, survivor.portal_phone).masked in page
	save(client, home, on="Email", mute="1")
	assert is_muted(survivor)
	assert not is_muted(ticket)
	assert opt_outs.is_out("SMS", Recipient(SMS, survivor.portal_phone))
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


def test_after_a_merge_into_a_strangers_ticket_there_are_none(client, home, ticket):
	merge(str(ticket.name), str(make_ticket(saudi_mobile(), f"{unique('other')}@example.com").name))
	answer = client.get(f"{home}/preferences")
	assert (answer.status_code, answer.headers["Location"]) == (303, home)


@pytest.mark.parametrize(
	"fields",
	[
		{"shown": "Pigeon", "on": "Pigeon"},
		{"shown": "SMS", "on": "Email"},
		{"shown": "\x00"},
		{"on": "x" * 400},
		{"mute": "2"},
		{"mute": ["1", "1"]},
		{"shown": ["SMS"] * 3, "on": "<script>"},
		{"shown": "' OR 1=1 --"},
	],
	ids=str,
)
def test_what_the_page_never_sends_is_refused(client, home, ticket, phone, fields):
	before = counts()
	answer = save(client, home, **{"shown": [], **fields})
	assert answer.status_code == 400
	assert "Traceback" not in answer.text
	assert counts() == before
	assert not is_muted(ticket)
	assert not opt_outs.is_out("SMS", Recipient(SMS, phone))


def test_another_site_cannot_send_it(client, home, ticket):
	token = hidden_fields(client.get(f"{home}/preferences").text, "/preferences")["form_token"]
	fields = {"form_token": token, "shown": "SMS", "mute": "1"}
	assert client.post(f"{home}/preferences", fields, origin="https://evil.example").status_code == 403
	assert client.post(f"{home}/preferences", {**fields, "form_token": "0" * 64}).status_code == 403
	frappe.db.rollback()
	assert not is_muted(ticket)


def test_looking_at_it_writes_nothing(client, home):
	client.get(f"{home}/preferences")
	before = counts()
	client.get(f"{home}/preferences?saved=1")
	assert client.get(f"{home}/preferences?saved=1&saved=1").status_code == 400
	assert counts() == before


@pytest.mark.parametrize("language, direction", [("ar", "rtl"), ("en", "ltr")])
def test_in_the_visitors_language(client, home, language, direction):
	page = client.get(f"{home}/preferences", headers={"Accept-Language": language}).text
	assert f'<html lang="{language}" dir="{direction}"' in page


@pytest.mark.parametrize("has_own_contact", [False, True])
def test_who_files_a_ticket_in_anothers_name_cannot_silence_them(client, phone, ticket, has_own_contact):
	"""Generic REST lets a customer name anybody as ``raised_by``; Helpdesk then finds that person's contact."""
	thief = f"{unique('thief')}@example.com"
	theirs = make_ticket(email=thief, portal_email=None if has_own_contact else thief)
	contact = theirs.contact if has_own_contact else ticket.contact
	frappe.db.set_value("HD Ticket", theirs.name, {"raised_by": ticket.raised_by, "contact": contact})
	frappe.db.commit()
	home = sign_in(client, theirs, thief)
	page = client.get(f"{home}/preferences").text
	assert Recipient(SMS, phone).masked not in page
	assert Recipient(EMAIL, ticket.raised_by).masked not in page
	assert save(client, home, shown=["SMS", "Email"]).status_code == 303
	assert not opt_outs.is_out(SMS, Recipient(SMS, phone))
	assert not opt_outs.is_out(EMAIL, Recipient(EMAIL, ticket.raised_by))
	assert opt_outs.is_out(EMAIL, Recipient(EMAIL, thief)) != has_own_contact


@pytest.mark.parametrize("source", [opt_outs.STOP, opt_outs.PROVIDER, opt_outs.UNSUBSCRIBE])
def test_the_owners_word_counts_more_than_a_switch(client, home, phone, source):
	person = Recipient(SMS, phone)
	save(client, home, on="Email")
	assert opt_outs.source(SMS, person) == opt_outs.PREFERENCES
	opt_outs.stop(SMS, person, source)
	opt_outs.stop(SMS, person, opt_outs.PREFERENCES)
	frappe.db.commit()
	assert opt_outs.source(SMS, person) == source
	assert save(client, home, shown=["SMS", "Email"], on=["SMS", "Email"]).status_code == 400
