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


def users_of(customer: str) -> list[str]:
	"""Names of the users whose contacts are the customer's. Two SELECTs."""
	if frappe.get_meta(CUSTOMER).has_field(ROWS):
		rows = {"parent": customer, "parenttype": CUSTOMER}
		contacts = frappe.get_all(_row_doctype(), filters=rows, pluck="contact_name")
	else:
		link = {"link_doctype": CUSTOMER, "link_name": customer, "parenttype": "Contact"}
		contacts = frappe.get_all("Dynamic Link", filters=link, pluck="parent")
	with_user = {"name": ("in", contacts), "user": ("is", "set")}
	return frappe.get_all("Contact", filters=with_user, pluck="user") if contacts else []


def _row_doctype() -> str:
	return frappe.get_meta(CUSTOMER).get_field(ROWS).options


def _add_row(contact: str, customer: str) -> None:
	if frappe.db.exists(
		_row_doctype(), {"parent": customer, "parenttype": CUSTOMER, "contact_name": contact}
	):
		return
	document = _locked(CUSTOMER, customer)
	if all(row.contact_name != contact for row in document.get(ROWS)):
		document.append(ROWS, {"contact_name": contact})
		document.save(ignore_permissions=True)


def _add_link(contact: str, customer: str) -> None:
	document = _locked("Contact", contact)
	if all((row.link_doctype, row.link_name) != (CUSTOMER, customer) for row in document.links):
		document.append("links", {"link_doctype": CUSTOMER, "link_name": customer})
		document.save(ignore_permissions=True)


def _locked(doctype: str, name: str):
	"""As it is now: colleagues who come in at once take turns, and none finds it changed under their hands.

	It may have contacts that this transaction does not see yet; their links were checked when they were made.
	"""
	document = frappe.get_doc(doctype, name, for_update=True)
	document.flags.ignore_links = True
	return document
