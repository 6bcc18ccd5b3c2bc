"""How Helpdesk joins contacts to customers: a row of HD Customer since 1.28, a link of the Contact before."""

import frappe

CUSTOMER = "HD Customer"
ROWS = "contacts"


def join(contact: str, customer: str) -> None:
	"""Make the contact one of the customer's; nothing when it is one already."""
	if frappe.get_meta(CUSTOMER).has_field(ROWS):
		_add_row(contact, customer)
	else:
		_add_link(contact, customer)


def _add_row(contact: str, customer: str) -> None:
	document = frappe.get_doc(CUSTOMER, customer)
	if all(row.contact_name != contact for row in document.get(ROWS)):
		document.append(ROWS, {"contact_name": contact})
		document.save(ignore_permissions=True)


def _add_link(contact: str, customer: str) -> None:
	document = frappe.get_doc("Contact", contact)
	if all((row.link_doctype, row.link_name) != (CUSTOMER, customer) for row in document.links):
		document.append("links", {"link_doctype": CUSTOMER, "link_name": customer})
		document.save(ignore_permissions=True)
