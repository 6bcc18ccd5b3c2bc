"""Writes what an agent has said in Slack into Helpdesk, as that agent and as if it had been typed there."""

from collections.abc import Mapping

import frappe
from frappe import _

from customer_portal import html, uploads
from customer_portal.slack import attachments, mrkdwn, objections, origin, outbox, people, session
from customer_portal.slack.outbox import NOTE, ledger
from customer_portal.uploads import Upload

TICKET, COMMENT, COMMUNICATION = "HD Ticket", "HD Ticket Comment", "Communication"
MOST_NAMES = 20  # people who are mentioned in one message


def content(text: str) -> str:
	"""Slack's markup as safe HTML. Asks Slack for the names of who is mentioned."""
	known: dict[str, str | None] = {}

	def name_of(slack_user: str) -> str | None:
		if slack_user not in known and len(known) < MOST_NAMES:
			known[slack_user] = people.name_of(slack_user)
		return known.get(slack_user)

	return mrkdwn.to_html(text, name_of, somebody=_("somebody"))


def write(written, kind: str, ticket: str, agent: str, content: str, files: Mapping[str, Upload]) -> str:
	"""A reply or a private note, once for each message in Slack; ``files`` by their IDs there. Returns what Helpdesk says
	when it refuses, else nothing. The caller commits.
	"""
	if not ledger.receive(written, kind, ticket):
		return ""
	key = ledger.key(written.channel, written.ts)

	def act() -> None:
		with session.as_agent(agent), origin.of(key):
			(_note if kind == NOTE else _reply)(written, ticket, content, files)

	said = objections.of(act, ticket)
	return _refused(key, said) if said else ""


def is_there(known: frappe._dict | None) -> bool:
	"""Whether it became a reply or a note that nobody has deleted. ``known`` is the ledger's row."""
	return ledger.is_document(known) and bool(frappe.db.exists(_doctype(known), known.source))


def change(known: frappe._dict, content: str) -> None:
	"""Past Helpdesk's hooks, which would take it for another reply."""
	frappe.db.set_value(_doctype(known), known.source, "content", content)
	outbox.touch(known.source)
	_refresh(ticket_of(known))


def delete(known: frappe._dict) -> None:
	"""With its files. Frappe keeps a copy as Deleted Document."""
	doctype = _doctype(known)
	if frappe.db.exists(doctype, known.source):
		if doctype == COMMUNICATION:
			attachments.delete(ledger.sources_of(known))
		ticket = ticket_of(known)
		frappe.delete_doc(doctype, known.source, ignore_permissions=True)
		_refresh(ticket)


def take_off(known: frappe._dict, file: frappe._dict) -> None:
	"""``file`` is the ledger's row; its File may be gone already."""
	kept = frappe.get_all("File", {"name": ("in", ledger.sources_of(known) or [""])}, pluck="file_url")
	is_shared = file.address in kept
	own = [] if is_shared else attachments.of_message(_doctype(known), known.source, file.address)
	attachments.delete({file.source, *own})
	attachments.take_off_mails(known.source, file.address)
	outbox.touch(known.source)
	_refresh(ticket_of(known))


def ticket_of(known: frappe._dict) -> str:
	"""Where the message is by now: Helpdesk can split a reply off into another ticket."""
	field = "reference_ticket" if known.kind == NOTE else "reference_name"
	return str(frappe.db.get_value(_doctype(known), known.source, field) or known.ticket)


def is_empty(known: frappe._dict) -> bool:
	"""Whether neither a word nor a file is left of it."""
	doctype = _doctype(known)
	said = html.as_lines(frappe.db.get_value(doctype, known.source, "content"))
	own = {"attached_to_doctype": doctype, "attached_to_name": known.source}
	return not (said or frappe.db.exists("File", own))


def _reply(written, ticket: str, content: str, files: Mapping[str, Upload]) -> None:
	"""To whom Helpdesk's own editor writes: who raised the ticket."""
	document = frappe.get_doc(TICKET, ticket, for_update=True)
	names = _store(written, ticket, files, TICKET, ticket)
	with uploads.pictures_as_they_are():  # Helpdesk makes copies for the message
		document.reply_via_agent(content, to=document.raised_by, attachments=names)


def _note(written, ticket: str, content: str, files: Mapping[str, Upload]) -> None:
	"""Its files are the comment's alone: what is attached to the ticket, its customer may read."""
	frappe.get_doc(TICKET, ticket).new_comment(content)
	_store(written, ticket, files, COMMENT, origin.document())


def _store(written, ticket: str, files: Mapping[str, Upload], doctype: str, name: str) -> list[str]:
	"""Before Helpdesk commits: what can be deleted in Slack is known from the start."""
	stored = {file: uploads.store(upload, doctype, name, is_apart=True) for file, upload in files.items()}
	ledger.add_files(written, ticket, stored)
	return list(stored.values())


def _doctype(known: frappe._dict) -> str:
	return COMMENT if known.kind == NOTE else COMMUNICATION


def may_write(ticket: str, agent: str) -> bool:
	"""Helpdesk asks the session which teams somebody is in, and not the user it is given."""
	with session.as_agent(agent):
		return bool(frappe.has_permission(TICKET, "write", ticket))


def _refused(key: str, said: str) -> str:
	"""Helpdesk may have stored the reply already, and failed at its mail."""
	if ledger.source_of(key):
		return _("Your reply is in Helpdesk, but something failed after that: {0}").format(said)
	return _("Helpdesk did not take it: {0} Edit your message to try again.").format(said)


def _refresh(ticket: str) -> None:
	"""Open pages of Helpdesk read the ticket again."""
	frappe.publish_realtime("helpdesk:ticket-update", {"ticket_id": ticket}, after_commit=True)
