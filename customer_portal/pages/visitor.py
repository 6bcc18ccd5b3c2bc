"""One request at the door: what handlers need to know, and nothing of the ticket."""

from dataclasses import dataclass
from typing import ClassVar

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import visits
from customer_portal.access_link import AccessLink
from customer_portal.exceptions import LinkNotFound
from customer_portal.pages import cookies, csrf, forms, languages
from customer_portal.pages.caller import is_looking
from customer_portal.sessions import Session

PREFIX = "/t"
REFRESHES = (["state"], ["messages"])  # what a page asks for by itself


@dataclass(frozen=True)
class Visitor:
	"""``browser`` is the browser's id, of its cookie or new; ``rest`` what follows the token in the path."""

	request: Request
	link: AccessLink
	session: Session | None
	home: str
	rest: tuple[str, ...]
	browser: str
	is_new_browser: bool
	language: str

	@property
	def is_looking(self) -> bool:
		return is_looking(self.request)

	@property
	def door(self) -> str:
		"""Below it are the language switch and the way out."""
		return self.home

	@property
	def form_scope(self) -> str:
		return self.link.name

	is_member: ClassVar[bool] = False

	@property
	def form_token(self) -> str:
		return csrf.token(self.link.name, self.browser)

	def check_form(self, largest: int = forms.LARGEST_BODY) -> None:
		"""Raises what ``forms.check_body`` and ``csrf.check`` raise; ``largest`` is the body's limit in bytes."""
		forms.check_body(self.request, largest)
		csrf.check(self.request, self.link.name, None if self.is_new_browser else self.browser)

	def remember_browser(self, response: Response) -> Response:
		if self.is_new_browser:
			cookies.set_cookie(response, cookies.BROWSER, self.browser, self.home)
		return response


def receive(request: Request) -> Visitor:
	"""Raises ``LinkNotFound`` for unknown, expired and revoked links, before anything else is looked at."""
	token, *rest = request.path.removeprefix(f"{PREFIX}/").split("/")
	is_activity = rest not in REFRESHES
	visit = visits.enter(token, cookies.read_hexadecimal(request, cookies.SESSION), is_activity)
	if visit is None:
		raise LinkNotFound
	browser = cookies.read_hexadecimal(request, cookies.BROWSER)
	frappe.local.lang = languages.choose(request)
	return Visitor(
		request=request,
		link=visit.link,
		session=visit.session,
		home=f"{PREFIX}/{token}",
		rest=tuple(part for part in rest if part),
		browser=browser or cookies.new_browser(),
		is_new_browser=browser is None,
		language=frappe.local.lang,
	)
