"""Reads Customer Portal Settings. The cached document falls back to the database without Redis."""

import frappe

DOCTYPE = "Customer Portal Settings"


def get():
	"""The settings document: read its fields by name."""
	return frappe.get_cached_doc(DOCTYPE)


def number(fieldname: str) -> int:
	"""A whole number of the settings; its default when it was never saved. A limit of 0 allows nothing."""
	value = get().get(fieldname)
	if value is None:
		value = frappe.get_meta(DOCTYPE).get_field(fieldname).default
	return int(value or 0)
