"""Which messages an occasion makes: for each channel that tells it, one to the customer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime

from customer_portal import keys, settings, statuses, timezones
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.notifications import languages
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.statuses import TicketTemplate

STATUS, LINK, NO_NEWS, SLIPPED = "Status", "Link", "No News", "Slipped"
INVITATION, JOIN_REQUESTS, DIGEST = "Invitation", "Join Requests", "Digest"
LETTERS = frozenset(
	{INVITATION, JOIN_REQUESTS, DIGEST}
)  # to a person of an organisation, and about no ticket
REPLY = "Reply"
REPLY_CHANNEL = "Email"
EVENT_FIELDS = ("name", "ticket", "to_sub_status", "occurred_at")
Draft = dict[str, object]  # the columns of a row of Portal Notification


def of_event(event: str) -> list[Draft]:
	"""Due when the burst that the Portal Status Event may belong to is over."""
	row = frappe.db.get_value("Portal Status Event", event, EVENT_FIELDS, as_dict=True)
	template, language = statuses.template_of(row.ticket), languages.of_ticket(row.ticket)
	return of_change(row, template, language, recipients.of(row.ticket))


def of_change(row, template: TicketTemplate, language: str, known: Iterable[Recipient]) -> list[Draft]:
	"""The same of what has been read; ``row`` has ``EVENT_FIELDS``."""
	due = row.occurred_at + timedelta(seconds=settings.number("burst_seconds"))
	values = _values(row.ticket, STATUS, row.name, row.to_sub_status, row.occurred_at, due, language)
	found = _first_of(known, _telling(template, row.to_sub_status))
	return [_draft({**values, "event": row.name}, name, recipient) for name, recipient in found.items()]


def of_link(ticket: str) -> list[Draft]:
	"""The link once more, because an agent asked for it: by every channel, at once."""
	return _drafts(_at_once(str(ticket), LINK, frappe.generate_hash(length=20)), base.switched_on())


def of_present_state(ticket: str, channel: str) -> list[Draft]:
	"""How the ticket stands now, because an agent asked for it: by this channel alone, at once.

	To whom the ticket's messages go now: a wrong number may have been put right since. Empty when the channel is
	switched off, and when the ticket has no address for it.
	"""
	values = _at_once(str(ticket), STATUS, frappe.generate_hash(length=20))
	return _drafts(values, [name for name in base.switched_on() if name == channel])


def is_resent(row) -> bool:
	"""Whether an agent asked for this row of the outbox: what a change of status causes names its event."""
	return row.kind == STATUS and not row.event


def of_news(ticket: str, kind: str, occasion: str) -> list[Draft]:
	"""News without a change of status. The same ``occasion`` makes the same rows, so that it is told once."""
	values = _at_once(str(ticket), kind, occasion)
	return _drafts(values, _telling(statuses.template_of(str(ticket)), values["sub_status"]))


def of_letter(kind: str, occasion: str, address: str, language: str, customer: str | None) -> Draft:
	"""By e-mail alone. The same ``occasion`` makes the same row, so that it is told once."""
	now = utc_now()
	values = _values(None, kind, occasion, None, now, now, language)
	return _draft({**values, "customer": customer}, REPLY_CHANNEL, Recipient(EMAIL, address))


def of_reply(message, users: Iterable[str]) -> list[Draft]:
	"""An agent's Communication, for each of these users by e-mail: due when it was to be sent."""
	ticket, now = str(message.reference_name), utc_now()
	due = timezones.to_utc(get_datetime(message.send_after)) if message.send_after else now
	occurred = max(now, due)
	values = _values(ticket, REPLY, f"{REPLY} {message.name}", None, occurred, due, "")
	values["communication"] = message.name
	found = frappe.get_all("User", {"name": ("in", list(users))}, ["email", "language"])
	site = languages.of_ticket(ticket) if found else ""
	return [
		_draft({**values, "language": user.language or site}, REPLY_CHANNEL, Recipient(EMAIL, user.email))
		for user in found
	]


def in_place_of(failed, used: Iterable[str]) -> list[Draft]:
	"""By the next channel that the customer has, when one failed; ``used`` are the occasion's channels so far."""
	rank = base.registry[failed.channel].rank if failed.channel in base.registry else 0
	left = [name for name in base.switched_on() if name not in used and base.registry[name].rank > rank]
	names = ("ticket", "kind", "occasion", "event", "sub_status", "occurred_at", "language")
	values = {name: failed[name] for name in names}
	drafts = _drafts({**values, "fallback_of": failed.name, "due_at": utc_now()}, left)
	return drafts[:1]


def _telling(template: TicketTemplate, sub_status: str | None) -> list[str]:
	"""The channels that tell this change, by the template's matrix."""
	return [name for name in base.switched_on() if statuses.is_told(template, sub_status, name)]


def _at_once(ticket: str, kind: str, occasion: str) -> Draft:
	sub_status = frappe.db.get_value("HD Ticket", ticket, "sub_status")
	now = utc_now()
	language = languages.of_ticket(ticket)
	return {**_values(ticket, kind, occasion, sub_status, now, now, language), "event": None}


def _values(
	ticket: str | None,
	kind: str,
	occasion: str,
	sub_status: str | None,
	occurred: datetime,
	due: datetime,
	language: str,
) -> Draft:
	return {
		"ticket": ticket,
		"kind": kind,
		"occasion": occasion,
		"sub_status": sub_status,
		"occurred_at": occurred,
		"due_at": due,
		"language": language,
		"fallback_of": None,
	}


def destinations(ticket: str, channels: Iterable[str]) -> dict[str, Recipient]:
	"""To whom messages go by these channels, by their names; those for which the ticket has no address are left out.

	The first recipient of the kind that a channel needs: the ticket's own fields come before its contact's.
	"""
	return _first_of(recipients.of(ticket), channels)


def _first_of(known: Iterable[Recipient], channels: Iterable[str]) -> dict[str, Recipient]:
	first: dict[str, Recipient] = {}
	for recipient in known:
		first.setdefault(recipient.channel, recipient)
	kinds = {name: base.registry[name].address_kind for name in channels}
	return {name: first[kind] for name, kind in kinds.items() if kind in first}


def _drafts(values: Draft, channels: list[str]) -> list[Draft]:
	found = destinations(str(values["ticket"]), channels)
	return [_draft(values, name, recipient) for name, recipient in found.items()]


def _draft(values: Draft, channel: str, recipient: Recipient) -> Draft:
	"""The name comes from the deduplication key, so that a row that is there already is found by both."""
	key = keys.digest("notification", str(values["occasion"]), channel, recipient.key)
	return {
		"name": key[:20],
		"dedupe_key": key,
		"channel": channel,
		"recipient": recipient.address,
		"masked_recipient": recipient.masked,
		"state": "Queued",
		"attempts": 0,
		"may_be_repeated": 0,
		**values,
	}
