"""Where Frappe hands over: a page renderer for /t, and two request hooks around it and around that for /portal."""

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import (
	FormKindUnknown,
	LinkNotFound,
	MethodNotAllowed,
	PortalError,
	ServerTrouble,
)
from customer_portal.pages import cookies, languages, routes, site, slack_hooks, views, visitor


class PortalPage:
	"""A renderer as Frappe's ``page_renderer`` hook wants it: it commits what a POST wrote, and no GET."""

	def __init__(self, path: str, http_status_code: int | None = None):
		self.path = f"/{path.strip('/')}"

	def can_render(self) -> bool:
		return routes.is_ours(self.path)

	def render(self) -> Response:
		frappe.local.allow_cors = []
		cookies.withhold_frappe_cookies()  # before the answer, which may sign somebody in
		response = answer(frappe.local.request)
		views.mark_answered()
		return response


def answer(request: Request) -> Response:
	"""The answer to any request under /t; nothing is written when it is an error."""
	try:
		guest = visitor.receive(request)
	except LinkNotFound as problem:
		return _refuse(request, problem)
	try:
		return routes.find(guest.rest, request.method)(guest)
	except PortalError as problem:
		return _refuse(request, problem, guest.home)


def before_request() -> None:
	"""Keeps links out of Redis: Frappe remembers there, by path, that no redirect is set up for an address."""
	path = frappe.local.request.path
	if routes.is_ours(path) or site.has_token(path):
		known = frappe.local.cache.setdefault(frappe.cache.make_key("website_redirects"), {})
		known[path.strip("/ ")] = False


def after_request(response: Response | None, request: Request) -> None:
	"""Puts our own page in the place of what Frappe answers before or beside us: to a method that it does not
	know, to a body that it cannot read, or after an error.
	"""
	is_ours = routes.is_ours(request.path) or site.is_ours(site.parts_of(request.path))
	if response is None or views.is_answered() or not is_ours:
		return
	own = _refuse(request, _problem(request, response.status_code))
	cookies.withhold_frappe_cookies()
	frappe.local.allow_cors = []
	response.headers = own.headers
	response.status_code = own.status_code
	response.set_data(own.get_data())


def _problem(request: Request, status: int) -> PortalError:
	if request.method not in ("GET", "HEAD", "POST"):
		return MethodNotAllowed("GET, HEAD, POST")
	try:
		slack_hooks.refuse_unsigned(request)
	except PortalError as problem:
		return problem
	if request.is_json and (status < 500 or not slack_hooks.is_readable(request)):
		return FormKindUnknown()
	problem = ServerTrouble() if status >= 500 else PortalError()
	problem.http_status_code = max(status, 400)
	return problem


def _refuse(request: Request, problem: PortalError, home: str | None = None) -> Response:
	frappe.db.rollback()
	is_unknown_link = isinstance(problem, LinkNotFound)
	frappe.local.lang = languages.choose(request, with_cookie=not is_unknown_link)
	return views.error(problem, None if is_unknown_link else home)
