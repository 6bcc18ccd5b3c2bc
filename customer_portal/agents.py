"""Who is at work: an agent, a customer, or the system itself."""

import frappe

from customer_portal.exceptions import AgentsOnly, refuse

AGENT_ROLES = {"Agent", "Agent Manager", "System Manager"}


def is_agent(user: str | None = None) -> bool:
	"""Helpdesk's agents, and those who administer the site."""
	user = user or frappe.session.user
	if user == "Administrator":
		return True
	if user == "Guest":
		return False
	return bool(AGENT_ROLES.intersection(frappe.get_roles(user))) or _has_agent_record(user)


def _has_agent_record(user: str) -> bool:
	return bool(frappe.db.exists("HD Agent", {"name": user, "is_active": 1}))


def source_of_change(ticket) -> str:
	"""The ledger's ``source`` for the change of an HD Ticket that is being saved.

	Mail from customers is fetched by a job of the Administrator; it moves ``last_customer_response``.
	"""
	if came_from_customer(ticket) or not is_agent():
		return "Customer"
	is_job = frappe.session.user == "Administrator" and not getattr(frappe.local, "request", None)
	return "System" if is_job else "Agent"


def came_from_customer(ticket) -> bool:
	"""Whether this save is Helpdesk's answer to a customer's message."""
	return bool(ticket.get("last_customer_response")) and ticket.has_value_changed("last_customer_response")


def require_agent() -> None:
	"""Raises ``AgentsOnly`` for everybody else."""
	if not is_agent():
		refuse(AgentsOnly())
