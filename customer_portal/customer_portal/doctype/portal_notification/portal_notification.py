from datetime import timedelta

import frappe
from frappe.model.document import Document

from customer_portal import rows
from customer_portal.clock import utc_now

FINISHED = ("Sent", "Delivered", "Failed", "Superseded")


class PortalNotification(Document):
	"""The outbox and the ledger of deliveries. ``notifications.outbox`` alone writes it, past the document layer."""

	@staticmethod
	def clear_old_logs(days: int = 180) -> None:
		"""Frappe's log clearing: finished messages that were due longer ago. What still has to go out stays."""
		old = {"state": ("in", FINISHED), "due_at": ("<", utc_now() - timedelta(days=days))}
		rows.delete("Portal Notification", frappe.get_all("Portal Notification", filters=old, pluck="name"))


def on_doctype_update() -> None:
	"""What is due next, in its order, and which channels have told an occasion: both without a look at other rows."""
	frappe.db.add_index("Portal Notification", ["state", "due_at", "occurred_at"])
	frappe.db.add_index("Portal Notification", ["occasion"])
