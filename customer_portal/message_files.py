"""Which files the messages of a ticket may show to its customer.

What is attached to a message, when those brought it who may: the mail itself, an agent, or the customer. And a picture
that stands in an agent's message, which Helpdesk attaches to the ticket alone, as it does with those of internal
comments: it must be the agent's own, and no comment may name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe

from customer_portal import html

# A customer's file is no upload of theirs when somebody else's was at its path before: Frappe makes one for any path.
_FILES = """SELECT message.name AS message, file.name, file.file_url, file.file_name, file.file_size, 0 AS is_inline
	FROM `tabFile` file JOIN `tabCommunication` message ON message.name = file.attached_to_name
	LEFT JOIN `tabHD Agent` agent ON agent.name = file.owner
	WHERE file.attached_to_doctype = 'Communication' AND file.attached_to_name IN %(messages)s AND (
		file.owner = 'Administrator' OR agent.name IS NOT NULL
		OR (file.owner = message.owner AND (COALESCE(message.email_account, '') != '' OR NOT EXISTS (
			SELECT 1 FROM `tabFile` older
			WHERE older.file_url = file.file_url AND older.creation <= file.creation AND older.name != file.name
				AND older.owner != file.owner))))
	UNION ALL SELECT message.name, file.name, file.file_url, file.file_name, file.file_size, 1
	FROM `tabFile` file JOIN `tabCommunication` message ON message.owner = file.owner
		AND message.name IN %(messages)s AND message.sent_or_received = 'Sent'
	WHERE file.attached_to_doctype = 'HD Ticket' AND file.attached_to_name = %(ticket)s
		AND file.file_url IN %(paths)s AND INSTR(message.content, file.file_url) > 0
		AND NOT EXISTS (SELECT 1 FROM `tabHD Ticket Comment` comment
			WHERE comment.reference_ticket = %(ticket)s AND INSTR(comment.content, file.file_url) > 0)
		AND NOT EXISTS (SELECT 1 FROM `tabFile` internal
			WHERE internal.file_url = file.file_url AND internal.attached_to_doctype = 'HD Ticket Comment')
	ORDER BY is_inline, file_name, name"""


@dataclass(frozen=True)
class MessageFile:
	"""``path`` is its ``file_url``; ``size`` is in bytes. One that is inline stands in the text, not below it."""

	name: str
	path: str
	label: str
	size: int
	is_inline: bool


def of(ticket: str, messages: Sequence[frappe._dict]) -> dict[str, list[MessageFile]]:
	"""The files by the message's name, only for messages that have some; one SELECT for all.

	``messages`` have name, content and sent_or_received, and are visible to the customer.
	"""
	if not messages:
		return {}
	paths = {message.name: html.local_paths(message.content) for message in messages}
	values = {
		"ticket": ticket,
		"messages": list(paths),
		"paths": sorted(set().union(*paths.values())) or [""],
	}
	found: dict[str, list[MessageFile]] = {}
	for row in frappe.db.sql(_FILES, values, as_dict=True):
		is_inline = bool(row.is_inline) or row.file_url in paths[row.message]
		file = MessageFile(row.name, row.file_url, row.file_name or "", row.file_size or 0, is_inline)
		found.setdefault(row.message, []).append(file)
	return found
