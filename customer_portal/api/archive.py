"""For agents: archive tickets, or take them out of the archive."""

import json

import frappe
from frappe import _

from customer_portal import agents
from customer_portal import archive as room
from customer_portal.constants import TicketName


@frappe.whitelist(methods=["POST"])
def archive(tickets: list[TicketName] | str | None = None) -> int:
	"""Returns how many were not archived before. The Desk sends lists as JSON."""
	return room.archive(_writable(tickets))


@frappe.whitelist(methods=["POST"])
def unarchive(tickets: list[TicketName] | str | None = None) -> int:
	"""Returns how many were archived before."""
	return room.unarchive(_writable(tickets))


def _writable(given: list[TicketName] | str | None) -> list[str]:
	agents.require_agent()
	tickets = _read(given) if isinstance(given, str) else given
	if not tickets:
		frappe.throw(_("Choose at least one ticket."), frappe.MandatoryError)
	names = [str(ticket) for ticket in tickets]
	for name in names:
		frappe.has_permission("HD Ticket", "write", name, throw=True)
	return names


def _read(given: str) -> list[TicketName]:
	"""Nothing for what is no list of names."""
	try:
		read = json.loads(given)
	except ValueError:
		return []
	is_list = isinstance(read, list) and all(isinstance(one, str | int) for one in read)
	return read if is_list else []
