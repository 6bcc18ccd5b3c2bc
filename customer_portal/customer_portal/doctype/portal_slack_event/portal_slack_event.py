from datetime import timedelta

import frappe
from frappe.model.document import Document

from customer_portal import rows
from customer_portal.clock import utc_now

KEEP_DAYS = 1  # Slack sends an event again for some minutes, and accepts no older signature


class PortalSlackEvent(Document):
	"""What Slack has told, each event once, and what its author has to be told. ``slack.inbox`` alone writes it."""

	@staticmethod
	def clear_old_logs(days: int = 30) -> None:
		"""Frappe's log clearing. What still has to be done stays."""
		old = {
			"state": ("in", ("Done", "Failed")),
			"received_at": ("<", utc_now() - timedelta(days=max(days, KEEP_DAYS))),
		}
		rows.delete("Portal Slack Event", frappe.get_all("Portal Slack Event", filters=old, pluck="name"))


def on_doctype_update() -> None:
	frappe.db.add_index("Portal Slack Event", ["received_at"])
	frappe.db.add_index("Portal Slack Event", ["state", "received_at"], "slack_received")
	frappe.db.add_index("Portal Slack Event", ["subject", "state", "received_at"], "slack_thread")
