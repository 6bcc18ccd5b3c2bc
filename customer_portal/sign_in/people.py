"""Who comes in: a Website User for each address that an organisation admits, with Contact and customer joined."""

import frappe

from customer_portal import access, agents, memberships, on_behalf

WEBSITE_USER = "Website User"


def may_enter(address: str) -> bool:
	"""Whether somebody with this address, in its comparable form, may sign in. Staff and disabled users may not here."""
	user = _user(address)
	is_barred = user is not None and (not user.enabled or agents.is_agent(user.name))
	return bool(access.of_address(address)) and not is_barred


def user_of(address: str, language: str) -> str | None:
	"""The user who signs in by this address, made when there is none; None when nobody admits them any more.

	The caller holds the address' turn, so that two requests do not make two.
	"""
	if not may_enter(address):
		return None
	user = _user(address)
	with on_behalf.of(address):
		name = user.name if user else _make_user(address, language)
		contact = _contact(name, address)
		for membership in access.of_address(address):
			memberships.join(contact, membership.customer)
	return name


def _user(address: str) -> frappe._dict | None:
	found = frappe.get_all("User", filters={"email": address}, fields=["name", "enabled"], limit=1)
	return found[0] if found else None


def _make_user(address: str, language: str) -> str:
	user = frappe.new_doc("User")
	user.update({"email": address, "first_name": address.partition("@")[0], "language": language})
	user.update({"user_type": WEBSITE_USER, "send_welcome_email": 0, "enabled": 1})
	user.flags.no_welcome_mail = True
	user.insert(ignore_permissions=True)
	return user.name


def _contact(user: str, address: str) -> str:
	"""The person's Contact: the one that is linked to the user, else staff's with this address, else a new one."""
	own = frappe.db.get_value("Contact", {"user": user})
	return own or _adopt(user, address) or _make_contact(user, address)


def _adopt(user: str, address: str) -> str | None:
	free = {"email_id": address, "user": ("in", ("", None))}
	for contact in frappe.get_all("Contact", filters=free, fields=["name", "owner"], order_by="creation"):
		if frappe.db.get_value("User", contact.owner, "user_type") == "System User":
			frappe.db.set_value("Contact", contact.name, "user", user)
			return contact.name
	return None


def _make_contact(user: str, address: str) -> str:
	contact = frappe.new_doc("Contact")
	contact.update({"first_name": frappe.db.get_value("User", user, "first_name"), "user": user})
	contact.add_email(address, is_primary=True)
	contact.insert(ignore_permissions=True)
	return contact.name
