"""The same web application with this app's document events taken out: what a save costs without the app."""

import frappe
import frappe.app

_all_hooks = frappe.get_doc_hooks


def _hooks_of_others() -> dict[str, dict[str, list[str]]]:
	return {
		doctype: {event: _of_others(paths) for event, paths in events.items()}
		for doctype, events in _all_hooks().items()
	}


def _of_others(paths: list[str]) -> list[str]:
	return [path for path in paths if not path.startswith("customer_portal.")]


frappe.get_doc_hooks = _hooks_of_others
application = frappe.app.application
