import frappe
from frappe.model.document import Document


class PortalNotification(Document):
	"""The outbox and the ledger of deliveries. ``notifications.outbox`` alone writes it, past the document layer."""


def on_doctype_update() -> None:
	frappe.db.add_index("Portal Notification", ["state", "due_at"])
