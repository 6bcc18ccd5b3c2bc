"""What tests ask of a ticket's ledger, and a ticket template of their own."""

import frappe

from customer_portal import statuses
from tests.factories import unique

FIELDS = [
	"name",
	"from_sub_status",
	"to_sub_status",
	"from_main_status",
	"to_main_status",
	"occurred_at",
	"actor",
	"source",
	"first_key",
	"awaits_messages",
]


def events(ticket) -> list:
	"""The ticket's events, the first one first."""
	return frappe.get_all(
		"Portal Status Event", filters={"ticket": str(ticket.name)}, fields=FIELDS, order_by="occurred_at asc"
	)


def mains(ticket) -> list[int]:
	return [event.to_main_status for event in events(ticket)]


def main_of(ticket) -> int:
	return statuses.template_of(ticket).sub_status(ticket.sub_status).main_status


def named(customer_label: str, ticket_template: str | None = None) -> str:
	"""The sub-status with this customer label."""
	rows = statuses.template_named(ticket_template).sub_statuses
	return next(row.name for row in rows if row.customer_label == customer_label)


def default_of(position: int, ticket_template: str | None = None) -> str:
	return statuses.template_named(ticket_template).default_of(position).name


def make_sub_status(label: str | None = None) -> str:
	return (
		frappe.get_doc({"doctype": "Portal Sub-Status", "label": label or unique("Internal")}).insert().name
	)


def make_status(category: str) -> str:
	"""A new HD Ticket Status of this category. Do not commit it: an install maps all that it finds."""
	document = {
		"doctype": "HD Ticket Status",
		"label_agent": unique("Status"),
		"category": category,
		"color": "Blue",
	}
	return frappe.get_doc(document).insert().name


def make_template(fits: dict[int, list[str]], sets: dict[int, str]):
	"""An HD Ticket Template with a portal template of its own: one new sub-status for each main status."""
	ticket_template = frappe.get_doc(
		{"doctype": "HD Ticket Template", "template_name": unique("Template")}
	).insert()
	return frappe.get_doc(
		{
			"doctype": "Portal Ticket Template",
			"ticket_template": ticket_template.name,
			"main_statuses": [{"label": f"Main {n}", "sets_status": sets[n]} for n in (1, 2, 3, 4)],
			"fits": [{"main_status": str(n), "ticket_status": s} for n in fits for s in fits[n]],
			"sub_statuses": [
				{
					"sub_status": make_sub_status(),
					"main_status": str(n),
					"customer_label": f"Label {n}",
					"is_default": 1,
				}
				for n in (1, 2, 3, 4)
			],
		}
	).insert()


def statements(call) -> list[str]:
	"""The SQL statements that ``call`` runs on this connection."""
	seen: list[str] = []
	original = frappe.db.sql

	def watched(query, *arguments, **options):
		seen.append(str(query))
		return original(query, *arguments, **options)

	frappe.db.sql = watched
	try:
		call()
	finally:
		frappe.db.sql = original
	return seen


def of_kind(seen: list[str], verb: str) -> list[str]:
	return [query for query in seen if query.strip().lower().startswith(verb)]


def set_status(ticket, status):
	ticket.reload()
	ticket.status = status
	return ticket.save()


def set_sub_status(ticket, sub_status):
	ticket.reload()
	ticket.sub_status = sub_status
	return ticket.save()


def make_ticket_template(**values):
	return frappe.get_doc(
		{"doctype": "HD Ticket Template", "template_name": unique("Template"), **values}
	).insert()
