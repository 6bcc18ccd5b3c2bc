"""For the workspace's cards and charts: counts alone, for those who run the helpdesk."""

import frappe
from frappe import _
from frappe.utils import format_duration, formatdate

from customer_portal import figures

ROLES = ("System Manager", "Agent Manager")
NOTHING = "–"
Card = dict[str, object]  # as Frappe's number card wants it: value, fieldtype, route, route_options
Chart = dict[str, list]  # labels, and datasets of name and values


@frappe.whitelist()
def get_links_opened() -> Card:
	frappe.only_for(ROLES)
	return _card(figures.links_opened(), "Portal Access Link")


@frappe.whitelist()
def get_verifications() -> Card:
	frappe.only_for(ROLES)
	return _card(figures.verifications(), "Portal OTP Session", verified_at=["is", "set"])


@frappe.whitelist()
def get_delivered() -> Card:
	"""Mail servers and some gateways never report an arrival, so what they took counts too."""
	frappe.only_for(ROLES)
	states = ("Sent", "Delivered")
	return _card(figures.messages(*states), "Portal Notification", state=["in", states])


@frappe.whitelist()
def get_failed() -> Card:
	frappe.only_for(ROLES)
	return _card(figures.messages("Failed"), "Portal Notification", state="Failed")


@frappe.whitelist()
def get_locked() -> Card:
	frappe.only_for(ROLES)
	return _card(figures.locked(), "Portal Access Link", was_locked=1)


@frappe.whitelist()
def get_median_delivery() -> str:
	"""A text such as ``2m 5s``: the card would shorten a large number of seconds to thousands."""
	frappe.only_for(ROLES)
	seconds = figures.median_seconds()
	return NOTHING if seconds is None else format_duration(round(seconds)) or "0s"


@frappe.whitelist()
def get_deliveries() -> Chart:
	frappe.only_for(ROLES)
	by_channel = figures.deliveries()
	datasets = [
		{"name": _(state), "values": [states[state] for states in by_channel.values()]}
		for state in figures.STATES
	]
	return {"labels": list(by_channel), "datasets": datasets}


@frappe.whitelist()
def get_verifications_per_day() -> Chart:
	frappe.only_for(ROLES)
	days = figures.verifications_per_day()
	values = {"name": _("Verifications"), "values": list(days.values())}
	return {"labels": [formatdate(day, "d MMM") for day in days], "datasets": [values]}


def _card(value: int, doctype: str, **options: object) -> Card:
	"""The list behind the number opens for those who may read it."""
	card: Card = {"value": value, "fieldtype": "Int"}
	if frappe.has_permission(doctype):
		card |= {"route": ["List", doctype], "route_options": options}
	return card
