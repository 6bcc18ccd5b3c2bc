from frappe.model.document import Document


class PortalStatusFit(Document):
	pass
