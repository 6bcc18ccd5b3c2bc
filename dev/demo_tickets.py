"""Makes the demo's ticket template and its tickets, through the same documents that an agent uses."""

from datetime import datetime, timedelta

import frappe
from frappe.desk.form.assign_to import add as assign
from frappe.utils import now_datetime

from customer_portal import archive
from customer_portal.clock import utc_now
from dev.demo_story import MAIN_STATUSES, STEPS, TEMPLATE, Step, Story


def make_template() -> None:
	"""A Helpdesk template and the portal's words for it."""
	frappe.new_doc("HD Ticket Template", template_name=TEMPLATE, about="Repairs at home").insert()
	existing = frappe.db.exists("Portal Ticket Template", {"ticket_template": TEMPLATE})
	template = frappe.get_doc("Portal Ticket Template", existing) if existing else None
	template = template or frappe.new_doc("Portal Ticket Template", ticket_template=TEMPLATE)
	for table in ("main_statuses", "fits", "sub_statuses", "labels"):
		template.set(table, [])
	_add_main_statuses(template)
	for step in STEPS:
		_add_step(template, step)
	template.save()


def _add_main_statuses(template: "frappe.model.document.Document") -> None:
	for number, (label, arabic, sets, fits) in enumerate(MAIN_STATUSES, 1):
		template.append("main_statuses", {"label": label, "sets_status": sets})
		for status in fits:
			template.append("fits", {"main_status": str(number), "ticket_status": status})
		template.append("labels", {"language": "ar", "main_status": str(number), "label": arabic})


def _add_step(template: "frappe.model.document.Document", step: Step) -> None:
	sub_status = _sub_status(step.label)
	template.append(
		"sub_statuses",
		{
			"sub_status": sub_status,
			"main_status": step.main_status,
			"customer_label": step.customer_label,
			"next_step": step.next_step,
			"ball": step.ball,
			"is_default": int(step.is_default),
			"notify": 1,
		},
	)
	words = {"label": step.arabic_label, "next_step": step.arabic_next_step}
	template.append("labels", {"language": "ar", "sub_status": sub_status, **words})


def _sub_status(label: str) -> str:
	existing = frappe.db.exists("Portal Sub-Status", {"label": label})
	return existing or frappe.new_doc("Portal Sub-Status", label=label, enabled=1).insert().name


def make_ticket(story: Story, agent: str) -> None:
	"""Files the ticket, lets the agent take it through its steps, and moves the steps into the past."""
	ticket = _file(story)
	assign({"assign_to": [agent], "doctype": "HD Ticket", "name": str(ticket.name)}, ignore_permissions=True)
	frappe.set_user(agent)
	for _hours, index in story.way[1:]:
		ticket.reload()
		ticket.sub_status = _sub_status(STEPS[index].label)
		ticket.save()
	frappe.set_user("Administrator")
	_move_into_past(ticket, story)
	if story.is_archived:
		archive.archive([str(ticket.name)])
	frappe.db.commit()  # each ticket's messages go out on their own


def _file(story: Story) -> "frappe.model.document.Document":
	ticket = frappe.new_doc("HD Ticket")
	ticket.update(
		{
			"subject": story.subject,
			"description": story.description,
			"raised_by": story.email,
			"contact": _contact(story),
			"template": TEMPLATE,
			"portal_language": story.language,
		}
	)
	return ticket.insert()


def _contact(story: Story) -> str:
	contact = frappe.new_doc("Contact", first_name=story.customer)
	contact.append("email_ids", {"email_id": story.email, "is_primary": 1})
	if story.phone:
		contact.append("phone_nos", {"phone": story.phone, "is_primary_mobile_no": 1})
	return contact.insert().name


def _move_into_past(ticket: "frappe.model.document.Document", story: Story) -> None:
	"""Nothing in the product rewrites the ledger; a demo needs yesterday."""
	events = frappe.get_all(
		"Portal Status Event", {"ticket": str(ticket.name)}, pluck="name", order_by="occurred_at, creation"
	)
	for event, (hours, _index) in zip(events, story.way, strict=False):
		told_then = {"occurred_at": _ago(utc_now(), hours), "awaits_messages": 0}
		frappe.db.set_value("Portal Status Event", event, told_then)
	filed = _ago(now_datetime(), story.way[0][0])
	values = {"creation": filed, "opening_date": filed.date(), "opening_time": filed.time()}
	frappe.db.set_value("HD Ticket", ticket.name, values, update_modified=False)
	_sign_first_message(ticket, story, filed)


def _sign_first_message(ticket: "frappe.model.document.Document", story: Story, filed: datetime) -> None:
	"""Administrator filed it here; in the conversation the customer did."""
	messages = {
		"reference_doctype": "HD Ticket",
		"reference_name": str(ticket.name),
		"sent_or_received": "Received",
	}
	sender = {"sender": story.email, "sender_full_name": story.customer}
	times = {"creation": filed, "communication_date": filed}
	frappe.db.set_value("Communication", messages, sender | times, update_modified=False)


def _ago(now: datetime, hours: int) -> datetime:
	return now - timedelta(hours=hours, minutes=hours * 7 % 60)
