"""One link, rising trust: from a ticket's link to all tickets of the organisation, and who may not go there like that."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import links, sessions, throttle
from customer_portal.clock import utc_now
from customer_portal.pages import cookies
from tests.client import hidden_fields, text_of
from tests.door import counts, home_of, pending_challenge, submit
from tests.doors import make_door, new_address
from tests.factories import saudi_mobile
from tests.gateways import configure
from tests.organisations import TICKETS, code_of, is_in
from tests.talk import act

BROWSER = "ab" * 16
OFFER = "All tickets of your organisation"
ACTION = "organisation"


def verified(client, ticket, recipient: str, channel: str = "Email", code: str = "246813", **values) -> str:
	"""The client has entered a code at the ticket's link; returns its path. ``values`` change the session's row."""
	home = home_of(ticket)
	name = pending_challenge(ticket, channel, recipient, BROWSER, code)
	opened = sessions.open(name, False, "tests")
	if values:
		frappe.db.set_value(sessions.DOCTYPE, name, values, update_modified=False)
	frappe.db.commit()
	client.session.headers["X-Forwarded-For"] = new_address()
	client.session.cookies.set(cookies.SESSION, opened.token, path=home)
	client.session.cookies.set(cookies.BROWSER, BROWSER, path=home)
	return home


def press(client, home: str):
	return submit(client, home, ACTION)


@pytest.fixture
def own(organisation, address):
	"""A ticket of theirs, and another one of the organisation's that is theirs too."""
	organisation.ticket(address, subject="The other pump")
	return organisation.ticket(address)


def test_who_was_just_verified_by_mail_is_in_without_another_code(client, own, address):
	home = verified(client, own, address)
	assert OFFER in client.get(home).text
	answer = press(client, home)
	assert (answer.status_code, answer.headers["Location"]) == (303, TICKETS)
	assert "The other pump" in client.get(TICKETS).text
	frappe.db.rollback()
	user = frappe.get_doc("User", {"email": address})
	assert user.user_type == "Website User"
	assert frappe.db.exists("Activity Log", {"user": user.name, "operation": "Login", "status": "Success"})
	assert client.get(home).status_code == 200  # the link's own session goes on


def test_it_is_the_same_member_as_by_signing_in(client, own, address, sign_in_as):
	sign_in_as(address)
	press(client, verified(client, own, address))
	assert frappe.db.count("User", {"email": address}) == 1
	assert is_in(client)


def asked_to_sign_in(client, answer, address: str) -> None:
	"""The sign-in page with the address in its field, and nobody is in; the page leads on."""
	assert answer.status_code == 200
	assert f'value="{address}"' in answer.text
	assert not is_in(client)
	fields = hidden_fields(answer.text, "/sign-in/mail")
	assert client.post("/portal/sign-in/mail", {**fields, "email": address}).status_code == 303
	submit(client, "/portal/sign-in", "code", code=code_of(address))
	assert is_in(client)


def test_after_half_an_hour_they_sign_in(client, own, address):
	then = utc_now() - timedelta(minutes=31)
	home = verified(client, own, address, verified_at=then)
	assert OFFER in client.get(home).text
	asked_to_sign_in(client, press(client, home), address)


def test_on_a_remembered_device_they_sign_in(client, own, address):
	home = verified(client, own, address, is_remembered=1)
	asked_to_sign_in(client, press(client, home), address)


def test_a_code_shorter_than_those_for_signing_in_is_not_enough(client, own, address):
	home = verified(client, own, address, code="2468")
	asked_to_sign_in(client, press(client, home), address)


def test_a_session_that_came_to_another_browser_is_not_enough(client, own, address):
	home = verified(client, own, address)
	client.session.cookies.set(cookies.BROWSER, "cd" * 16, path=home)
	asked_to_sign_in(client, press(client, home), address)


def test_codes_by_mail_for_members_are_long_enough(at_the_door, organisation):
	"""So that by default one code is enough; others keep the short ones."""
	member = make_door(organisation.address("sara"), customer=organisation.customer)
	for door, typed, channel, digits in (
		(member, _email(member), "Email", 6),
		(member, member.typed, "SMS", 4),
		(stranger := make_door(), _email(stranger), "Email", 4),
	):
		configure(resend_after_seconds=0)
		assert door.ask(typed, channel).is_success
		assert door.challenge.digits == digits


def _email(door) -> str:
	return frappe.db.get_value("HD Ticket", door.link.ticket, "raised_by")


# Who is not offered it


