"""Which files a ticket's description may show to its customer: those that came with it, and no others.

The customer writes the description, so that naming a file there proves nothing, and Helpdesk attaches files of agents'
internal comments to the ticket as well. What counts is who brought the file.
"""

from dataclasses import dataclass

import frappe

from customer_portal import agents, html

FIELDS = ("owner", "raised_by", "creation")  # of HD Ticket, which ``shown`` needs beside name and description

_OPENING_MAIL = """SELECT name, owner, email_account FROM `tabCommunication`
	WHERE reference_doctype = 'HD Ticket' AND reference_name = %(ticket)s AND communication_medium = 'Email'
		AND sent_or_received = 'Received' AND creation >= %(creation)s
	ORDER BY creation, name LIMIT 1"""

# A customer's file is no upload of theirs when somebody else's was at its path before: Frappe makes one for any path.
_FILES = """SELECT file.name, file.file_url FROM `tabFile` file
	WHERE file.file_url IN %(paths)s AND (
		(file.attached_to_doctype = 'Communication' AND file.attached_to_name = %(fetched_mail)s
			AND file.owner = %(fetched_by)s)
		OR (file.owner IN %(customers)s AND (
				(file.attached_to_doctype = 'HD Ticket' AND file.attached_to_name = %(ticket)s)
				OR (file.attached_to_doctype = 'Communication' AND file.attached_to_name = %(mail)s))
			AND NOT EXISTS (SELECT 1 FROM `tabFile` older
				WHERE older.file_url = file.file_url AND older.creation <= file.creation
					AND older.name != file.name AND older.owner NOT IN %(customers)s)))
	ORDER BY file.creation, file.name"""


@dataclass(frozen=True)
class StoredFile:
	"""A file that a description may show; ``path`` is its ``file_url``."""

	name: str
	path: str


def shown(row: frappe._dict) -> list[StoredFile]:
	"""Files of the mail that opened the ticket, and files that its customer attached.

	A file's owner is who uploaded it; of a fetched mail (only such a one has an account) it is the user of the job
	that fetched it.
	"""
	paths = html.local_paths(row.description)
	if not paths:
		return []
	ticket = str(row.name)
	mail = _opening_mail(ticket, row.creation)
	is_fetched = bool(mail.email_account)
	values = {
		"paths": sorted(paths),
		"ticket": ticket,
		"customers": _customers(row),
		"mail": mail.name or "",
		"fetched_mail": mail.name if is_fetched else "",
		"fetched_by": mail.owner if is_fetched else "",
	}
	return [StoredFile(*pair) for pair in frappe.db.sql(_FILES, values)]


def _opening_mail(ticket: str, creation) -> frappe._dict:
	"""Mails of tickets that were merged into this one keep their dates, and so may be older than it."""
	found = frappe.db.sql(_OPENING_MAIL, {"ticket": ticket, "creation": creation}, as_dict=True)
	return found[0] if found else frappe._dict()


def _customers(row: frappe._dict) -> list[str]:
	people = {person for person in (row.owner, row.raised_by) if person}
	return [person for person in sorted(people) if not agents.is_agent(person)] or [""]
