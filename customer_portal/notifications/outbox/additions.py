"""What becomes a row: a change of status, news, an agent's request, and the next channel after a failure."""

import frappe

from customer_portal.exceptions import CannotBeResent
from customer_portal.notifications import drafts, wake
from customer_portal.notifications.outbox.table import DOCTYPE, insert

RESENDABLE = ("Sent", "Failed", "Superseded")  # the states of which an agent may send a message again


def write(event: str) -> list[str]:
	"""Queues the messages of a Portal Status Event in the caller's transaction; names of the rows.

	A second call for an event adds nothing.
	"""
	return insert(drafts.of_event(event))


def write_link(ticket: str) -> list[str]:
	"""Queues the ticket's link once more, because an agent asked for it."""
	names = insert(drafts.of_link(ticket))
	wake.after_commit()
	return names


def resend(name: str) -> str:
	"""Queues the ticket's present state by the channel of this message, because an agent asked; the new row's name.

	Raises ``CannotBeResent`` while the message is on its way or has arrived, when its channel is switched off or the
	ticket has no address for it, and for a reply: whoever missed one has it in the next.
	"""
	row = frappe.db.get_value(DOCTYPE, name, ["ticket", "channel", "state", "kind"], as_dict=True)
	is_offered = row and row.state in RESENDABLE and row.kind != drafts.REPLY
	new = drafts.of_present_state(row.ticket, row.channel) if is_offered else []
	if not new:
		raise CannotBeResent
	wake.after_commit()
	return insert(new)[0]


def write_news(ticket: str, kind: str, occasion: str) -> list[str]:
	"""Queues news without a change of status, once for each occasion."""
	names = insert(drafts.of_news(ticket, kind, occasion))
	wake.after_commit()
	return names


def write_to_person(
	kind: str, occasion: str, address: str, language: str, customer: str | None = None
) -> None:
	"""Queues a letter to a person of an organisation, once for each occasion."""
	insert([drafts.of_letter(kind, occasion, address, language, customer)])
	wake.after_commit()


def write_replies(message, users: list[str]) -> list[str]:
	"""Queues an agent's Communication for these users, in the caller's transaction."""
	names = insert(drafts.of_reply(message, users)) if users else []
	if names:
		wake.after_commit()
	return names


def hand_over(name: str) -> None:
	"""A letter goes by mail alone."""
	failed = frappe.db.get_value(DOCTYPE, name, "*", as_dict=True)
	if failed.ticket and failed.occasion and failed.kind != drafts.REPLY and not drafts.is_resent(failed):
		used = frappe.get_all(DOCTYPE, filters={"occasion": failed.occasion}, pluck="channel")
		insert(drafts.in_place_of(failed, used))
		wake.after_commit()
