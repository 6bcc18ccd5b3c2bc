"""A message of a ticket as it stands in the ticket's thread: who wrote it, its text, its files."""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal import conversations, message_files, names
from customer_portal.message_files import MessageFile
from customer_portal.slack import mrkdwn, people, posts

LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class Spoken:
	"""``text`` is mrkdwn; empty where the post shows it already. ``name`` is shown in the app's place."""

	text: str
	name: str
	files: tuple[MessageFile, ...]


def of_message(ticket: str, communication: str) -> Spoken | None:
	"""None: it is not there, or not for the customer to see, or of somebody who was erased."""
	message = conversations.one(ticket, communication)
	if message is None or people.is_erased(message.sender):
		return None
	files = message_files.of(ticket, [message]).get(message.name, ())
	return Spoken(_text(ticket, message), _name(message), tuple(files))


def is_scheduled(communication: str) -> bool:
	"""Whether an agent wants it to be sent later."""
	return frappe.db.get_value("Communication", communication, "delivery_status") == "Scheduled"


def _text(ticket: str, message: frappe._dict) -> str:
	description = frappe.db.get_value("HD Ticket", ticket, "description")
	is_first = message.sent_or_received == "Received" and message.content == description
	if is_first and posts.is_whole(description):
		return ""
	is_mail = bool(message.email_account) and message.sent_or_received == "Received"
	return mrkdwn.from_html(message.content or "", _mentions(ticket, message), is_mail=is_mail)


def _name(message: frappe._dict) -> str:
	"""Whatever customers call themselves, it ends in what they are."""
	is_customers = message.sent_or_received == "Received"
	sentence = _("{0} (customer)") if is_customers else "{0}"
	name = names.visible(conversations.author(message))[: LONGEST_NAME - len(sentence.format(""))].rstrip()
	if name:
		return sentence.format(name)
	return _("Customer") if is_customers else _("Support")


def _mentions(ticket: str, message: frappe._dict) -> Callable[[str], str | None]:
	"""Helpdesk's notifications say whom the message mentions: the text has names alone."""
	found: dict[str, str] | None = None

	def mention(label: str) -> str | None:
		nonlocal found
		if found is None:
			found = _mentioned(ticket, message.content)
		return people.mention(found[label]) if label in found else None

	return mention


def _mentioned(ticket: str, content: str) -> dict[str, str]:
	"""Users by full name; of two of one name, the one who was mentioned."""
	told = {"reference_ticket": ticket, "notification_type": "Mention", "message": content}
	users = frappe.get_all("HD Notification", filters=told, pluck="user_to")
	found = frappe.get_all("User", filters={"name": ("in", users or [""])}, fields=["name", "full_name"])
	return {" ".join((row.full_name or "").split()): row.name for row in found}
