"""For the Desk: by what customers can be told."""

import frappe

from customer_portal.channels import base


@frappe.whitelist()
def names() -> list:
	"""Every installed channel with its label, the first choice first. For who may read the templates."""
	frappe.has_permission("Portal Ticket Template", "read", throw=True)
	return [
		{"name": channel.name, "label": channel.label(), "is_on": channel.is_on()}
		for channel in base.ranked()
	]
