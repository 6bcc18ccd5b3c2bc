from frappe.model.document import Document


class PortalMainStatus(Document):
	pass
