"""Who of an organisation follows a ticket."""

import frappe

DOCTYPE = "Portal Ticket Follower"


def set_following(user: str, ticket: str, is_following: bool) -> None:
	"""Whether they may see the ticket is for the caller to ask."""
	known = frappe.db.get_value(DOCTYPE, {"user": user, "ticket": ticket})
	row = frappe.get_doc(DOCTYPE, known) if known else frappe.new_doc(DOCTYPE)
	row.update({"user": user, "ticket": ticket, "is_following": int(is_following)})
	row.save(ignore_permissions=True)


def forget(ticket: str) -> None:
	"""The ticket was deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})
