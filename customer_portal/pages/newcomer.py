"""Who stands before the organisation portal without being signed in: a browser, and nothing else."""

from dataclasses import dataclass
from typing import ClassVar

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal.pages import cookies, csrf, forms, languages

DOOR = "/portal"
SCOPE = "sign-in"  # what forms are bound to, beside the browser


@dataclass(frozen=True)
class Newcomer:
	"""``browser`` is the browser's id, of its cookie or new."""

	request: Request
	browser: str
	is_new_browser: bool
	language: str
	home: str = f"{DOOR}/sign-in"
	door: str = DOOR

	is_member: ClassVar[bool] = False

	@property
	def form_token(self) -> str:
		return csrf.token(SCOPE, self.browser)

	def check_form(self) -> None:
		"""Raises what ``forms.check_body`` and ``csrf.check`` raise."""
		forms.check_body(self.request)
		csrf.check(self.request, SCOPE, None if self.is_new_browser else self.browser)

	def remember_browser(self, response: Response) -> Response:
		if self.is_new_browser:
			cookies.set_cookie(response, cookies.BROWSER, self.browser, DOOR)
		return response


def receive(request: Request) -> Newcomer:
	browser = cookies.read_hexadecimal(request, cookies.BROWSER)
	frappe.local.lang = languages.choose(request)
	return Newcomer(request, browser or cookies.new_browser(), browser is None, frappe.local.lang)
