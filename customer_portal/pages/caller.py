"""What the pages of a ticket know of whoever asks: a visitor with a ticket's link, or a member of an organisation."""

from typing import Protocol

from werkzeug.wrappers import Request, Response

from customer_portal.pages import forms
from customer_portal.tickets import Person

PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


class Caller(Protocol):
	"""``home`` is the address of the ticket's page, ``door`` that below which the language switch is."""

	request: Request
	session: Person | None
	home: str
	rest: tuple[str, ...]
	language: str
	is_member: bool

	@property
	def door(self) -> str: ...

	@property
	def form_scope(self) -> str: ...

	@property
	def form_token(self) -> str: ...

	@property
	def is_looking(self) -> bool: ...

	def check_form(self, largest: int = forms.LARGEST_BODY) -> None: ...

	def remember_browser(self, response: Response) -> Response: ...


def is_looking(request: Request) -> bool:
	"""Whether a person sees the answer: not with HEAD, nor when a browser loads a page ahead.

	Sec-Purpose is of the Fetch standard, section 3.8; older browsers say it in other headers.
	"""
	purposes = (request.headers.get(name, "").lower() for name in PURPOSES)
	return request.method == "GET" and not any(
		word in purpose for purpose in purposes for word in ("prefetch", "preview")
	)
