from frappe.model.document import Document


class PortalTicketView(Document):
	"""When a member last saw a ticket. ``presence`` alone writes it, past the document layer."""