def test_verified_by_phone_nobody_comes_in(client, organisation, address):
	phone = saudi_mobile()
	ticket = organisation.ticket(address, portal_phone=phone)
	home = verified(client, ticket, phone, "SMS")
	page = client.get(home).text
	assert "Current status" in text_of(page)
	assert OFFER not in page
	answer = forced(client, home)
	assert answer.status_code == 409
	assert not is_in(client)


def forced(client, home: str):
	"""A request without the form, which the page does not have."""
	fields = hidden_fields(client.get(home).text, "/sign-out")
	return client.post(f"{home}/{ACTION}", fields)


def test_whom_no_organisation_admits_is_not_offered_it(client, own):
	frappe.db.set_value("HD Ticket", own.name, "portal_email", "else@nowhere.example")
	home = verified(client, own, "else@nowhere.example")
	assert OFFER not in client.get(home).text
	assert forced(client, home).status_code == 409
	assert not is_in(client)


def test_who_is_taken_off_the_list_meanwhile_is_refused(client, own, address, organisation):
	home = verified(client, own, address)
	fields = hidden_fields(client.get(home).text, f"/{ACTION}")
	organisation.put(address, is_disabled=1)
	assert client.post(f"{home}/{ACTION}", fields).status_code == 409
	assert OFFER not in client.get(home).text
	assert not is_in(client)


def test_agents_and_disabled_users_are_not_offered_it(client, organisation, sign_in_as):
	for values in ({"enabled": 0}, {"user_type": "System User"}):
		address = organisation.address("lost")
		sign_in_as(address)
		ticket = organisation.ticket(address)
		user = frappe.get_doc("User", {"email": address})
		if "user_type" in values:
			user.append("roles", {"role": "Agent"})
		user.update(values)
		user.save(ignore_permissions=True)
		frappe.clear_cache(user=user.name)
		home = verified(client, ticket, address)
		assert OFFER not in client.get(home).text
		assert forced(client, home).status_code == 409


def test_a_closed_session_and_no_session_do_not_rise(client, own, address):
	home = verified(client, own, address)
	fields = hidden_fields(client.get(home).text, f"/{ACTION}")
	link = links.of_ticket(str(own.name))
	sessions.close_all(link.name, "Rotated")
	frappe.db.commit()
	assert client.post(f"{home}/{ACTION}", fields).status_code == 401
	assert not is_in(client)


def test_whom_an_agent_took_off_the_ticket_does_not_rise(client, own, address):
	home = verified(client, own, address)
	fields = hidden_fields(client.get(home).text, f"/{ACTION}")
	frappe.db.set_value("HD Ticket", own.name, {"raised_by": "x@nowhere.example", "contact": None})
	frappe.db.commit()
	assert client.post(f"{home}/{ACTION}", fields).status_code == 401
	assert not is_in(client)


# Limits, bad input, other sites


def test_it_counts_as_the_use_of_a_sign_in_link(client, own, address):
	configure(checks_per_ip_per_hour=2)
	home = verified(client, own, address)
	for _time in range(2):
		assert press(client, home).status_code == 303
	answer = press(client, home)
	assert answer.status_code == 429
	assert int(answer.headers["Retry-After"]) > 0
	assert f'value="{address}"' in answer.text
	network = throttle.address_subject(client.session.headers["X-Forwarded-For"])
	assert throttle.count(throttle.CHECK, network, utc_now() - timedelta(hours=1)) == 2
	assert not frappe.db.exists(
		"Portal Throttle Event", {"subject": throttle.sign_in_subject(address), "kind": "Send"}
	)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1"])
def test_other_sites_cannot_press_it(client, own, address, origin):
	home = verified(client, own, address)
	fields = hidden_fields(client.get(home).text, f"/{ACTION}")
	before = counts()
	assert client.post(f"{home}/{ACTION}", fields, origin=origin).status_code == 403
	foreign = {"Sec-Fetch-Site": "cross-site"}
	assert client.post(f"{home}/{ACTION}", fields, headers=foreign).status_code == 403
	assert client.post(f"{home}/{ACTION}", {**fields, "form_token": "0" * 64}).status_code == 403
	assert counts() == before
	assert not is_in(client)


def test_looking_signs_nobody_in(client, own, address):
	home = verified(client, own, address)
	assert client.get(f"{home}/{ACTION}").status_code == 405
	assert not is_in(client)


def test_no_cookie_of_frappe_is_given_by_any_other_page_of_the_link(client, own, address, everything_on):
	home = verified(client, own, address)
	for answer in (client.get(home), client.get(f"{home}/state"), act(client, home, "reply", text="Hello")):
		assert "sid" not in answer.cookies
		assert "full_name" not in answer.cookies


def test_the_link_alone_offers_nothing(client, own):
	assert OFFER not in client.get(home_of(own)).text
