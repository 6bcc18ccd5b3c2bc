from frappe.model.document import Document


class PortalAccessPerson(Document):
	"""One person of a customer, by e-mail address in its comparable form."""
