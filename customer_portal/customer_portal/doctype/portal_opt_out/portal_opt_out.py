from frappe.model.document import Document


class PortalOptOut(Document):
	"""A number or address that wants no messages by a channel; its name is a keyed digest of both."""
