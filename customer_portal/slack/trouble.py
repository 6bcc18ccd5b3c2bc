"""Tells the admins, once a day for each kind, what keeps messages from Slack: a Notification Log of Frappe's."""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import now_datetime

from customer_portal.integrations.slack.errors import CHANNEL, Shut
from customer_portal.settings import DOCTYPE as SETTINGS
from customer_portal.slack import channels

LOG = "Notification Log"
SILENCE = timedelta(hours=24)
ROLE = "System Manager"


def tell(failure: Shut, channel: str) -> None:
	"""What an admin has to mend before anything goes out. Commits."""
	if failure.scope != CHANNEL:
		return _tell(_("Slack: nothing goes out. {0}").format(failure.reason))
	place = channels.place(channel)
	whose = place.customer if place and place.customer else _("triage")
	return _tell(_("Slack, channel {0} ({1}): {2}").format(channel, whose, failure.reason))


def tell_failed(reason: str) -> None:
	"""Something will never be in Slack. Commits."""
	_tell(_("Slack: a message could not be delivered. {0}").format(reason))


def tell_late() -> None:
	"""Slack has been away for long, or takes less than there is to say. Commits."""
	_tell(_("Slack: messages wait for more than 10 minutes. The set-up check shows what is wrong."))


def tell_deaf() -> None:
	"""Posts go out, and nothing comes back. Commits."""
	_tell(
		_(
			"Slack: nothing comes from there any more, so answers do not get here. The set-up check shows more."
		)
	)


def tell_revoked() -> None:
	"""Slack says that the app was removed. Commits."""
	_tell(
		_("Slack: the app was removed from the workspace, or its token revoked. Nothing goes out any more.")
	)


def tell_lost(reason: str) -> None:
	"""Something that was written in Slack could not be worked on. Commits."""
	_tell(_("Slack: a message from there could not be taken in. {0}").format(reason))


def _tell(subject: str) -> None:
	since = now_datetime() - SILENCE
	told = {"document_type": SETTINGS, "subject": subject, "creation": (">", since)}
	if not frappe.db.exists(LOG, told):
		for user in _admins():
			_log(user, subject)
	frappe.db.commit()


def _log(user: str, subject: str) -> None:
	log = frappe.new_doc(LOG)
	log.update({"for_user": user, "type": "Alert", "subject": subject})
	log.update({"document_type": SETTINGS, "document_name": SETTINGS})
	log.insert(ignore_permissions=True)


def _admins() -> list[str]:
	having = frappe.get_all("Has Role", {"role": ROLE, "parenttype": "User"}, pluck="parent", distinct=True)
	return frappe.get_all(
		"User", {"name": ("in", having), "enabled": 1, "user_type": "System User"}, pluck="name"
	)
