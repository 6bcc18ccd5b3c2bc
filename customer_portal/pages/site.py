"""Where Frappe hands over for /portal: a page renderer, and what its answers have in common."""

import posixpath
from urllib.parse import quote

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import LinkNotFound, MembersOnly, PortalError
from customer_portal.pages import cookies, languages, site_routes, views, wanted

PREFIX = "portal"
DOOR_OF_MEMBERS = "/portal/sign-in"
OF_MEMBERS = {("sign-in",), ("tickets",), ("new",), ("articles",), ("language",), ("sign-out",)}
TEMPLATE = "portal.html"  # what the front page's own file would answer to


class SitePage:
	"""A renderer as Frappe's ``page_renderer`` hook wants it: it commits what a POST wrote, and no GET."""

	def __init__(self, path: str, http_status_code: int | None = None):
		self.parts = parts_of(path)

	def can_render(self) -> bool:
		return is_ours(self.parts)

	def render(self) -> Response:
		request = frappe.local.request
		frappe.local.allow_cors = []
		if frappe.session.user == "Guest":
			frappe.local.lang = languages.choose(request, with_cookie=False)
			cookies.withhold_frappe_cookies()
		response = answer(request, () if self.parts == (TEMPLATE,) else self.parts[1:])
		views.mark_answered()
		return response


def is_ours(parts: tuple[str, ...]) -> bool:
	return parts[:1] == (PREFIX,) or parts == (TEMPLATE,)


def answer(request: Request, rest: tuple[str, ...]) -> Response:
	"""The answer to any request under /portal; nothing is written when it is an error."""
	try:
		_refuse_given_session(request)
		handler, starred = site_routes.find(rest, request.method)
		return handler(request, starred)
	except PortalError as problem:
		frappe.db.rollback()
		if isinstance(problem, MembersOnly) and frappe.session.user == "Guest" and wanted.is_page(request):
			return wanted.remember(views.see_other(DOOR_OF_MEMBERS), request)
		if rest[:1] == ("staff",):
			return views.staff_error(problem, _sign_in(request))
		is_ours = isinstance(problem, LinkNotFound) or rest[:1] in OF_MEMBERS
		return views.error(problem, "/portal" if is_ours else None)


def _refuse_given_session(request: Request) -> None:
	"""Frappe takes a session's id from the address too, and makes it the browser's: a link could sign its reader in
	as somebody else. Raises ``PortalError``.
	"""
	if "sid" in request.values:
		cookies.withhold_frappe_cookies()
		raise PortalError


def _sign_in(request: Request) -> str | None:
	"""Frappe's own page, for an agent whose session has ended."""
	return f"/login?redirect-to={quote(request.path)}" if frappe.session.user == "Guest" else None


def has_token(path: str) -> bool:
	"""Whether the address is one that its holder alone should know."""
	parts = parts_of(path)
	return parts[:2] in ((PREFIX, "unsubscribe"), (PREFIX, "digest")) or parts[:3] == (
		PREFIX,
		"sign-in",
		"link",
	)


def parts_of(path: str) -> tuple[str, ...]:
	"""Without what changes nothing: dots, doubled and final slashes."""
	return tuple(part for part in posixpath.normpath(f"/{path}").split("/") if part)
