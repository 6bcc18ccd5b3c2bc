"""Agents' endpoint for the entry to a ticket's panel. Customers never get here: they hold no agent's role."""

import frappe
from frappe import _

from customer_portal import agents


@frappe.whitelist()
def get_link_entry() -> dict[str, str]:
	"""Where the panel opens from: a menu's ``group``, the ``title`` of item and dialog, and the word for ``close``."""
	agents.require_agent()
	return {"group": _("Customer portal"), "title": _("Link and messages"), "close": _("Close")}
