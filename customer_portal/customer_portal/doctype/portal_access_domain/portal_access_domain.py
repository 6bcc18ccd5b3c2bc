from frappe.model.document import Document


class PortalAccessDomain(Document):
	"""A mail domain whose people belong to a customer, in its ASCII form (RFC 5890, A-label)."""
