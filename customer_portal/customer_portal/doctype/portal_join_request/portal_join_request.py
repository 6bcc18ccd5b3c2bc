from datetime import timedelta

import frappe
from frappe.model.document import Document

from customer_portal import rows
from customer_portal.clock import utc_now

DOCTYPE = "Portal Join Request"


class PortalJoinRequest(Document):
	"""Somebody of an organisation's domain who would like to sign in; ``join_requests`` alone writes it."""

	@staticmethod
	def clear_old_logs(days: int = 90) -> None:
		"""Frappe's log clearing. Who was refused may ask again then."""
		old = {"asked_at": ("<", utc_now() - timedelta(days=days))}
		rows.delete(DOCTYPE, frappe.get_all(DOCTYPE, filters=old, pluck="name"))
