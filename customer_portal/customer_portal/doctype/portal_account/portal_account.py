from frappe.model.document import Document


class PortalAccount(Document):
	"""What a person of the organisation portal has chosen, and when they were last there."""
