"""New ticket templates get the sub-status row; the portal template follows a rename or a deletion."""

import frappe

from customer_portal import statuses
from customer_portal.customizations import TEMPLATE_ROW

PORTAL_TEMPLATE = "Portal Ticket Template"


def before_validate(doc, method: str | None = None) -> None:
	"""Only when it is made: an admin who takes the row out of a template keeps it out."""
	fieldnames = {row.fieldname for row in doc.get("fields") or []}
	if doc.is_new() and TEMPLATE_ROW["fieldname"] not in fieldnames:
		doc.append("fields", dict(TEMPLATE_ROW))


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	if frappe.db.exists(PORTAL_TEMPLATE, old) and not frappe.db.exists(PORTAL_TEMPLATE, new):
		frappe.rename_doc(PORTAL_TEMPLATE, old, new, force=True, show_alert=False)
	statuses.forget_templates()


def on_trash(doc, method: str | None = None) -> None:
	if frappe.db.exists(PORTAL_TEMPLATE, doc.name):
		frappe.delete_doc(PORTAL_TEMPLATE, doc.name, ignore_permissions=True)
