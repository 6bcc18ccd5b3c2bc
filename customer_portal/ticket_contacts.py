"""Whose Contact a new ticket gets: Helpdesk takes the first with the address, whoever has made it.

Any website user may make one with anybody's address. The ticket would get its names, and miss the customer, which
Helpdesk takes from the Contact.
"""

from email.utils import parseaddr

import frappe

from customer_portal import mail_addresses

_MAKER = """SELECT maker.email FROM `tabContact` contact JOIN `tabUser` maker ON maker.name = contact.owner
	WHERE contact.name = %(contact)s AND maker.user_type = 'Website User' AND maker.name != 'Guest'"""
_STAFFS = """SELECT contact.name, contact.email_id FROM `tabContact` contact
	JOIN `tabUser` maker ON maker.name = contact.owner AND maker.user_type = 'System User'
	WHERE contact.email_id IN %(spellings)s ORDER BY contact.creation, contact.name"""


def correct(ticket) -> None:
	"""After Helpdesk has chosen: a Contact that another customer has made gives way to staff's, else to none."""
	address = mail_addresses.normal_email(parseaddr(ticket.raised_by or "")[1])
	if not ticket.contact or not _is_strangers(ticket.contact, address):
		return
	ticket.contact = _of_staff(address) if address else None
	if not ticket.customer:
		ticket.set_customer()


def _is_strangers(contact: str, address: str | None) -> bool:
	makers = frappe.db.sql(_MAKER, {"contact": contact}, as_dict=True)
	return any(mail_addresses.normal_email(maker.email) != address for maker in makers)


def _of_staff(address: str) -> str | None:
	spellings = {"spellings": tuple(mail_addresses.spellings(address))}
	for contact in frappe.db.sql(_STAFFS, spellings, as_dict=True):
		if mail_addresses.normal_email(contact.email_id) == address:
			return contact.name
	return None
