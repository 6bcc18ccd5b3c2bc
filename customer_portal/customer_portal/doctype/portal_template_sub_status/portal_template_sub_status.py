from frappe.model.document import Document


class PortalTemplateSubStatus(Document):
	pass
