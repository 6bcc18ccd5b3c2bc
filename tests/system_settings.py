"""Frappe's System Settings in tests, for this process at once."""

import frappe

DOCTYPE = "System Settings"


def change(**values: object) -> None:
	"""Commits."""
	frappe.db.set_single_value(DOCTYPE, values)
	frappe.db.commit()
	forget()


def forget() -> None:
	"""Frappe 16 keeps them in the process, where a thread forgets them some time after they were saved."""
	frappe.clear_document_cache(DOCTYPE, DOCTYPE)
	if hasattr(frappe, "client_cache"):
		frappe.client_cache.delete_value(frappe.get_document_cache_key(DOCTYPE, DOCTYPE))
	frappe.local.system_settings = None
