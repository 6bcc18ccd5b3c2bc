"""The cookies of the customers' pages. No page but the ticket's own gets its session; no script reads any."""

import re
import secrets
from datetime import datetime, timezone

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import links
from customer_portal.exceptions import SiteAddressMissing

BROWSER = "portal_browser"
SESSION = "portal_session"
LANGUAGE = "portal_language"
ATTEMPT = "portal_sign_in"

_HEXADECIMAL = re.compile(r"[0-9a-f]{32,64}")


def new_browser() -> str:
	"""128 random bits that tell one browser from another, as hexadecimal."""
	return secrets.token_hex(16)


def read_hexadecimal(request: Request, name: str) -> str | None:
	"""A cookie of ours, or None when it is missing or nothing that we could have set."""
	value = request.cookies.get(name, "")
	return value if _HEXADECIMAL.fullmatch(value) else None


def set_cookie(response: Response, name: str, value: str, path: str, expires: datetime | None = None) -> None:
	"""``expires`` is naive UTC; None ends the cookie with the browser."""
	response.set_cookie(
		name,
		value,
		path=path,
		expires=expires and expires.replace(tzinfo=timezone.utc),
		secure=is_secure(),
		httponly=True,
		samesite="Lax",
	)


def drop_cookie(response: Response, name: str, path: str) -> None:
	response.delete_cookie(name, path=path, secure=is_secure(), httponly=True, samesite="Lax")


def set_attempt(response: Response, value: str, seconds: int) -> None:
	"""The way to a provider and back. With TLS the browser lets nobody but this very host set it (RFC 6265bis, 4.1.3.2),
	which asks for the path of the whole site. It is Lax, since who comes back comes from another site.
	"""
	response.set_cookie(
		_attempt_name(), value, max_age=seconds, secure=is_secure(), httponly=True, samesite="Lax", path="/"
	)


def read_attempt(request: Request) -> str:
	return request.cookies.get(_attempt_name(), "")


def drop_attempt(response: Response) -> None:
	drop_cookie(response, _attempt_name(), "/")


def withhold_frappe_cookies() -> None:
	"""Frappe adds its own cookies (sid=Guest and others) to every answer. A customer needs none of them."""
	manager = getattr(frappe.local, "cookie_manager", None)
	if manager:
		manager.cookies.clear()
		manager.to_delete.clear()


def _attempt_name() -> str:
	return f"__Host-{ATTEMPT}" if is_secure() else ATTEMPT


def is_secure() -> bool:
	if frappe.local.request.is_secure:
		return True
	try:
		return links.site_address().startswith("https://")
	except SiteAddressMissing:
		return False
