"""What this app adds to each save of an HD Ticket, and to the lists of them."""

import frappe
from frappe import _
from frappe.model.delete_doc import clear_references
from frappe.utils import cint

from customer_portal import agents, archive, followers, links, presence, ticket_contacts, timeline
from customer_portal.exceptions import AddressIsNotYours, FieldIsForAgents, TemplateMissing, refuse
from customer_portal.extends.guard import tell_slack
from customer_portal.notifications import outbox
from customer_portal.otp import recipients
from customer_portal.slack import news

FOR_AGENTS = ("sub_status", "portal_private", "portal_archived", "portal_archived_on")
CHECKS = ("portal_archived", "portal_private", "is_merged")
ADDRESSES = {"portal_phone": recipients.SMS, "portal_email": recipients.EMAIL, "raised_by": recipients.EMAIL}
FOR_AGENTS_ONCE_CREATED = (
	"portal_phone",
	"portal_email",
	"portal_language",
	"customer",  # with it a ticket would leave the sight of the organisation's managers, as by the next two
	"is_merged",
	"merged_with",
)
LISTS = {"helpdesk.api.doc.get_list_data", "helpdesk.helpdesk.doctype.hd_ticket.api.get_navigation_tickets"}


def before_validate(doc, method: str | None = None) -> None:
	_refuse_strangers(doc)
	if doc.is_new():
		ticket_contacts.correct(doc)
	archive.keep_state(doc)
	timeline.begin(doc)
	try:
		timeline.reconcile(doc)
		timeline.stamp(doc)
	except TemplateMissing as error:  # the agent's work is worth more than our part of it
		frappe.log_error("Customer Portal", error.message)


def after_insert(doc, method: str | None = None) -> None:
	tell_slack("A ticket could not be queued for Slack", doc, lambda: news.ticket_added(doc))


def on_change(doc, method: str | None = None) -> None:
	if doc.flags.in_delete:
		return
	tell_slack("A ticket could not be queued for Slack", doc, lambda: news.ticket_changed(doc))
	try:
		timeline.settle(doc)
		timeline.record(doc)
		archive.let_out(doc)
	except TemplateMissing as error:
		frappe.log_error("Customer Portal", error.message)


def on_trash(doc, method: str | None = None) -> None:
	"""Frappe gives the last ticket's number to the next one, and takes messages from a deleted ticket in a job: until
	then the next one's customer would read them.
	"""
	clear_references("Communication", doc.doctype, doc.name)
	outbox.forget(str(doc.name))
	links.forget(str(doc.name))
	timeline.forget(str(doc.name))
	followers.forget(str(doc.name))
	presence.forget(str(doc.name))
	news.ticket_removed(doc)


def onload(doc, method: str | None = None) -> None:
	"""The Desk's form would send the label for agents of each link with the document, to whoever may read it."""
	if not agents.is_agent():
		doc.sub_status = None


def hide_archived(user: str | None = None, doctype: str | None = None) -> str:
	"""Archived tickets leave agents' lists, except those that filter on ``portal_archived`` themselves.

	Customers go on seeing theirs. Helpdesk's own pages beside its lists (search, a contact's tickets, deletion)
	see all.
	"""
	if not agents.is_agent(user) or _is_other_page_of_helpdesk() or _filters_on_archived():
		return ""
	return "`tabHD Ticket`.portal_archived = 0"


def _is_other_page_of_helpdesk() -> bool:
	command = str(frappe.form_dict.get("cmd") or "")
	return command.startswith("helpdesk.") and command not in LISTS


def _filters_on_archived() -> bool:
	asked = (frappe.form_dict.get(name) for name in ("filters", "or_filters"))
	return any("portal_archived" in str(filters) for filters in asked)


def _refuse_strangers(doc) -> None:
	"""Generic REST lets customers write any field of their tickets; these are not theirs."""
	before = doc.get_doc_before_save()
	guarded = FOR_AGENTS if before is None else FOR_AGENTS + FOR_AGENTS_ONCE_CREATED
	altered = [fieldname for fieldname in guarded if _value(doc, fieldname) != _value(before, fieldname)]
	if altered and not agents.is_agent():
		refuse(FieldIsForAgents(_(doc.meta.get_label(altered[0]))))
	_refuse_foreign_addresses(doc, before)


def _refuse_foreign_addresses(doc, before) -> None:
	"""We would pay for messages to whatever number a customer names, or to that of whom they name.

	A form for guests, which somebody else's code saves, names its sender in ``raised_by``.
	"""
	fieldnames = ("portal_phone", "portal_email") if frappe.session.user == "Guest" else tuple(ADDRESSES)
	given = {
		fieldname: doc.get(fieldname)
		for fieldname in fieldnames
		if doc.get(fieldname) and _value(doc, fieldname) != _value(before, fieldname)
	}
	if not given or agents.is_agent():
		return
	own = recipients.keys_of_user(frappe.session.user)
	for fieldname, value in given.items():
		channel = ADDRESSES[fieldname]
		if (channel, recipients.typed_key(channel, str(value))) not in own:
			refuse(AddressIsNotYours(_(doc.meta.get_label(fieldname))))


def _value(doc, fieldname: str) -> str | int:
	value = doc.get(fieldname) if doc else None
	return cint(value) if fieldname in CHECKS else str(value or "")
