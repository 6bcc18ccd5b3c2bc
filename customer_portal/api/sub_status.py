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
	"""In the place of Frappe's own, which tells anybody who is signed in the title of any document.

	Who may not read it gets the name back, as of a doctype without titles.
	"""
	from frappe.desk.search import get_link_title

	if doctype == "Portal Sub-Status":
		agents.require_agent()
	return get_link_title(doctype, docname) if agents.is_agent() or _may_read(doctype, docname) else docname


def _may_read(doctype: str, docname: str | int) -> bool:
	"""Nobody may read what does not exist."""
	try:
		return bool(doctype) and frappe.has_permission(doctype, "read", str(docname))
	except (frappe.DoesNotExistError, ImportError):
		frappe.clear_messages()
		return False
