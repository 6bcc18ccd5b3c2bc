from frappe.model.document import Document


class PortalTicketFollower(Document):
	"""Whether a person gets e-mail about a ticket."""
