"""In which language a customer is written to."""

import frappe

FALLBACK = "en"


def of_ticket(ticket: str) -> str:
	"""A Language name: the ticket's own, else that of the contact's user, else the site's."""
	known = (
		frappe.db.get_value("HD Ticket", ticket, ["portal_language", "contact"], as_dict=True)
		or frappe._dict()
	)
	return chosen(known.portal_language or _of_contact(known.contact))


def chosen(own: str | None) -> str:
	"""The ticket's or its contact's, else the site's."""
	return own or frappe.get_system_settings("language") or FALLBACK


def _of_contact(contact: str | None) -> str | None:
	user = frappe.db.get_value("Contact", contact, "user") if contact else None
	return frappe.db.get_value("User", user, "language") if user else None


def of_address(address: str) -> str:
	"""That of the user with this e-mail address, else the site's."""
	return chosen(frappe.db.get_value("User", {"email": address, "enabled": 1}, "language"))
