"""Agents' endpoints for a ticket's link. Customers never get here: they hold no agent's role."""

import frappe

from customer_portal import agents, link_desk, link_dialog, links
from customer_portal.constants import TicketName


@frappe.whitelist(methods=["GET"])
def get_link_status(ticket: TicketName) -> dict[str, object]:
	"""What agents see of a link: opened, locked, revoked, and who is verified. Times are naive UTC."""
	return link_desk.status(link_desk.check_agent(ticket))


@frappe.whitelist()
def get_link_entry(ticket: TicketName = "") -> dict[str, str]:
	"""Where the dialog opens from: a menu's ``group`` and ``label``."""
	agents.require_agent()
	return link_dialog.entry()


@frappe.whitelist()
def get_link_dialog(ticket: TicketName) -> dict[str, object]:
	"""The same in sentences, with the buttons that fit: ``link_dialog.describe``."""
	return link_dialog.describe(link_desk.check_agent(ticket))


@frappe.whitelist(methods=["POST"])
def copy_link(ticket: TicketName) -> str:
	"""The address, made if there is none. Refused with 409 when the link is revoked or the site has no address."""
	return links.url(link_desk.check_agent(ticket))


@frappe.whitelist(methods=["POST"])
def send_link(ticket: TicketName) -> int:
	"""Send the link to the customer again; how many messages were queued."""
	return link_desk.send(link_desk.check_agent(ticket))


@frappe.whitelist(methods=["POST"])
def rotate_link(ticket: TicketName) -> str:
	"""A new link; the old one and its sessions end. Returns the new address."""
	name = link_desk.check_agent(ticket)
	links.rotate(name)
	return links.url(name)


@frappe.whitelist(methods=["POST"])
def revoke_link(ticket: TicketName, reason: str = "") -> None:
	"""End the link and its sessions."""
	links.revoke(link_desk.check_agent(ticket), reason)


@frappe.whitelist(methods=["POST"])
def unlock_link(ticket: TicketName) -> None:
	"""Lift what wrong codes, entries that did not match, and too many codes have caused."""
	links.unlock(link_desk.check_agent(ticket))
