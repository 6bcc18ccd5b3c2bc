"""In the place of functions of Frappe's that check no permission on the documents a request names."""

import frappe

from customer_portal import agents

MOST_COUNTED = 10_000  # documents; a customer may read fewer


@frappe.whitelist()
def get_count(
	doctype: str = "",
	filters: dict | list | str | int | float | None = None,
	debug: bool | int = False,
	cache: bool | int = False,
) -> int:
	"""How many documents there are; who does not work in the Desk is told how many they may read themselves.

	Filters with LIKE would otherwise read out any text of any document, letter by letter.
	"""
	from frappe import client

	if agents.has_desk():
		return client.get_count(doctype, filters, debug, cache)
	wanted = frappe.utils.get_safe_filters(filters)
	if isinstance(wanted, str | int | float):
		wanted = {"name": wanted}
	return len(client.get_list(doctype, ["name"], wanted, limit_page_length=MOST_COUNTED))


@frappe.whitelist()
def get_group_by_count(doctype: str = "", current_filters: dict | list | str = "[]", field: str = "") -> list:
	"""For the Desk's lists alone: it counts any documents by their assignee, and tells titles of links' targets."""
	from frappe.desk import listview

	agents.require_desk()
	filters = current_filters if isinstance(current_filters, str) else frappe.as_json(current_filters)
	return listview.get_group_by_count(doctype, filters, field)


@frappe.whitelist()
def get_next(
	doctype: str = "",
	value: str | int = "",
	prev: int = 0,
	filters: dict | list | str | None = None,
	sort_order: str = "desc",
	sort_field: str = "creation",
) -> str | int | None:
	"""For the Desk's forms alone: it compares what one may read with any field of a document one may not."""
	from frappe.desk.form import utils

	agents.require_desk()
	return utils.get_next(doctype, value, prev, filters, sort_order, sort_field)
