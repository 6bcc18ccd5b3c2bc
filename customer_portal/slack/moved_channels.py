"""Channels to which Slack gives another ID: a private one that is shared with another company for the first time.

Threads and members stay; the old ID means nothing from then on
(https://docs.slack.dev/reference/events/channel_id_changed).
"""

import frappe
from frappe import _

from customer_portal import settings
from customer_portal.slack import channels, inbox, outbox
from customer_portal.slack.refusals import NotYet

WAIT_SECONDS = 3
TRIAGE = "slack_triage_channel"


def take(payload: dict) -> None:
	"""Raises ``NotYet`` while something of the channel is on its way. The caller commits."""
	old, new = payload["event"]["old_channel_id"], payload["event"]["new_channel_id"]
	if not (outbox.move(old, new) and inbox.move(old, new)):
		raise NotYet(_("Waiting for Slack's answer about the ticket's post."), WAIT_SECONDS)
	if channels.place(new):
		outbox.look_again_in(new)
	else:
		_enter(old, new)
	outbox.retry_now()


def _enter(old: str, new: str) -> None:
	"""In the place of the old one, past the documents' rules: it is the same channel."""
	if settings.get().get(TRIAGE) == old:
		frappe.db.set_single_value(settings.DOCTYPE, TRIAGE, new)
	access = frappe.db.get_value(channels.ACCESS, {"slack_channel": old})
	if access:
		frappe.db.set_value(channels.ACCESS, access, "slack_channel", new)
