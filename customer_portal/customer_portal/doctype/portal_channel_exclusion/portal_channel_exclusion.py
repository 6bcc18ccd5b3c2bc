from frappe.model.document import Document


class PortalChannelExclusion(Document):
	"""A change that is not told by a channel."""
