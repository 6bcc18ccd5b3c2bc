"""Who is at work: an agent, a customer, or the system itself."""

import frappe

from customer_portal import on_behalf
from customer_portal.exceptions import AgentsOnly, refuse

AGENT_ROLES = {"Agent", "Agent Manager", "System Manager"}
MANAGER_ROLES = {"Agent Manager", "System Manager"}


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


def has_desk(user: str | None = None) -> bool:
	"""Agents, and whoever else works in Frappe's Desk; customers are website users."""
	user = user or frappe.session.user
	return is_agent(user) or frappe.get_cached_value("User", user, "user_type") == "System User"


def source_of_change(ticket) -> str:
	"""The ledger's ``source`` for the change of an HD Ticket that is being saved.

	Mail from customers is fetched by a job of the Administrator; it moves ``last_customer_response``.
	"""
	if on_behalf.person() or came_from_customer(ticket) or not is_agent():
		return "Customer"
	is_job = frappe.session.user == "Administrator" and not getattr(frappe.local, "request", None)
	return "System" if is_job else "Agent"


def actor() -> str:
	"""The user to name as who did it: Guest for a customer without an account, whoever else is at work."""
	return "Guest" if on_behalf.person() else frappe.session.user


def came_from_customer(ticket) -> bool:
	"""Whether this save is Helpdesk's answer to a customer's message."""
	return bool(ticket.get("last_customer_response")) and ticket.has_value_changed("last_customer_response")


def is_manager(user: str | None = None) -> bool:
	"""Who looks after the helpdesk or the site."""
	user = user or frappe.session.user
	return user == "Administrator" or bool(MANAGER_ROLES.intersection(frappe.get_roles(user)))


def require_agent() -> None:
	"""Raises ``AgentsOnly`` for everybody else."""
	if not is_agent():
		refuse(AgentsOnly())


def require_desk() -> None:
	"""Raises ``AgentsOnly`` for customers and guests."""
	if not has_desk():
		refuse(AgentsOnly())
