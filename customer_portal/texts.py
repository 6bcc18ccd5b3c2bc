"""Texts for customers in their language: from this app's own catalogues, and from what an admin has put in their place.

Not from other apps' catalogues, as ``frappe._`` does: they mean something else by the same words ("Received" of goods),
and a language of which we have no catalogue would be a mixture. What nobody of ours has translated stays English.

``frappe._`` reads a whole language from Redis for each request; this keeps it in the process for a minute, the time
that a changed Translation may take to show.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.translate import get_parent_language, get_translations_from_apps, get_user_translations
from frappe.utils.caching import site_cache

APP = "customer_portal"
KEPT_SECONDS = 60


def translate(text: str, language: str | None = None) -> str:
	"""``text`` in a language, by default that of the request, as ``frappe._`` without context."""
	return catalogue(language or frappe.local.lang).get(text) or text


def marked(text: str) -> str:
	"""``text`` itself, marked for the catalogues under the name ``_lt``, where no request's language is known yet."""
	return text


@contextmanager
def in_language(language: str) -> Iterator[None]:
	"""What is said inside is in this language. Frappe's own ``print_language`` does not come back after an error."""
	before = frappe.local.lang
	frappe.local.lang = language or before
	try:
		yield
	finally:
		frappe.local.lang = before


@site_cache(ttl=KEPT_SECONDS, maxsize=64)
def catalogue(language: str) -> dict[str, str]:
	"""All that is translated; what ``pt-BR`` lacks is in ``pt``. An admin's own Translations come first."""
	found = dict(get_translations_from_apps(language, [APP]))
	for code in filter(None, (get_parent_language(language), language)):
		found.update(get_user_translations(code))
	return found
