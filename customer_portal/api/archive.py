"""For agents: archive tickets, or take them out of the archive."""

import frappe
from frappe import _

from customer_portal import agents
from customer_portal import archive as room
from customer_portal.constants import TicketName


@frappe.whitelist(methods=["POST"])
def archive(tickets: list[TicketName] | None = None) -> int:
	"""Returns how many were not archived before."""
	return room.archive(_writable(tickets))


@frappe.whitelist(methods=["POST"])
def unarchive(tickets: list[TicketName] | None = None) -> int:
	"""Returns how many were archived before."""
	return room.unarchive(_writable(tickets))


def _writable(tickets: list[TicketName] | None = None) -> list[str]:
	agents.require_agent()
	if not tickets:
		frappe.throw(_("Choose at least one ticket."), frappe.MandatoryError)
	names = [str(ticket) for ticket in tickets]
	for name in names:
		frappe.has_permission("HD Ticket", "write", name, throw=True)
	return names
