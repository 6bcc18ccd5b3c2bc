"""Whose Contact a new ticket gets: Helpdesk takes the first with the address, whoever has made it.

Any website user may make one with anybody's address. The ticket would get its names, and miss the customer, which
Helpdesk takes from the Contact.
"""

from email.utils import parseaddr

import frappe

from customer_portal import mail_addresses

_MAKER = """SELECT maker.email FROM `tabContact` contact JOIN `tabUser` maker ON maker.name = contact.owner
	WHERE contact.name = %(contact)s AND maker.user_type = 'Website User' AND maker.name != 'Guest'"""


def correct(ticket) -> None:
	"""After Helpdesk has chosen: a Contact that another customer has made gives way to staff's, else to none."""
	address = mail_addresses.normal_email(parseaddr(ticket.raised_by or "")[1])
	if not ticket.contact or not _is_strangers(ticket.contact, address):
		return
	ticket.contact = _with_address(address) if address else None
	if not ticket.customer:
		ticket.set_customer()


def _is_strangers(contact: str, address: str | None) -> bool:
	makers = frappe.db.sql(_MAKER, {"contact": contact}, as_dict=True)
	return any(mail_addresses.normal_email(maker.email) != address for maker in makers)


def _with_address(address: str) -> str | None:
	found = of_staff({"email_id": ("in", tuple(mail_addresses.spellings(address)))}, address)
	return found and found.name


def of_staff(filters: dict, address: str | None = None) -> frappe._dict | None:
	"""The oldest Contact of these, with this address; not one that a website user has made, who may change it and say
	whose it is.
	"""
	fields = ["name", "first_name", "last_name", "owner", "email_id"]
	for contact in frappe.get_all("Contact", filters=filters, fields=fields, order_by="creation, name"):
		is_staffs = frappe.db.get_value("User", contact.owner, "user_type") == "System User"
		if is_staffs and (address is None or mail_addresses.normal_email(contact.email_id) == address):
			return contact
	return None
