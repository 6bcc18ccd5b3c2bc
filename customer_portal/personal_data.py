"""Erases what this app and its fields hold of a person, when Frappe erases that person's account.

Frappe's ``user_data_fields`` finds rows by the e-mail address alone. Here the phone numbers go too: those of the
person's contacts, and those of the tickets that they raised.
"""

import frappe

from customer_portal import accounts, followers, join_requests, links, opt_outs, presence, sessions, teams
from customer_portal.mail_addresses import normal_email
from customer_portal.notifications import outbox
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, SMS, Recipient

TICKET = "HD Ticket"
REASON = "Personal data was erased"


def erase(user: str, mark: str) -> None:
	"""``mark`` takes the place of the address where a row has to keep one, as in Frappe's own erasure.

	Codes and sessions of the person are deleted, unsent messages to them are dropped, links of their tickets are
	revoked. What happened to the tickets stays on record, and so does a wish to get no messages, as a digest. The
	caller commits.
	"""
	tickets = _tickets(user)
	people = _addresses(user, tickets)
	addresses = [person.address for person in people]
	outbox.erase(addresses, mark)
	sessions.erase(addresses)
	for person in people:
		opt_outs.erase_mask(person.channel, person)
	_erase_member(user)
	for ticket in tickets:
		_erase_from_ticket(ticket, user, mark)


def _erase_member(user: str) -> None:
	"""What the organisation portal knows of the person. Frappe has renamed nobody yet."""
	for room in (followers, presence, accounts):
		room.erase(user)
	if address := normal_email(user):
		teams.erase(address)
		join_requests.erase(address)


def _tickets(user: str) -> list:
	"""Raised by the person, of a contact with their address, or with their address for the link."""
	contacts = frappe.get_all("Contact Email", {"email_id": user, "parenttype": "Contact"}, pluck="parent")
	either = {"raised_by": user, "portal_email": user, "contact": ("in", contacts or [""])}
	return frappe.get_all(TICKET, or_filters=either, fields=["name", *recipients.FIELDS])


def _addresses(user: str, tickets: list) -> list[Recipient]:
	"""Every spelling counts: columns compare without case, and numbers are in E.164."""
	keys = recipients.keys_of_user(user) | {(EMAIL, user)}
	phones = {recipients.typed_key(SMS, row.portal_phone) for row in tickets if row.portal_phone}
	keys |= {(SMS, number) for number in phones if number}
	return [Recipient(channel, key) for channel, key in sorted(keys)]


def _erase_from_ticket(row, user: str, mark: str) -> None:
	"""Past the document: no rule, no SLA, no message. ``raised_by`` follows the user, whom Frappe renames."""
	values = {"portal_phone": None}
	if _is_same(row.portal_email, user):
		values["portal_email"] = None
	if _is_same(row.raised_by, user):
		values["raised_by"] = mark
	frappe.db.set_value(TICKET, row.name, values, update_modified=False)
	links.revoke(str(row.name), REASON)


def _is_same(address: str | None, user: str) -> bool:
	return (address or "").strip().casefold() == user.casefold()
