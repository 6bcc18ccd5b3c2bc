"""Who writes to the customers."""

import frappe

from customer_portal import settings
from customer_portal.texts import translate as _


def company_name(language: str) -> str:
	"""The settings' name, else Helpdesk's brand, else a word that stands for both."""
	brand = frappe.get_cached_doc("HD Settings").get("brand_name")
	return one_line(settings.get().company_name or brand or _("Customer support", language))


def one_line(text: str) -> str:
	return " ".join(text.split())
