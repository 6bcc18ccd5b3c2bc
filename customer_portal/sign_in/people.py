"""Who comes in: a Website User for each address that an organisation admits, with Contact and customer joined."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.utils import validate_email_address

from customer_portal import access, agents, mail_addresses, memberships, on_behalf, ticket_contacts

WEBSITE_USER = "Website User"


def may_enter(address: str) -> bool:
	"""Whether somebody with this address, in its comparable form, may sign in.

	Staff and disabled users may not here, nor whose address a column takes for that of another user, nor of whose
	address Frappe makes no user, such as one with letters beside the Latin ones before the @.
	"""
	if not access.of_address(address) or not validate_email_address(address):
		return False
	users = _users(address)
	return all(_is_of(user, address) and user.enabled and not agents.is_agent(user.name) for user in users)


def user_of(address: str, language: str) -> str | None:
	"""The user who signs in by this address, made when there is none; None when nobody admits them any more.

	The caller holds the address' turn, so that two requests do not make two.
	"""
	if not may_enter(address):
		return None
	users = _users(address)
	with on_behalf.of(address):
		name = users[0].name if users else _make_user(address, language)
		contact = contact_of(name, address)
		for membership in access.of_address(address):
			memberships.join(contact, membership.customer)
	return name


def _users(address: str) -> list[frappe._dict]:
	"""By e-mail address or name, as columns compare: without case and accents."""
	spellings = tuple(mail_addresses.spellings(address))
	either = {"name": ("in", spellings), "email": ("in", spellings)}
	return frappe.get_all("User", or_filters=either, fields=["name", "email", "enabled"], order_by="creation")


def _is_of(person: frappe._dict, address: str) -> bool:
	return mail_addresses.normal_email(person.email) == address


def _make_user(address: str, language: str) -> str:
	"""With the names of staff's Contact: Frappe's own job writes the user's names into the Contact."""
	known = _free_contact(address) or frappe._dict()
	names = {"first_name": known.first_name or address.partition("@")[0], "last_name": known.last_name}
	user = frappe.new_doc("User")
	user.update({"email": address, "language": language, **names})
	user.update({"user_type": WEBSITE_USER, "send_welcome_email": 0, "enabled": 1})
	user.flags.no_welcome_mail = True
	with _as_many_as_come():
		user.insert(ignore_permissions=True)
	return user.name


@contextmanager
def _as_many_as_come() -> Iterator[None]:
	"""Frappe stops after 60 new users an hour (``throttle_user_creation``), except in an import. Who gets here has
	been let in by an admin, and has read a mail.
	"""
	before = frappe.flags.in_import
	frappe.flags.in_import = True
	try:
		yield
	finally:
		frappe.flags.in_import = before


def contact_of(user: str, address: str) -> str:
	"""The person's Contact: the one that is linked to the user, else staff's with this address, else a new one."""
	own = ticket_contacts.of_staff({"user": user})
	return own.name if own else _adopt(user, address) or _make_contact(user, address)


def _adopt(user: str, address: str) -> str | None:
	contact = _free_contact(address)
	if contact:
		frappe.db.set_value("Contact", contact.name, "user", user)
	return contact and contact.name


def _free_contact(address: str) -> frappe._dict | None:
	"""One with this address and no user."""
	spellings = tuple(mail_addresses.spellings(address))
	return ticket_contacts.of_staff({"email_id": ("in", spellings), "user": ("is", "not set")}, address)


def _make_contact(user: str, address: str) -> str:
	contact = frappe.new_doc("Contact")
	contact.update({"first_name": frappe.db.get_value("User", user, "first_name"), "user": user})
	contact.add_email(address, is_primary=True)
	contact.insert(ignore_permissions=True)
	return contact.name
