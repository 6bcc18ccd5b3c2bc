from frappe.model.document import Document


class PortalAccessLink(Document):
	pass
