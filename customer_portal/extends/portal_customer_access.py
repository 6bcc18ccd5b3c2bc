"""Who is taken off an organisation's list, in the Desk or by a manager, is signed out of Frappe too; and a Slack channel
that gets a customer keeps nothing of others.
"""

import frappe

from customer_portal import teams
from customer_portal.slack import news


def on_update(doc, method: str | None = None) -> None:
	before = doc.get_doc_before_save()
	if before:
		_sign_out_lost(before)
	if doc.slack_channel:
		_tell_slack(doc)


def _tell_slack(doc) -> None:
	if doc.has_value_changed("slack_channel"):
		news.channel_connected(doc.slack_channel)
	elif doc.has_value_changed("slack_mode"):
		news.mode_changed(doc.slack_channel)


def after_delete(doc, method: str | None = None) -> None:
	_sign_out_lost(doc)


def _sign_out_lost(before) -> None:
	"""When the change holds: to end a session commits, and a change that fails puts nobody out."""
	frappe.db.after_commit.add(lambda: teams.sign_out_lost(before))
