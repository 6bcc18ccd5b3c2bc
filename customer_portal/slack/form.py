"""What the form of a ticket, its HD Ticket Template, has asked for, and what stands there by now."""

import frappe
from frappe import _

from customer_portal import html
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.slack.channels import Place
from customer_portal.ticket_forms import choices

TICKET = "HD Ticket"
MOST_FIELDS = 30
# Fields of which a post tells already, in its own way, and as far as the channel may know.
TOLD = frozenset(
	[
		*("subject", "description", "raised_by", "contact", "customer"),
		*("priority", "status", "sub_status", "agent_group"),
	]
)
SEVERAL = "Table MultiSelect"
HTML_TEXTS = {"Text Editor", "HTML Editor", "Markdown Editor"}
PLAIN_TEXTS = {"Small Text", "Text", "Long Text", "Code"}  # of which Frappe would make HTML


def answers(row: frappe._dict, place: Place) -> list[tuple[str, str]]:
	"""Labels and values in the form's order; a value may be empty, and a label there more than once."""
	fields = _fields(row, place)
	columns = [field.fieldname for field in fields if field.fieldtype != SEVERAL]
	values = frappe.db.get_value(TICKET, row.name, columns, as_dict=True) if columns else None
	values = values or {}
	return [(_label(field), _value(str(row.name), field, values)) for field in fields]


def _fields(row: frappe._dict, place: Place) -> list:
	"""Those that have a value which a text can tell."""
	asked_for = {"parent": row.template or DEFAULT_TEMPLATE, "parenttype": "HD Ticket Template"}
	if place.customer:
		asked_for["hide_from_customer"] = 0
	names = frappe.get_all("HD Ticket Template Field", asked_for, pluck="fieldname", order_by="idx")
	meta = frappe.get_meta(TICKET)
	asked = [meta.get_field(name) for name in dict.fromkeys(names) if name not in TOLD]
	columns = set(meta.get_valid_columns())
	return [field for field in asked if field and _is_told(field, columns)][:MOST_FIELDS]


def _is_told(field, columns: set[str]) -> bool:
	"""Tables, headings, buttons and virtual fields have no column."""
	if field.fieldtype == SEVERAL:
		return not field.is_virtual
	return field.fieldname in columns and field.fieldtype != "Password"


def _label(field) -> str:
	return _(field.label or field.fieldname)


def _value(ticket: str, field, values: dict[str, object]) -> str:
	if field.fieldtype == SEVERAL:
		return ", ".join(_chosen(ticket, field))
	value = values.get(field.fieldname)
	return "" if value in (None, "") else _text(field, value)


def _chosen(ticket: str, field) -> list[str]:
	"""The records of a Table MultiSelect, called as the form calls them."""
	target = choices.target_of(field.options)
	if target is None:
		return []
	link, doctype = target
	chosen = {"parent": ticket, "parenttype": TICKET, "parentfield": field.fieldname, link: ("is", "set")}
	return choices.labels_of(doctype, frappe.get_all(field.options, chosen, pluck=link, order_by="idx"))


def _text(field, value: object) -> str:
	if field.fieldtype in HTML_TEXTS:
		return html.as_lines(str(value))
	if field.fieldtype in PLAIN_TEXTS:
		return str(value)
	if field.fieldtype == "Check":
		return _("Yes") if value else ""
	return str(frappe.format(value, field, translated=True))
