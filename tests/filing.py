"""Forms for organisations, and members who fill them in as a browser without JavaScript does."""

import json
import re
from html import unescape
from urllib.parse import quote

import frappe

from tests.client import Client, hidden_fields, text_of
from tests.factories import unique
from tests.organisations import ACCESS, Organisation

NEW = "/portal/new"
GOOD = {"subject": "The printer is on fire", "description": "It burns.\n\nSince Monday."}


def make_form(*rows: str | dict, **values) -> str:
	"""An HD Ticket Template with these rows, each a fieldname or the row's values; its name. Committed."""
	template = frappe.new_doc("HD Ticket Template")
	template.update({"template_name": unique("Form"), **values})
	for row in rows:
		template.append("fields", {"fieldname": row} if isinstance(row, str) else row)
	template.insert()
	frappe.db.commit()
	return template.name


def offer(organisation: Organisation, *forms: str) -> None:
	access = frappe.get_doc(ACCESS, organisation.customer)
	access.set("forms", [{"ticket_template": form} for form in forms])
	access.save()
	frappe.db.commit()


def make_field(fieldname: str, fieldtype: str, **values) -> str:
	"""A custom field of HD Ticket; its name. Committed, and gone when ``drop_fields`` is called."""
	made = frappe.new_doc("Custom Field")
	made.update(
		{"dt": "HD Ticket", "fieldname": fieldname, "fieldtype": fieldtype, "label": fieldname.title()}
	)
	made.update(values)
	made.insert()
	frappe.db.commit()
	return fieldname


def drop_fields(*fieldnames: str) -> None:
	"""With their columns and the order of fields, which Frappe leaves behind."""
	for doctype, field, parent in (
		("Custom Field", "fieldname", "dt"),
		("Property Setter", "field_name", "doc_type"),
	):
		frappe.db.delete(doctype, {parent: "HD Ticket", field: ("in", fieldnames)})
	drops = ", ".join(f"DROP COLUMN IF EXISTS `{fieldname}`" for fieldname in fieldnames)
	frappe.db.sql_ddl(f"ALTER TABLE `tabHD Ticket` {drops}")
	frappe.delete_doc("Property Setter", "HD Ticket-main-field_order", ignore_missing=True, force=True)
	frappe.clear_cache(doctype="HD Ticket")
	frappe.db.commit()


def page_of(form: str) -> str:
	return f"{NEW}?form={quote(form)}"


def fill(client: Client, form: str, files=(), **values):
	"""Opens the form and sends it; ``files`` are triples of field, name and content."""
	known = hidden_fields(client.get(page_of(form)).text, NEW)
	data = {**known, **GOOD, **values}
	sent = {name: value for name, value in data.items() if value is not None}
	parts = [(field, (name, content)) for field, name, content in files]
	return client.post(NEW, sent, files=parts or None)


def ticket_of(answer):
	"""The ticket to which the answer leads."""
	assert answer.status_code == 303, (answer.status_code, text_of(answer.text))
	found = re.fullmatch(r"/portal/tickets/(\d+)\?done=file#done", answer.headers["Location"])
	assert found, answer.headers["Location"]
	frappe.db.rollback()
	return frappe.get_doc("HD Ticket", found[1])


def problems(page: str) -> dict[str, str]:
	"""Sentences by the page's field, as the fields themselves tell them."""
	found = re.findall(r'<p class="wrong" id="problem-([^"]+)">(.*?)</p>', page, re.S)
	return {
		field: unescape(sentence).replace("\u2068", "").replace("\u2069", "") for field, sentence in found
	}


def options(page: str, field: str) -> list[str]:
	"""Values of a select, without the empty one."""
	select = re.search(rf'<select id="{field}".*?</select>', page, re.S)
	return [unescape(value) for value in re.findall(r'<option value="([^"]+)"', select[0])] if select else []


def typed(page: str, field: str) -> str:
	"""What stands in an input or a text area."""
	area = re.search(rf'<textarea[^>]*\bname="{field}"[^>]*>\n?(.*?)</textarea>', page, re.S)
	if area:
		return unescape(area[1])
	tag = re.search(rf'<input[^>]*\bname="{field}"[^>]*>', page)
	value = re.search(r'\bvalue="([^"]*)"', tag[0]) if tag else None
	return unescape(value[1]) if value else ""


def depend(parent: str, child: str, mapping: dict[str, list[str]], **criteria) -> str:
	"""A field dependency, made as Helpdesk's settings make it; the name of its HD Form Script."""
	from helpdesk.api.settings import field_dependency

	field_dependency.create_update_field_dependency(
		parent, child, json.dumps(mapping), True, json.dumps({"display": {}, "mandatory": {}, **criteria})
	)
	frappe.db.commit()
	return f"Field Dependency-{parent}-{child}"


def tickets_of(organisation: Organisation) -> int:
	frappe.db.rollback()
	return frappe.db.count("HD Ticket", {"customer": organisation.customer})
