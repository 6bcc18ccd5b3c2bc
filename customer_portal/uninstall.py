"""Takes back what ``install`` wrote into Helpdesk. Our own doctypes are removed by Frappe."""

import frappe

from customer_portal import form_script
from customer_portal.customizations import CUSTOM_FIELDS, DOCTYPES, INDEXES, MODULE, TEMPLATE_ROW

JOB = "Scheduled Job Type"


def before_uninstall() -> None:
	form_script.remove()
	remove_template_rows()
	remove_indexes()
	for doctype, rows in CUSTOM_FIELDS.items():
		remove_fields(doctype, [row["fieldname"] for row in rows])
	remove_scheduled_jobs()
	remove_log_clearing()
	remove_sequences()


def remove_template_rows() -> None:
	"""Of all templates, also those that were made since the install."""
	frappe.db.delete("HD Ticket Template Field", {"fieldname": TEMPLATE_ROW["fieldname"]})
	frappe.clear_document_cache("HD Ticket Template")


def remove_fields(doctype: str, fieldnames: list[str]) -> None:
	"""The fields with their property setters, and their columns, which Frappe would leave; indexes go with them."""
	for name in frappe.get_all(
		"Custom Field", filters={"dt": doctype, "fieldname": ("in", fieldnames)}, pluck="name"
	):
		frappe.delete_doc("Custom Field", name, force=True)
	frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": ("in", fieldnames)})
	columns = [name for name in fieldnames if frappe.db.has_column(doctype, name)]
	if columns:
		dropped = ", ".join(f"drop column `{name}`" for name in columns)
		frappe.db.sql_ddl(f"alter table `tab{doctype}` {dropped}")
	frappe.clear_cache(doctype=doctype)


def remove_indexes() -> None:
	for doctype, indexes in INDEXES.items():
		dropped = ", ".join(f"drop index if exists `{name}`" for name in indexes)
		frappe.db.sql_ddl(f"alter table `tab{doctype}` {dropped}")


def remove_scheduled_jobs() -> None:
	"""Frappe drops them at its next migration only; until then each would fail every minute."""
	jobs = frappe.get_all(JOB, filters={"method": ("like", f"{frappe.scrub(MODULE)}.%")}, pluck="name")
	frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", jobs or [""])})
	frappe.db.delete(JOB, {"name": ("in", jobs or [""])})


def remove_log_clearing() -> None:
	"""Rows of Log Settings: the daily clean-up would stumble over doctypes that are gone."""
	frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", DOCTYPES)})
	frappe.clear_document_cache("Log Settings", "Log Settings")


def remove_sequences() -> None:
	"""Of the doctypes with numbers for names: Frappe drops the table and forgets the sequence."""
	for doctype in frappe.get_all("DocType", {"module": MODULE, "autoname": "autoincrement"}, pluck="name"):
		frappe.db.sql_ddl(f"drop sequence if exists `{frappe.scrub(doctype)}_id_seq`")
