"""``python -m dev.fingerprint SITE FILE [with-ours]``: what a site is made of, as JSON.

Compared before the app's install and after its uninstall, and between two migrations.
"""

import hashlib
import json
import sys
from pathlib import Path

import frappe

OURS = ("Portal ", "Customer Portal")
METADATA = (
	"Client Script",
	"Custom DocPerm",
	"Custom Field",
	"Dashboard Chart",
	"Dashboard Chart Source",
	"DocField",
	"DocPerm",
	"DocType",
	"DocType Action",
	"DocType Link",
	"Email Template",
	"HD Form Script",
	"Has Role",
	"Logs To Clear",
	"Module Def",
	"Notification",
	"Number Card",
	"Page",
	"Print Format",
	"Property Setter",
	"Report",
	"Role",
	"Scheduled Job Type",
	"Server Script",
	"Web Form",
	"Workspace",
)
DOCUMENTS = (
	"Assignment Rule",
	"Contact",
	"HD Service Level Agreement",
	"HD Ticket",
	"HD Ticket Priority",
	"HD Ticket Status",
	"HD Ticket Template",
	"HD Ticket Template Field",
	"HD Ticket Type",
	"HD View",
)
SETTINGS = ("HD Settings", "System Settings")
# Change by themselves: a save without a change, a job that ran, a migration that makes the same row anew.
VOLATILE = {
	"creation",
	"modified",
	"modified_by",
	"last_execution",
	"migration_hash",
	"idx",
	"_user_tags",
	"_seen",
}
# Say what a row with a random name is about.
TELLING = ("parent", "dt", "doc_type", "fieldname", "property", "method", "role", "ref_doctype")

Section = dict[str, str]


def take(with_ours: bool) -> dict[str, Section]:
	"""Sections of key and digest. ``with_ours`` adds this app's own documents."""
	sections = {"columns": _columns(), "indexes": _indexes(), "settings": _settings()}
	sections |= {doctype: _rows(doctype) for doctype in (*METADATA, *DOCUMENTS) if _has_table(doctype)}
	if with_ours:
		sections |= {doctype: _rows(doctype) for doctype in _our_doctypes()}
	return sections


def _columns() -> Section:
	rows = frappe.db.sql(
		"""SELECT CONCAT(table_name, '.', column_name), CONCAT_WS(' ', column_type, is_nullable, column_default)
		FROM information_schema.columns WHERE table_schema = DATABASE()"""
	)
	return dict(rows)


def _indexes() -> Section:
	rows = frappe.db.sql(
		"""SELECT CONCAT(table_name, '.', index_name), GROUP_CONCAT(column_name ORDER BY seq_in_index)
		FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name"""
	)
	return dict(rows)


def _settings() -> Section:
	singles = frappe.qb.Table("tabSingles")
	query = frappe.qb.from_(singles).select(singles.doctype, singles.field, singles.value)
	rows = query.where(singles.doctype.isin(SETTINGS)).run()
	return {f"{doctype}.{field}": str(value or "") for doctype, field, value in rows if field not in VOLATILE}


def _rows(doctype: str) -> Section:
	rows = frappe.db.sql(f"SELECT * FROM `tab{doctype}`", as_dict=True)
	return {_key(row): _digest(row) for row in rows}


def _key(row: dict) -> str:
	about = [str(row[name]) for name in TELLING if row.get(name)]
	return " ".join([str(row["name"]), *about])


def _digest(row: dict) -> str:
	kept = sorted((name, str(value)) for name, value in row.items() if name not in VOLATILE)
	return hashlib.sha256(repr(kept).encode()).hexdigest()[:16]


def _has_table(doctype: str) -> bool:
	return bool(frappe.db.table_exists(doctype, cached=False))


def _our_doctypes() -> list[str]:
	names = frappe.get_all("DocType", {"module": "Customer Portal", "issingle": 0}, pluck="name")
	return [name for name in names if name.startswith(OURS)]


if __name__ == "__main__":
	frappe.init(sys.argv[1])
	frappe.connect()
	Path(sys.argv[2]).write_text(json.dumps(take("with-ours" in sys.argv[3:]), indent=1, sort_keys=True))
	frappe.destroy()
