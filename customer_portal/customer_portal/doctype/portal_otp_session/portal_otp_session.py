from frappe.model.document import Document


class PortalOTPSession(Document):
	pass
