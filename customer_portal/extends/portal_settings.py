"""What the Desk's form of Customer Portal Settings shows beside its fields."""

import frappe

from customer_portal import links
from customer_portal.exceptions import SiteAddressMissing


def onload(doc, method: str | None = None) -> None:
	"""``portal_address`` is empty where the site has no address; ``organisations`` counts those with access."""
	doc.set_onload("portal_address", _portal_address())
	doc.set_onload("organisations", frappe.db.count("Portal Customer Access", {"enabled": 1}))


def _portal_address() -> str:
	try:
		return f"{links.site_address()}/portal"
	except SiteAddressMissing:
		return ""
