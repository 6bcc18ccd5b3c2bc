"""For agents: what sub-statuses a ticket may get."""

import frappe

from customer_portal import agents, choices
from customer_portal.constants import TicketName


@frappe.whitelist()
def options() -> list:
	"""For the field in Helpdesk's ticket page, which asks without saying for which ticket: the Referer says it."""
	agents.require_agent()
	return choices.of_page(frappe.get_request_header("Referer"))


@frappe.whitelist()
def of_ticket(ticket: TicketName = "") -> dict:
	"""For the button in Helpdesk's ticket page."""
	agents.require_agent()
	return choices.of_ticket(str(ticket))


@frappe.whitelist()
def search(
	doctype: str = "",
	txt: str = "",
	searchfield: str = "",
	start: int = 0,
	page_len: int = 20,
	filters: dict | None = None,
) -> list:
	"""For the link field in the Desk's form; ``filters`` may name the ticket's ``ticket_template``."""
	agents.require_agent()
	return choices.search((filters or {}).get("ticket_template"), txt, start, page_len)


@frappe.whitelist()
def get_link_title(doctype: str = "", docname: str | int = "") -> str | int | None:
	"""In the place of Frappe's own, which tells the label for agents to any signed-in customer."""
	from frappe.desk.search import get_link_title

	if doctype == "Portal Sub-Status":
		agents.require_agent()
	return get_link_title(doctype, docname)
