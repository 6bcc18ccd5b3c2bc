"""Which sub-statuses an agent is offered for a ticket, in Helpdesk's own pages and in the Desk."""

import re

import frappe
from frappe import _

from customer_portal import statuses
from customer_portal.statuses import SubStatus, TicketTemplate

TICKET_PAGE = re.compile(r"[^?#]*/helpdesk/tickets/([^/?#]+)/?(?:[?#]|$)")


def of_ticket(ticket: str) -> dict:
	"""``groups`` of the template's main statuses, each ``{"label", "choices": [{"value", "label"}]}``; what the
	ticket has now is ``current``, and is among them even where it is no longer offered. ``texts`` are translated.

	Raises ``DoesNotExistError`` also for a ticket that this agent may not read.
	"""
	row = _readable(ticket)
	if not row:
		raise frappe.DoesNotExistError
	template = statuses.template_of(row)
	offered = _offered(template, row.sub_status)
	groups = [
		{
			"label": _(main.label),
			"choices": [_option(choice) for choice in offered if choice.main_status == main.position],
		}
		for main in template.main_statuses
	]
	return {
		"current": row.sub_status,
		"is_archived": bool(row.portal_archived),
		"groups": [group for group in groups if group["choices"]],
		"texts": _texts(),
	}


def _texts() -> dict[str, str]:
	return {
		"sub_status": _("Sub-status"),
		"portal": _("Customer portal"),
		"archive": _("Archive"),
		"unarchive": _("Take out of the archive"),
		"archived": _("The ticket is archived."),
		"unarchived": _("The ticket is out of the archive."),
	}


def of_page(address: str | None) -> list[dict[str, str]]:
	"""The same as flat options ``{"value", "label"}`` for the ticket page at this address (a Referer).

	Any other page, such as that of a new ticket, gets the Default template's.
	"""
	found = TICKET_PAGE.match(address or "")
	ticket = found and _readable(found[1])
	if not ticket:
		return [_option(choice) for choice in statuses.choices(statuses.template_named(None))]
	return [_option(choice) for choice in _offered(statuses.template_of(ticket), ticket.sub_status)]


def _readable(ticket: str):
	fields = ["name", "template", "sub_status", "portal_archived"]
	row = frappe.db.get_value("HD Ticket", ticket, fields, as_dict=True)
	return row if row and frappe.has_permission("HD Ticket", "read", row.name) else None


def search(ticket_template: str | None, text: str, start: int, length: int) -> list[tuple[str, str]]:
	"""For the Desk's link field: names and labels, those whose label has ``text``."""
	wanted = text.casefold()
	found = [
		(choice.name, choice.label)
		for choice in statuses.choices(statuses.template_named(ticket_template))
		if wanted in choice.label.casefold()
	]
	return found[start : start + length]


def _offered(template: TicketTemplate, current: str | None) -> list[SubStatus]:
	return [row for row in template.sub_statuses if row.enabled or row.name == current]


def _option(choice: SubStatus) -> dict[str, str]:
	return {"value": choice.name, "label": choice.label}
