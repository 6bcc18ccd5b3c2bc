"""The HD Form Scripts by which Helpdesk's own ticket page gets our buttons.

A script's first line names the version of our source that it was made from. A migration replaces a script of an
older version; one without that line was rewritten by an admin and is left alone.
"""

import hashlib

import frappe

from customer_portal.customizations import FORM_SCRIPTS

DOCTYPE = "HD Form Script"
MARK = "// customer_portal version "


def create() -> None:
	for name in FORM_SCRIPTS:
		if not frappe.db.exists(DOCTYPE, name):
			_insert(name)


def update() -> None:
	"""An admin's edits live until our own source changes; a script that was deleted stays deleted."""
	for name in FORM_SCRIPTS:
		present = frappe.db.get_value(DOCTYPE, name, "script")
		if present and present.startswith(MARK) and _first_line(present) != _first_line(source(name)):
			script = frappe.get_doc(DOCTYPE, name)
			script.script = source(name)
			script.save(ignore_permissions=True)


def remove() -> None:
	for name in FORM_SCRIPTS:
		frappe.delete_doc(DOCTYPE, name, ignore_missing=True, force=True)


def source(name: str) -> str:
	code = "".join(map(_read, FORM_SCRIPTS[name]))
	version = hashlib.sha256(code.encode()).hexdigest()[:12]
	return f"{MARK}{version}\n{code}"


def _read(file_name: str) -> str:
	path = frappe.get_app_path("customer_portal", "public", "js", file_name)
	with open(path, encoding="utf-8") as file:
		return file.read()


def _insert(name: str) -> None:
	script = frappe.new_doc(DOCTYPE)
	values = {"dt": "HD Ticket", "apply_to": "Form", "enabled": 1, "script": source(name)}
	script.update({"__newname": name, **values})
	script.insert(ignore_permissions=True)


def _first_line(script: str) -> str:
	return script.partition("\n")[0].strip()
