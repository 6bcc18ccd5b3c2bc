"""The ticket for which somebody came who has to sign in first: it opens once they have.

The browser keeps its number, never an address, so that no link can lead anywhere else after signing in.
"""

import re

from werkzeug.wrappers import Request, Response

from customer_portal.pages import cookies
from customer_portal.pages.members import ARTICLES, NEW, TICKETS

COOKIE = "portal_wanted"
PATH = "/portal/sign-in"
NUMBER = re.compile(r"\w{1,40}", re.ASCII)
_PAGE = re.compile(rf"{TICKETS}/({NUMBER.pattern})/?", re.ASCII)


def is_page(request: Request) -> bool:
	"""Whether the answer is one to look at: not what a page asks for by itself."""
	path = request.path.rstrip("/")
	is_page = _PAGE.fullmatch(request.path) or path in (TICKETS, NEW) or path.startswith(f"{ARTICLES}/")
	return request.method in ("GET", "HEAD") and bool(is_page)


def remember(response: Response, request: Request) -> Response:
	if found := _PAGE.fullmatch(request.path):
		cookies.set_cookie(response, COOKIE, found[1], PATH)
	return response


def address(request: Request) -> str:
	"""Where to go after signing in."""
	ticket = request.cookies.get(COOKIE, "")
	return f"{TICKETS}/{ticket}" if NUMBER.fullmatch(ticket) else TICKETS


def forget(response: Response) -> Response:
	cookies.drop_cookie(response, COOKIE, PATH)
	return response
