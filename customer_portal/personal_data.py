"""What this app and its fields hold of a person: given out and erased together with what Frappe holds.

Not by Frappe's ``user_data_fields``: those rules give out whole rows, with digests and with the names of others, and
find rows by the e-mail address alone, as columns compare it, so that "jose" would erase "josé". Here the phone numbers
go too: those of the person's contacts, and those of the tickets that they raised.
"""

from collections.abc import Iterable

import frappe

from customer_portal import (
	accounts,
	followers,
	join_requests,
	links,
	mail_addresses,
	opt_outs,
	presence,
	rows,
	sessions,
	teams,
	versions,
)
from customer_portal.mail_addresses import normal_email
from customer_portal.notifications import outbox
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, SMS, Recipient
from customer_portal.slack import channels
from customer_portal.slack import outbox as slack_outbox
from customer_portal.slack import people as slack_people

TICKET = "HD Ticket"
REASON = "Personal data was erased"
# By doctype: where the address stands, and what is given out.
EXPORTED = {
	outbox.DOCTYPE: (
		"recipient",
		("ticket", "customer", "kind", "channel", "recipient", "language", "occurred_at", "state", "sent_at"),
	),
	sessions.DOCTYPE: (
		"recipient",
		(
			"ticket",
			"channel",
			"recipient",
			"language",
			"state",
			"asked_at",
			"verified_at",
			"last_seen_at",
			"user_agent",
		),
	),
	accounts.DOCTYPE: ("user", ("user", "last_seen_at", "replies", "wants_digest")),
	followers.DOCTYPE: ("user", ("ticket", "user", "is_following", "is_added")),
	presence.DOCTYPE: ("user", ("ticket", "user", "seen_at")),
	join_requests.DOCTYPE: ("email", ("customer", "email", "state", "asked_at", "decided_at")),
	teams.PERSON: ("email", ("parent", "email", "role", "sees", "is_disabled")),
	slack_people.DOCTYPE: ("user", ("slack_user", "slack_name", "user", "is_fixed")),
}


def export(user: str) -> dict[str, list[dict[str, object]]]:
	"""By doctype, the rows with the person's address; without secrets, and without the names of others."""
	own = _spellings(user)
	found = {doctype: _held(doctype, column, fields, own) for doctype, (column, fields) in EXPORTED.items()}
	return {doctype: held for doctype, held in found.items() if held}


def _held(doctype: str, column: str, fields: Iterable[str], spellings: Iterable[str]) -> list:
	names = rows.with_address(doctype, column, spellings)
	return frappe.get_all(
		doctype, filters={"name": ("in", names or [""])}, fields=list(fields), order_by="creation, name"
	)


def _spellings(user: str) -> set[str]:
	"""Of the person's address: as Frappe has it, and with a domain in either form."""
	address = normal_email(user)
	return {user, *(mail_addresses.spellings(address) if address else ())}


def erase(user: str, mark: str) -> None:
	"""``mark`` takes the place of the address where a row has to keep one, as in Frappe's own erasure.

	Codes and sessions of the person are deleted, unsent messages to them are dropped, links of their tickets are
	revoked. What happened to the tickets stays on record, and so does a wish to get no messages, as a digest. The
	caller commits.
	"""
	tickets = _tickets(user)
	people = _addresses(user, tickets)
	addresses = sorted({person.address for person in people} | _spellings(user))
	outbox.erase(addresses, mark)
	sessions.erase(addresses)
	for person in people:
		opt_outs.erase_mask(person.channel, person)
	_erase_member(user, mark)
	for doctype in (teams.DOCTYPE, join_requests.DOCTYPE):  # which the Desk changes and deletes
		versions.erase(doctype, addresses, mark)
	_erase_from_slack(user)
	for ticket in tickets:
		_erase_from_ticket(ticket, user, mark)
		versions.erase(TICKET, addresses, mark, str(ticket.name))


def _erase_member(user: str, mark: str) -> None:
	"""What the organisation portal knows of the person. Frappe has renamed nobody yet."""
	for room in (followers, presence, accounts):
		room.erase(user)
	for room in (teams, join_requests):
		room.erase(_spellings(user), mark)


def _erase_from_slack(user: str) -> None:
	"""What they have written in others' tickets; their own go with all that was said there."""
	slack_people.erase(user)
	theirs = rows.with_address("Communication", "sender", _spellings(user)) if channels.is_set_up() else []
	received = {"reference_doctype": TICKET, "sent_or_received": "Received", "name": ("in", theirs or [""])}
	for message in frappe.get_all("Communication", received, pluck="name"):
		slack_outbox.forget_message(message)


def _tickets(user: str) -> list:
	"""Raised by the person, of a contact with their address, or with their address for the link."""
	contacts = recipients.contacts_with_address(user)
	either = {"raised_by": user, "portal_email": user, "contact": ("in", contacts or [""])}
	found = frappe.get_all(TICKET, or_filters=either, fields=["name", *recipients.FIELDS])
	return [
		row
		for row in found
		if row.contact in contacts or _is_same(row.raised_by, user) or _is_same(row.portal_email, user)
	]


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
	slack_outbox.forget(str(row.name))


def _is_same(address: str | None, user: str) -> bool:
	return (address or "").strip().lower() == user.lower()
