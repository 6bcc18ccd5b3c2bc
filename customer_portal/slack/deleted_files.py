"""Files that are deleted in Slack by themselves: the answer that brought one stays, without it.

Slack says neither who has deleted a file nor where, and says nothing of files that a workspace's retention removes:
those stay with the customer (https://docs.slack.dev/reference/events/file_deleted).
"""

import frappe
from frappe import _

from customer_portal.slack import channels, inbox, objections, outbox, replies, rights, session
from customer_portal.slack.messages import Deleted
from customer_portal.slack.outbox import ledger
from customer_portal.slack.refusals import NotYet, Refusal


def take(payload: dict) -> list[Refusal]:
	"""Raises ``NotYet`` while a message that may bring the file is being worked on. The caller commits."""
	file = str(payload["event"]["file_id"])
	is_to_come = inbox.mentions(file)
	refusals = list(filter(None, map(_take_off, ledger.files(file))))
	if is_to_come:
		frappe.db.commit()
		raise NotYet(_("Waiting for the message that brings the file."))
	return refusals


def _take_off(file: frappe._dict) -> Refusal | None:
	place = channels.place(file.channel)
	known = outbox.by_ts(file.channel, file.thread_ts)
	if place is None or not replies.is_there(known):
		return None
	hindered = rights.of_author(frappe._dict(known, slack_user=file.slack_user), place)
	frappe.db.commit()  # what is read from here on is as new as the lock
	said = "" if hindered else objections.of(lambda: _remove(known, file), str(known.ticket))
	hindered = hindered or (said and ("refused by Helpdesk", said))
	if not hindered:
		return None
	reason, sentence = hindered
	text = _("Your file is deleted in Slack, but stays in Helpdesk: {0}").format(sentence)
	return Refusal(reason, known.channel, known.thread_ts, file.slack_user, text)


def _remove(message: frappe._dict, file: frappe._dict) -> None:
	"""An answer that was nothing but the file goes with it."""
	known = ledger.lock(message.channel, message.ts)
	if not ledger.is_document(known) or not ledger.remove_file(file.name):
		return
	with session.as_author(file.slack_user):
		replies.take_off(known, file)
		if replies.is_empty(known):
			ledger.remove(Deleted(known.channel, known.ts, known.thread_ts), outbox.EMPTIED)
			replies.delete(known)
	if known.slack_user != file.slack_user:
		_tell_its_sender(known)


def _tell_its_sender(known: frappe._dict) -> None:
	"""Who has shared a file of somebody else."""
	text = _(
		"A file that you have shared was deleted in Slack. It is gone from your message in Helpdesk too."
	)
	inbox.answer(Refusal("somebody else's file", known.channel, known.thread_ts, known.slack_user, text))
