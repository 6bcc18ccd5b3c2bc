from frappe.model.document import Document


class PortalSubStatusLabel(Document):
	pass
