import frappe
from frappe.model.document import Document


class PortalThrottleEvent(Document):
	"""One counted act. ``throttle`` alone writes it, past the document layer."""


def on_doctype_update() -> None:
	"""Every limit reads the newest acts of one kind and subject."""
	frappe.db.add_index("Portal Throttle Event", ["subject", "kind", "occurred_at"])
