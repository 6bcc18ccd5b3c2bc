"""Whom a ticket knows decides who gets in: only what staff have entered counts, and only as long as it stands there."""

import frappe
import pytest

from customer_portal import sessions
from customer_portal.notifications import dispatch, wake
from customer_portal.otp import recipients
from tests import doors, events
from tests.door import sign_in
from tests.factories import make_contact, make_ticket, saudi_mobile, unique


@pytest.fixture
def stranger():
	"""Somebody with an account and no role."""
	email = f"{unique('stranger')}@example.com"
	user = frappe.new_doc("User")
	user.update({"email": email, "first_name": "S", "send_welcome_email": 0, "user_type": "Website User"})
	return user.insert(ignore_permissions=True)


def as_user(user, act):
	frappe.set_user(user.name)
	try:
		return act()
	finally:
		frappe.set_user("Administrator")


def test_a_contact_that_a_stranger_made_says_nothing(stranger):
	victim, phone = f"{unique('victim')}@example.com", saudi_mobile()
	contact = as_user(stranger, lambda: make_contact(phone, victim))
	ticket = make_ticket(email=victim, contact=contact.name)
	assert [one.address for one in recipients.of(str(ticket.name))] == [victim]
	assert recipients.match(str(ticket.name), recipients.SMS, phone) is None


def test_nor_does_one_whose_maker_is_gone(stranger):
	contact = as_user(stranger, lambda: make_contact(saudi_mobile(), f"{unique('victim')}@example.com"))
	contact.db_set("owner", "gone@example.com")
	ticket = make_ticket(contact=contact.name)
	assert {one.channel for one in recipients.of(str(ticket.name))} == {recipients.EMAIL}


def test_a_stranger_cannot_send_messages_to_a_number_of_a_contact_of_their_own(stranger):
	phone = saudi_mobile()
	as_user(stranger, lambda: make_contact(phone, stranger.name))
	assert recipients.keys_of_user(stranger.name) == {(recipients.EMAIL, stranger.name)}


@pytest.mark.parametrize("number", ["+881612345678", "+448712345678", "+19005550123", "+966800123456"])
def test_numbers_that_are_no_persons_phone_are_not_known(number):
	ticket = make_ticket(portal_phone=number)
	assert {one.channel for one in recipients.of(str(ticket.name))} == {recipients.EMAIL}


def corrected(ticket) -> None:
	"""As an agent who finds the wrong person on a ticket."""
	ticket.reload()
	other = f"{unique('right')}@example.com"
	ticket.update({"contact": make_contact(saudi_mobile(), other).name, "raised_by": other})
	ticket.save(ignore_permissions=True)
	frappe.db.commit()


def test_the_code_of_a_person_who_was_removed_opens_nothing(at_the_door):
	door = doors.make_door()
	door.ask()
	corrected(frappe.get_doc("HD Ticket", door.link.ticket))
	outcome = door.enter(door.code)
	assert (outcome.kind, outcome.session_token) == ("expired", None)


def test_the_session_of_a_person_who_was_removed_ends(client):
	ticket = make_ticket(phone=saudi_mobile())
	home = sign_in(client, ticket)
	assert "Water on the floor." in client.get(home).text
	corrected(ticket)
	assert client.get(f"{home}/state").status_code == 401
	answer = client.get(home)
	assert (answer.status_code, answer.headers["Location"]) == (303, home)
	assert "Water on the floor." not in client.follow(answer).text
	assert not sessions.of_ticket(str(ticket.name))


def test_a_changed_spelling_of_the_same_number_ends_nothing(client):
	phone = saudi_mobile()
	ticket = make_ticket(phone=phone)
	home = sign_in(client, ticket)
	frappe.db.set_value("Contact", ticket.contact, "mobile_no", f"0{phone[4:]}")
	frappe.db.set_value("Contact Phone", {"parent": ticket.contact}, "phone", f"0{phone[4:]}")
	frappe.db.commit()
	assert client.get(home).status_code == 200


def test_a_waiting_message_to_a_person_who_was_removed_is_not_sent(channel, monkeypatch):
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	ticket = make_ticket(phone=saudi_mobile())
	events.forget_told(ticket)
	ticket = events.change_status(ticket)
	dispatch.announce()
	corrected(ticket)
	events.make_due(ticket)
	dispatch.deliver_due()
	assert channel.sent == []
	states = {(row.state, row.reason) for row in events.notifications(ticket)}
	assert states == {("Superseded", "The ticket has no such contact any more.")}
