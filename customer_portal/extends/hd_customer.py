"""An organisation's access has the name of its customer, and goes with it."""

import frappe
from frappe.model.rename_doc import rename_doc

from customer_portal.exceptions import CustomersHaveAccess, refuse

DOCTYPE = "Portal Customer Access"


def before_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Whose rules would hold after a merge is for an admin to say."""
	if merge and frappe.db.exists(DOCTYPE, old) and frappe.db.exists(DOCTYPE, new):
		refuse(CustomersHaveAccess())


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	if frappe.db.exists(DOCTYPE, old):
		rename_doc(DOCTYPE, old, new, force=True, ignore_permissions=True, show_alert=False)
