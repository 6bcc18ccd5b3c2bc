"""For System Managers: the set-up check, one check at a time, so that a slow one keeps no other waiting."""

from dataclasses import asdict

import frappe
from frappe import _

from customer_portal.setup_check import run


@frappe.whitelist()
def get_checks() -> list[dict[str, str]]:
	"""``key``, ``group`` and ``title`` of each check, in order."""
	frappe.only_for("System Manager")
	return [{"key": check.key, "group": check.group, "title": check.title} for check in run.checks()]


@frappe.whitelist(methods=["POST"])
def run_check(key: str) -> dict[str, str]:
	"""The fields of a ``Finding``. 404 for an unknown key."""
	frappe.only_for("System Manager")
	finding = run.run(key)
	if finding is None:
		raise frappe.DoesNotExistError(_("There is no such check."))
	return asdict(finding)
