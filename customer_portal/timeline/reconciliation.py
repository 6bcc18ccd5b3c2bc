"""Keeps a ticket's sub-status and status in step, by values that are in memory already."""

import frappe

from customer_portal import history, statuses
from customer_portal.exceptions import SubStatusNotAllowed, refuse
from customer_portal.statuses import TicketTemplate

OURS_TO_SET = ("sub_status", "status", "status_category", "first_responded_on")


def reconcile(doc) -> None:
	"""Before the save: makes ``sub_status`` and ``status`` of an HD Ticket fit each other.

	A sub-status that was set moves the status only when that does not fit; otherwise the status moves the
	sub-status, and only when it does not fit the current main status.
	Raises ``SubStatusNotAllowed`` for a newly set sub-status that the ticket's template does not offer.
	"""
	template = statuses.template_of(doc)
	before = doc.get_doc_before_save()
	if doc.get("sub_status") and doc.sub_status != (before and before.get("sub_status")):
		_follow_sub_status(doc, template)
	else:
		_follow_status(doc, template, before)


def _follow_sub_status(doc, template: TicketTemplate) -> None:
	row = template.sub_status(doc.sub_status)
	if row is None or not row.enabled:
		refuse(SubStatusNotAllowed("" if doc.is_new() else str(doc.name)))
	main = template.main(row.main_status)
	if doc.status not in main.fits:
		_set_status(doc, main.sets_status)


def _set_status(doc, status: str) -> None:
	"""As if the agent had set it: Helpdesk's own part of ``before_validate`` ran before ours."""
	doc.status = status
	doc.status_category = frappe.get_cached_value("HD Ticket Status", status, "category")
	if hasattr(doc, "set_first_responded_on"):  # newer Helpdesk derives the first response from the status
		doc.set_first_responded_on()


def _follow_status(doc, template: TicketTemplate, before) -> None:
	row = template.sub_status(doc.get("sub_status"))
	start = row.main_status if row else _last_main_status(doc, template, before)
	position = template.nearest_main(doc.status, start)
	if position is None:
		position = start
	if row is None or position != row.main_status:
		doc.sub_status = template.default_of(position).name


def _last_main_status(doc, template: TicketTemplate, before) -> int:
	"""Where a ticket stands whose sub-status is empty, or unknown to the template that it has now."""
	if before is not None:
		row = statuses.template_of(before).sub_status(before.get("sub_status"))
		if row:
			return row.main_status
	return history.likely_main_status(doc)


def settle(doc) -> None:
	"""After ``db_set``, which runs no ``before_validate``: writes what ``reconcile`` would have set.

	After a usual save there is nothing left to write.
	"""
	stored = {fieldname: doc.get(fieldname) for fieldname in OURS_TO_SET}
	reconcile(doc)
	changed = {
		fieldname: doc.get(fieldname) for fieldname in stored if doc.get(fieldname) != stored[fieldname]
	}
	if changed:
		frappe.db.set_value("HD Ticket", doc.name, changed, update_modified=False)
