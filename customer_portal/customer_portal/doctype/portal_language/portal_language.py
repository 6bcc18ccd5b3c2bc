from frappe.model.document import Document


class PortalLanguage(Document):
	pass
