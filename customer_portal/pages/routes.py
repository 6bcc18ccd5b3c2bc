"""Every address that a guest can reach, in one table. HEAD is answered as GET without the body."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Response

from customer_portal.exceptions import LinkNotFound, MethodNotAllowed
from customer_portal.pages import files, preferences, ticket, verification
from customer_portal.pages.visitor import PREFIX, Visitor

Handler = Callable[[Visitor], Response]


def show(visitor: Visitor) -> Response:
	return ticket.show(visitor) if visitor.session else verification.show(visitor)


# What follows /t/<token>: * stands for one part of the path.
ROUTES: Mapping[str, tuple[str, Handler]] = {
	"": ("GET", show),
	"code": ("POST", verification.send_code),
	"resend": ("POST", verification.resend),
	"verify": ("POST", verification.check_code),
	"language": ("POST", preferences.choose_language),
	"sign-out": ("POST", ticket.sign_out),
	"state": ("GET", ticket.refresh),
	"file/*": ("GET", files.send),
}


def is_ours(path: str) -> bool:
	"""Also where our prefix is misspelt, with capitals, spaces or more slashes: Frappe would keep such an address,
	with a link's token in it, in Redis. Only the right spelling finds a link.
	"""
	first = path.strip("/ ").partition("/")[0]
	return f"/{first.strip().lower()}" == PREFIX


def find(rest: tuple[str, ...], method: str) -> Handler:
	"""Raises ``LinkNotFound`` for an unknown address and ``MethodNotAllowed``."""
	pattern = "file/*" if len(rest) == 2 and rest[0] == "file" else "/".join(rest)
	if pattern not in ROUTES:
		raise LinkNotFound
	wanted, handler = ROUTES[pattern]
	if wanted != ("GET" if method == "HEAD" else method):
		raise MethodNotAllowed("GET, HEAD" if wanted == "GET" else wanted)
	return handler
