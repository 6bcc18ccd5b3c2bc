"""Forms are taken from our own pages only.

Two walls: what the browser says about where the request comes from (Fetch Metadata, and Origin of RFC 6454), and a
token that is bound to the link and to the browser's cookie, which SameSite=Lax keeps out of foreign forms.
"""

import hmac
from contextlib import suppress
from urllib.parse import urlsplit

import frappe
from frappe.sessions import get_csrf_token
from werkzeug.wrappers import Request

from customer_portal import keys, links
from customer_portal.exceptions import ForeignRequest, SiteAddressMissing

FIELD = "form_token"
OWN_SITES = ("same-origin", "none")


def token(link_name: str, browser: str) -> str:
	return keys.digest("form-token", link_name, browser)


def frappe_token() -> str:
	"""Frappe's own token, which it demands of people who are signed in to it in the same browser; else empty."""
	return "" if frappe.session.user == "Guest" else get_csrf_token()


def check(request: Request, link_name: str, browser: str | None) -> None:
	"""Raises ``ForeignRequest`` unless the form is one that we gave to this browser."""
	sent = request.form.getlist(FIELD)
	if not is_from_own_site(request) or browser is None or len(sent) != 1:
		raise ForeignRequest
	if not hmac.compare_digest(sent[0].encode(), token(link_name, browser).encode()):
		raise ForeignRequest


def is_from_own_site(request: Request) -> bool:
	if request.headers.get("Sec-Fetch-Site", "same-origin") not in OWN_SITES:
		return False
	origin = request.headers.get("Origin")
	# With the policy "no-referrer" browsers send "null" with our own forms; then the token alone decides.
	return origin in (None, "null") or _host(origin) in _own_hosts(request)


def _own_hosts(request: Request) -> set[str]:
	"""The host that was asked, and the one of the configured address: a proxy may have changed the former."""
	hosts = {request.host.lower()}
	with suppress(SiteAddressMissing):
		hosts.add(_host(links.site_address()))
	return hosts


def _host(address: str) -> str:
	try:
		return urlsplit(address).netloc.lower()
	except ValueError:
		return ""
