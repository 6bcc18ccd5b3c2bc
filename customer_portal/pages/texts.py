"""Frappe's translations for pages. ``frappe._`` reads a whole language from Redis for each request; this keeps it
in the process for a minute, the time that a changed Translation may take to show.
"""

import frappe
from frappe.translate import get_all_translations
from frappe.utils.caching import site_cache

KEPT_SECONDS = 60


def translate(text: str) -> str:
	"""``text`` in the language of the request, as ``frappe._`` without context."""
	return _catalogue(frappe.local.lang).get(text) or text


@site_cache(ttl=KEPT_SECONDS, maxsize=64)
def _catalogue(language: str) -> dict[str, str]:
	return get_all_translations(language)
