"""Archived tickets: out of agents' lists, closed to replies, still shown to customers."""

from datetime import timedelta

import frappe
from frappe.utils import cint

from customer_portal import agents, settings, statuses
from customer_portal.clock import utc_now
from customer_portal.constants import ARCHIVE_BATCH, CLOSED, RESOLVED, TICKET_KEY
from customer_portal.exceptions import TicketIsArchived, refuse


def archive(tickets: list[str]) -> int:
	"""Returns how many of them were not archived before."""
	return _set(tickets, 1)


def unarchive(tickets: list[str]) -> int:
	"""Returns how many of them were archived before."""
	return _set(tickets, 0)


def _set(tickets: list[str], archived: int) -> int:
	"""Past the documents: archiving is no change that Helpdesk's rules, its SLA or ``modified`` should see."""
	others = frappe.get_all(
		"HD Ticket", filters={"name": ("in", tickets), "portal_archived": 1 - archived}, pluck="name"
	)
	if others:
		values = {"portal_archived": archived, "portal_archived_on": utc_now() if archived else None}
		frappe.db.set_value("HD Ticket", {"name": ("in", others)}, values, update_modified=False)
	return len(others)


def is_archived(ticket: str) -> bool:
	return bool(cint(frappe.db.get_value("HD Ticket", ticket, "portal_archived")))


def keep_state(doc) -> None:
	"""A customer's mail to an archived ticket is kept, as mail must not be lost, but reopens nothing.

	Raises ``TicketIsArchived`` for every other change of the status by who is no agent.
	"""
	before = doc.get_doc_before_save()
	if not before or not cint(before.get("portal_archived")):
		return
	if agents.came_from_customer(doc):
		doc.status = before.status
		doc.status_category = before.status_category
	elif doc.status != before.status and not agents.is_agent():
		refuse(TicketIsArchived())


def let_out(doc) -> None:
	"""After the change: an archived ticket that an agent sets to work again is back among the others."""
	before = doc.get_doc_before_save()
	if not before or not cint(before.get("portal_archived")) or not cint(doc.get("portal_archived")):
		return
	is_moved = (doc.status, doc.get("sub_status")) != (before.status, before.get("sub_status"))
	row = statuses.template_of(doc).sub_status(doc.get("sub_status"))
	if is_moved and row and row.main_status < RESOLVED:
		unarchive([str(doc.name)])
		doc.update({"portal_archived": 0, "portal_archived_on": None})


def refuse_reply(communication) -> None:
	"""An archived ticket takes no reply that somebody writes in Helpdesk, in the Desk or in the portal.

	A mail that has arrived is no such reply: there is nobody left who could be told, so it is stored.
	Raises ``TicketIsArchived``.
	"""
	if communication.get("reference_doctype") != "HD Ticket" or _arrived_by_mail(communication):
		return
	if communication.get("communication_type") == "Communication" and is_archived(
		communication.reference_name
	):
		refuse(TicketIsArchived())


def _arrived_by_mail(communication) -> bool:
	is_mail = communication.get("message_id") or communication.get("email_account")
	return communication.get("sent_or_received") == "Received" and bool(is_mail)


def archive_closed() -> None:
	"""Archives tickets whose last change was to be closed, ``archive_after_days`` ago (0: never)."""
	days = settings.number("archive_after_days")
	if not days:
		return
	last = ""
	while batch := _closed_before(utc_now() - timedelta(days=days), last):
		archive([str(row.name) for row in batch if _is_closed(row)])
		last = str(batch[-1].name)
		frappe.db.commit()  # each batch stays done, and its rows are free again


def _closed_before(cutoff, after: str) -> list:
	query = f"""select ticket.name, ticket.template, ticket.sub_status from `tabHD Ticket` ticket
		where ticket.portal_archived = 0 and ticket.name > %(after)s and ticket.sub_status in %(closed)s
		and not exists (select 1 from `tabPortal Status Event` event
			where event.ticket = {TICKET_KEY} and event.occurred_at > %(cutoff)s)
		order by ticket.name limit %(limit)s"""
	values = {"after": after, "closed": _closed_sub_statuses(), "cutoff": cutoff, "limit": ARCHIVE_BATCH}
	return frappe.db.sql(query, values, as_dict=True)


def _closed_sub_statuses() -> list[str]:
	"""Of all templates; which of them a ticket's own template means, ``_is_closed`` decides."""
	filters = {"parenttype": "Portal Ticket Template", "main_status": str(CLOSED)}
	return frappe.get_all("Portal Template Sub-Status", filters=filters, pluck="sub_status")


def _is_closed(ticket) -> bool:
	row = statuses.template_of(ticket).sub_status(ticket.sub_status)
	return row is not None and row.main_status == CLOSED
