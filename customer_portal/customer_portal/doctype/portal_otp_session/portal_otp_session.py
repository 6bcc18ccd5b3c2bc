from datetime import timedelta

import frappe
from frappe.model.document import Document

from customer_portal import rows
from customer_portal.clock import utc_now


class PortalOTPSession(Document):
	@staticmethod
	def clear_old_logs(days: int = 30) -> None:
		"""Frappe's log clearing: codes and sessions that ended longer ago. Live ones stay, however old they are."""
		query = """SELECT name FROM `tabPortal OTP Session`
			WHERE expires_at < %(before)s AND COALESCE(absolute_until, expires_at) < %(before)s"""
		before = utc_now() - timedelta(days=days)
		rows.delete("Portal OTP Session", frappe.db.sql(query, {"before": before}, pluck=True))
