"""What members of organisations choose for themselves. Language and time zone are those of their Frappe user."""

import frappe


def set_language(user: str, language: str) -> None:
	frappe.db.set_value("User", user, "language", language)
	frappe.cache.hdel("lang", user)  # where Frappe's sessions keep it
