"""What of a ticket's life is news for Slack: called where it happens, in its transaction; of saves by
``extends.guard.tell_slack``, where Slack is set up.
"""

import frappe
from frappe.utils import get_datetime

from customer_portal import settings
from customer_portal.slack import channels, origin, outbox


def ticket_added(ticket) -> None:
	if channels.is_on():
		outbox.add_ticket(ticket)


def ticket_changed(ticket) -> None:
	"""Also while Slack is switched off: what is there must be true when it is on again."""
	before = ticket.get_doc_before_save()
	if before and any((before.get(field) or "") != (ticket.get(field) or "") for field in channels.FIELDS):
		_belonging_changed(ticket, was_shown=bool(before.customer and not before.portal_private))
	outbox.touch_ticket(str(ticket.name))


def privacy_changed(ticket) -> None:
	"""A member has hidden it from colleagues or shown it again, past the document. ``ticket`` is anything with name and
	``channels.FIELDS``, as they are now, and creation.
	"""
	if channels.is_set_up():
		_belonging_changed(ticket, was_shown=bool(ticket.portal_private))


def channel_connected(channel: str) -> None:
	"""It is the triage channel, or a customer's, from now on, and may have been another's before.

	What is in a channel that belongs to nobody any more stays there: it went to those who were meant to read it.
	"""
	outbox.look_again_in(channel)


def mode_changed(channel: str) -> None:
	"""What comes back from it decides about the buttons of its posts."""
	outbox.look_at_open_in(channel)


def _belonging_changed(ticket, was_shown: bool) -> None:
	"""``was_shown``: to people of a customer. An old ticket that was never in Slack does not come there by getting a
	customer, or another one, nor by being shown again.
	"""
	name = str(ticket.name)
	if outbox.has_posts(name) or (not was_shown and _came_since_slack(ticket)):
		outbox.look_again(name)
		outbox.add_ticket(ticket)


def _came_since_slack(ticket) -> bool:
	since = settings.get().slack_connected_at
	return not since or get_datetime(ticket.creation) >= get_datetime(since)


def ticket_removed(ticket) -> None:
	outbox.forget(str(ticket.name))


def assignment_changed(ticket: str) -> None:
	outbox.touch_ticket(ticket)


def message_added(message) -> None:
	"""A Communication of a ticket; also one that was written in Slack, for the ticket's other threads."""
	origin.note(message)
	if channels.is_on() and message.communication_type == "Communication":
		outbox.add_message(str(message.reference_name), message.name)


def message_changed(message) -> None:
	"""Also of one that was marked as spam, or thrown away: what is for customers decides whoever delivers it."""
	if not message.flags.in_insert:
		outbox.message_changed(message.name)


def file_removed(file) -> None:
	"""A File that goes without its message. Pictures in messages are attached to the ticket."""
	ticket = file.attached_to_name
	if file.attached_to_doctype == "Communication":
		ticket = frappe.db.get_value("Communication", ticket, "reference_name")
	if ticket:
		outbox.file_removed(str(ticket), file.name)


def message_removed(message) -> None:
	outbox.touch(message.name)
