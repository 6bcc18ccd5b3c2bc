from frappe.model.document import Document


class PortalWhatsAppTemplate(Document):
	"""A message template at Twilio for one language, and one sub-status or all."""
