from frappe.model.document import Document


class PortalThrottle(Document):
	pass
