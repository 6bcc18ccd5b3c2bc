"""The messages of a ticket that its customer may see: what Helpdesk's own portal shows, and less.

Internal comments are no Communications, so that no query here can meet one. Left out are automated messages, mail that
was marked as spam or thrown away, and what waits to be sent later. Of an agent only the name is told, never an address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

import frappe

from customer_portal import html, message_files, timezones
from customer_portal.exceptions import PortalError
from customer_portal.html import CleanHtml
from customer_portal.mail_addresses import normal_email
from customer_portal.message_files import MessageFile
from customer_portal.names import is_name
from customer_portal.otp import recipients
from customer_portal.otp.recipients import EMAIL, Recipient

PAGE = 20  # messages
IMAGES = frozenset(
	{".png", ".jpg", ".jpeg", ".gif", ".webp"}
)  # what ``pages.files`` shows inline, by first bytes
US, YOU, SOMEBODY = "us", "you", "somebody"
_NAMELESS = frozenset({"Administrator", "Guest"})

_VISIBLE = """message.reference_doctype = 'HD Ticket' AND message.reference_name = %(ticket)s
	AND message.communication_type = 'Communication'
	AND message.sent_or_received IN ('Sent', 'Received')
	AND COALESCE(message.email_status, '') NOT IN ('Spam', 'Trash')
	AND COALESCE(message.delivery_status, '') != 'Scheduled'"""
# Helpdesk shows who wrote: for what was sent the user, for what came in the sender.
_MESSAGES = f"""SELECT message.name, message.creation, message.content, message.sent_or_received, message.sender,
		message.sender_full_name, message.owner, message.email_account, user.full_name
	FROM `tabCommunication` message
	LEFT JOIN `tabUser` user ON user.name = IF(message.sent_or_received = 'Sent',
		COALESCE(NULLIF(message.user, ''), message.sender), message.sender)
	WHERE {_VISIBLE} AND %(condition)s
	ORDER BY message.creation DESC, message.name DESC LIMIT {PAGE + 1}"""
_BEFORE = """(message.creation, message.name) < (
	SELECT creation, name FROM `tabCommunication` WHERE name = %(before)s)"""


@dataclass(frozen=True)
class ShownFile:
	"""``size`` is in bytes."""

	address: str
	label: str
	size: int
	is_image: bool


@dataclass(frozen=True)
class Message:
	"""``side`` is ``US``, ``YOU`` (the person who reads) or ``SOMEBODY``; ``author`` may be empty; ``at`` naive UTC."""

	name: str
	side: str
	author: str
	at: datetime
	body: CleanHtml
	files: tuple[ShownFile, ...]


@dataclass(frozen=True)
class Conversation:
	"""Messages, the newest last; ``older`` is the cursor of the page before, None when this is the first."""

	messages: tuple[Message, ...]
	older: str | None


def read(
	row: frappe._dict, person: Recipient, address_of: Callable[[str], str], before: str = ""
) -> Conversation:
	"""``row`` has ``tickets.FIELDS``; ``before`` is the cursor of an earlier answer.

	Two SELECTs, and one for a person who was verified by phone. Raises ``PortalError`` for a foreign cursor.
	"""
	found = _rows(str(row.name), before)
	files = message_files.of(str(row.name), found)
	own = normal_email(recipients.mail_address(row, person))
	has_older = len(found) > PAGE and _has_content(found[-1], row, files)
	shown = [
		_message(one, row, files.get(one.name, ()), own, address_of)
		for one in reversed(found[:PAGE])
		if _has_content(one, row, files)
	]
	return Conversation(tuple(shown), found[PAGE - 1].name if has_older else None)


def one(ticket: str, name: str) -> frappe._dict | None:
	"""The row of a message that the customer may see: name, content, sent_or_received, sender and what ``author`` reads."""
	return next(iter(_select(ticket, "message.name = %(name)s", name=name)), None)


def author(message: frappe._dict) -> str:
	"""The name of who wrote it, never an address; empty for an agent without one."""
	return _author(message, None)[1]


def newest(ticket: str) -> list[str]:
	"""The names of the messages on the newest page."""
	return [one.name for one in _rows(ticket, "")[:PAGE]]


def author_of_description(row: frappe._dict, address: str) -> tuple[str, str]:
	"""Side and name of who raised the ticket, for a reader with this address."""
	raised_by = row.raised_by or ""
	name = frappe.db.get_value("User", raised_by, "full_name") if raised_by else None
	return _author(
		frappe._dict(sent_or_received="Received", sender=raised_by, full_name=name), normal_email(address)
	)


def shown_file(ticket: str, name: str) -> MessageFile | None:
	"""A file of a message that the customer may see."""
	for messages in (_rows_of_file(ticket, name), _rows_that_name(ticket, name)):
		files = message_files.of(ticket, messages) if messages else {}
		for found in files.values():
			if match := next((file for file in found if file.name == name), None):
				return match
	return None


def _rows(ticket: str, before: str) -> list[frappe._dict]:
	if before and not _select(ticket, "message.name = %(before)s", before=before):
		raise PortalError
	return _select(ticket, _BEFORE if before else "1 = 1", before=before)


def _rows_of_file(ticket: str, file: str) -> list[frappe._dict]:
	condition = """message.name = (SELECT attached_to_name FROM `tabFile`
		WHERE name = %(file)s AND attached_to_doctype = 'Communication')"""
	return _select(ticket, condition, file=file)


def _rows_that_name(ticket: str, file: str) -> list[frappe._dict]:
	condition = """INSTR(message.content, (SELECT file_url FROM `tabFile` WHERE name = %(file)s
		AND attached_to_doctype = 'HD Ticket' AND attached_to_name = %(ticket)s)) > 0"""
	return _select(ticket, condition, file=file)


def _select(ticket: str, condition: str, **values: str) -> list[frappe._dict]:
	query = _MESSAGES.replace("%(condition)s", condition)
	return frappe.db.sql(query, {"ticket": ticket, **values}, as_dict=True)


def _has_content(message: frappe._dict, row: frappe._dict, files: dict) -> bool:
	"""The page shows the description by itself; Helpdesk repeats it as the first message."""
	return not _is_description(message, row) or message.name in files


def _is_description(message: frappe._dict, row: frappe._dict) -> bool:
	return message.sent_or_received == "Received" and message.content == row.description


def _message(
	message: frappe._dict,
	row: frappe._dict,
	files: Sequence[MessageFile],
	own: str | None,
	address_of: Callable[[str], str],
) -> Message:
	side, author = _author(message, own)
	content = "" if _is_description(message, row) else message.content
	addresses = {file.path: address_of(file.name) for file in files}
	shown = tuple(
		ShownFile(address_of(file.name), file.label, file.size, PurePath(file.label).suffix.lower() in IMAGES)
		for file in files
		if not file.is_inline
	)
	at = timezones.to_utc(message.creation)
	return Message(message.name, side, author, at, html.clean(content, addresses), shown)


def _author(message: frappe._dict, own: str | None) -> tuple[str, str]:
	if message.sent_or_received == "Sent":
		is_nameless = message.owner in _NAMELESS or not is_name(message.full_name)
		return US, "" if is_nameless else message.full_name
	if own and normal_email(message.sender) == own:
		return YOU, ""
	name = message.full_name or message.sender_full_name or ""
	return SOMEBODY, name if is_name(name) else Recipient(EMAIL, message.sender or "").masked
