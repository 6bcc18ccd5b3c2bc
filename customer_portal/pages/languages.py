"""Which language a page is in: the visitor's choice, else the browser's wish, else the site's own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import frappe
from babel import Locale, UnknownLocaleError
from werkzeug.wrappers import Request

from customer_portal import settings
from customer_portal.pages import cookies

CATALOGUES = Path(__file__).parent.parent / "locale"
SOURCE_LANGUAGE = "en"


def offered() -> Sequence[str]:
	"""Codes as in Frappe's Language doctype (``pt-BR``): the admin's choice, else all that the app is written in."""
	return [row.language for row in settings.get().languages] or shipped()


@cache
def shipped() -> Sequence[str]:
	return [SOURCE_LANGUAGE, *sorted(path.stem.replace("_", "-") for path in CATALOGUES.glob("*.po"))]


def choose(request: Request, with_cookie: bool = True) -> str:
	codes = offered()
	chosen = request.cookies.get(cookies.LANGUAGE) if with_cookie else None
	if chosen in codes:
		return chosen
	return request.accept_languages.best_match(codes) or _of_the_site(codes)


def of_user(request: Request) -> str:
	"""The one of whoever is signed in, else one that is offered."""
	own, codes = frappe.local.lang, offered()
	parent = (own or "").partition("-")[0]
	return next((code for code in (own, parent) if code in codes), None) or choose(request, with_cookie=False)


def name(code: str) -> str:
	"""The language's name in itself: العربية."""
	locale = locale_of(code)
	own = locale.get_display_name(locale) or code
	return own[:1].upper() + own[1:]


def direction(code: str) -> str:
	"""``ltr`` or ``rtl``."""
	return locale_of(code).text_direction


@cache
def locale_of(code: str) -> Locale:
	"""Babel's locale of a Frappe language code; English for codes that CLDR does not know."""
	try:
		return Locale.parse(code, sep="-")
	except (UnknownLocaleError, ValueError):
		return Locale.parse(SOURCE_LANGUAGE)


def _of_the_site(codes: Sequence[str]) -> str:
	own = frappe.get_system_settings("language")
	return own if own in codes else codes[0]
