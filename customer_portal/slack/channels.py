"""Which channels of Slack a ticket goes to, and what comes back from them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime

from customer_portal import settings
from customer_portal.constants import SLACK_NOTE_MARKER, SLACK_REPLY_MARKER

TWO_WAY, MARKED, ALERTS = "Two-way", "Marked messages only", "Alerts only"
STRICTNESS = (TWO_WAY, MARKED, ALERTS)
ACCESS = "Portal Customer Access"
RULED = "slack_rules_since"
CLOCKS = timedelta(minutes=6)  # Slack's and ours differ by less: its signatures may be five minutes old
FIELDS = ("customer", "portal_private")  # of HD Ticket: what decides where it goes


@dataclass(frozen=True)
class Place:
	"""A channel. ``customer`` is empty for the triage channel, which has the tickets of all."""

	channel: str
	mode: str
	customer: str = ""

	def at_most(self, mode: str) -> "Place":
		"""The same with the stricter of two modes: its own, and the one of the moment in which somebody wrote."""
		return replace(self, mode=max(self.mode, mode, key=STRICTNESS.index))

	@property
	def is_answered(self) -> bool:
		return self.mode != ALERTS


def is_on() -> bool:
	return bool(settings.get().slack_enabled) and not copy_of()


def copy_of() -> str:
	"""The site that this one is a copy of, as a restored backup is, by its name: it would write into that one's channels,
	and delete there. Empty where somebody has switched Slack on here.
	"""
	connected = settings.get().slack_connected_site or frappe.local.site
	return "" if connected == frappe.local.site else connected


def is_set_up() -> bool:
	"""Also while it is switched off."""
	return bool(settings.get().slack_bot_token)


def of_ticket(ticket) -> list[Place]:
	"""Where it goes: the triage channel, and its customer's own. None while Slack is off. ``ticket`` is anything with
	``FIELDS``.

	A private ticket goes to the triage channel alone: people of the customer may be in the customer's.
	"""
	if not is_on():
		return []
	return [*_triage(), *(_own(ticket.customer) if ticket.customer and not ticket.portal_private else ())]


def place(channel: str) -> Place | None:
	"""None for a channel that is not ours. One that is both by mistake is the customer's: it has nothing of others."""
	if not channel or not is_on():
		return None
	triage = next((one for one in _triage() if one.channel == channel), None)
	return _of_customer(channel) or triage


def _of_customer(channel: str) -> Place | None:
	found = frappe.db.get_value(ACCESS, {"slack_channel": channel}, ["customer", "slack_mode"])
	return Place(channel, found[1] or TWO_WAY, found[0]) if found else None


def has(place_: Place, ticket) -> bool:
	"""Whether this ticket belongs there; it is anything with ``FIELDS``."""
	return not place_.customer or (place_.customer == ticket.customer and not ticket.portal_private)


def all_places() -> list[Place]:
	fields = ["slack_channel", "slack_mode", "customer"]
	found = frappe.get_all(ACCESS, {"slack_channel": ("is", "set")}, fields, order_by="customer")
	return [*_triage(), *(Place(row.slack_channel, row.slack_mode or TWO_WAY, row.customer) for row in found)]


def ruled_since(place_: Place) -> datetime | None:
	"""Since when, by Slack's clock, what is written there is surely read as it is now (naive UTC). None: nobody knows."""
	own = frappe.db.get_value(ACCESS, {"slack_channel": place_.channel}, RULED) if place_.customer else None
	known = [settings.get().get(RULED), *([own] if place_.customer else [])]
	return max(map(get_datetime, known)) + CLOCKS if all(known) else None


def reply_marker() -> str:
	return settings.get().slack_reply_marker or SLACK_REPLY_MARKER


def note_marker() -> str:
	return settings.get().slack_note_marker or SLACK_NOTE_MARKER


def _triage() -> list[Place]:
	chosen = settings.get()
	channel = chosen.slack_triage_channel
	return [Place(channel, chosen.slack_triage_mode or TWO_WAY)] if channel else []


def _own(customer: str) -> list[Place]:
	own = frappe.db.get_value(ACCESS, {"customer": customer}, ["slack_channel", "slack_mode"])
	return [Place(own[0], own[1] or TWO_WAY, customer)] if own and own[0] else []
