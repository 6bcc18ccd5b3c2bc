from datetime import timedelta

import frappe
from frappe.model.document import Document

from customer_portal import rows
from customer_portal.clock import utc_now

KEEP_DAYS = 31  # one more than the longest window, 30 days of wrong codes


class PortalThrottleEvent(Document):
	"""One counted act. ``throttle`` alone writes it, past the document layer."""

	@staticmethod
	def clear_old_logs(days: int = KEEP_DAYS) -> None:
		"""Frappe's log clearing. Never what a limit still counts, however short the setting is."""
		old = {"occurred_at": ("<", utc_now() - timedelta(days=max(days, KEEP_DAYS)))}
		rows.delete(
			"Portal Throttle Event", frappe.get_all("Portal Throttle Event", filters=old, pluck="name")
		)


def on_doctype_update() -> None:
	"""Every limit reads the newest acts of one kind and subject."""
	frappe.db.add_index("Portal Throttle Event", ["subject", "kind", "occurred_at"])
