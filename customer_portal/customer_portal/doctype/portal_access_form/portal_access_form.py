from frappe.model.document import Document


class PortalAccessForm(Document):
	"""A form that a customer is offered."""
