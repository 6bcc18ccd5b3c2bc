"""Changes of what somebody has written in a thread, and what hinders them."""

import frappe
from frappe import _

from customer_portal.slack import outbox, replies, rights, session
from customer_portal.slack.channels import ALERTS, Place
from customer_portal.slack.markers import meaning
from customer_portal.slack.messages import Written
from customer_portal.slack.outbox import (
	EMPTIED,
	IGNORED,
	INSIDE,
	NOTE,
	REFUSED,
	REMOVED,
	REPLY,
	ledger,
)
from customer_portal.slack.refusals import Refusal


def take(known: frappe._dict, written: Written, place: Place) -> Refusal | None:
	if known.kind in outbox.OURS or not is_newer(written, known):
		return None
	kind, text, is_marked = meaning(written.text, place)
	refused = _why_not(known, written, place, kind, is_marked)
	if refused:
		ledger.note_edit(known, written.edited)  # told once, however often Slack tells the change
		return refused
	if not ledger.is_document(known):
		return None
	content = replies.content(text)  # asks Slack, so before anything is locked
	known = ledger.lock(written.channel, written.ts)
	if ledger.is_document(known) and is_newer(written, known):
		with session.as_author(known.slack_user):
			replies.change(known, content)
		ledger.note_edit(known, written.edited)
	return written.refuse("a note", _stays_a_note()) if (known.kind, kind) == (NOTE, REPLY) else None


def _why_not(
	known: frappe._dict, written: Written, place: Place, kind: str, is_marked: bool
) -> Refusal | None:
	if known.kind == IGNORED:
		return _why_ignored(known, written, place, is_marked)
	if not replies.is_there(known):
		is_said = known.state != REMOVED or known.reason == EMPTIED
		return written.refuse("not there", _not_there()) if is_said and written.text else None
	if known.kind == REPLY and kind != REPLY:
		return written.refuse("told already", _told_already())
	hindered = rights.of_author(known, place)
	return written.refuse(*hindered) if hindered else None


def _why_ignored(known: frappe._dict, written: Written, place: Place, is_marked: bool) -> Refusal | None:
	"""Talk stays talk without a word; not so what was meant for Helpdesk."""
	if known.state == REMOVED or not known.ticket:
		return None
	if place.mode == ALERTS and known.reason == REFUSED:
		return written.refuse("alerts only", rights.no_answers())
	if place.mode != ALERTS and known.reason == INSIDE and is_marked:
		return written.refuse("alerts only", no_answers_any_more())
	return None


def is_newer(written: Written, known: frappe._dict) -> bool:
	return bool(written.edited) and float(written.edited) > float(known.edited_ts or 0)


def _told_already() -> str:
	return _(
		"The customer has this reply already, so it stays as it was. Delete your message to take it back."
	)


def _stays_a_note() -> str:
	return _(
		"This stays a private note, which the customer does not get. Write a new message to answer the customer."
	)


def _not_there() -> str:
	return _(
		"Your message is not in Helpdesk any more, so your change does nothing there. Write a new one instead."
	)


def no_answers_any_more() -> str:
	return _(
		"This did not become an answer: the channel did not take it at that time. Write a new message instead."
	)
