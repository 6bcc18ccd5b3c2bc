"""What members of organisations choose for themselves. Language and time zone are those of their Frappe user."""

import frappe


def set_language(user: str, language: str) -> None:
	frappe.db.set_value("User", user, "language", language)
	frappe.cache.hdel("lang", user)  # where Frappe's sessions keep it


def is_signed_in(session: str) -> bool:
	"""Whether Frappe still knows the session of this id."""
	return bool(frappe.db.sql("SELECT 1 FROM `tabSessions` WHERE sid = %s", (session,)))
