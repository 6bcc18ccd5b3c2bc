"""The portal's front page: for who came without a link. It knows no visitor, sets no cookie and reads no ticket."""

import posixpath

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import MethodNotAllowed
from customer_portal.pages import brand, cookies, languages, views

PATHS = ("portal", "portal.html")  # the second is what the template's file would answer to


class LandingPage:
	"""A renderer as Frappe's ``page_renderer`` hook wants it, for ``/portal`` alone."""

	def __init__(self, path: str, http_status_code: int | None = None):
		self.path = posixpath.normpath(f"/{path}").strip("/ ")

	def can_render(self) -> bool:
		return self.path in PATHS

	def render(self) -> Response:
		request = frappe.local.request
		frappe.local.lang = languages.choose(request, with_cookie=False)
		cookies.withhold_frappe_cookies()
		return show(request)


def show(request: Request) -> Response:
	if request.method not in ("GET", "HEAD"):
		return views.error(MethodNotAllowed("GET, HEAD"))
	return views.page("portal.html", contact=brand.contact())
