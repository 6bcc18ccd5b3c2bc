"""Every address that a guest can reach, in one table. HEAD is answered as GET without the body."""

from collections.abc import Callable, Mapping

from werkzeug.wrappers import Response

from customer_portal.pages import (
	acting,
	addresses,
	conversation,
	files,
	notices,
	organisation,
	preferences,
	ticket,
	verification,
)
from customer_portal.pages.visitor import PREFIX, Visitor

Handler = Callable[[Visitor], Response]


def show(visitor: Visitor) -> Response:
	return ticket.show(visitor) if visitor.session else verification.show(visitor)


# Method and what follows /t/<token>: * stands for one part of the path.
ROUTES: Mapping[tuple[str, str], Handler] = {
	("GET", ""): show,
	("POST", "code"): verification.send_code,
	("POST", "resend"): verification.resend,
	("POST", "verify"): verification.check_code,
	("POST", "language"): preferences.choose_language,
	("POST", "sign-out"): ticket.sign_out,
	("GET", "preferences"): notices.show,
	("POST", "preferences"): notices.change,
	("GET", "state"): ticket.refresh,
	("GET", "file/*"): files.send,
	("GET", "messages"): conversation.refresh,
	("POST", "reply"): acting.reply,
	("POST", "accept"): acting.accept,
	("POST", "reject"): acting.reject,
	("POST", "reopen"): acting.reopen,
	("POST", "rate"): acting.rate,
	("POST", "organisation"): organisation.enter,
}


def is_ours(path: str) -> bool:
	"""Also where our prefix is misspelt, with capitals, spaces or more slashes: Frappe would keep such an address,
	with a link's token in it, in Redis. Only the right spelling finds a link.
	"""
	first = path.strip("/ ").partition("/")[0]
	return f"/{first.strip().lower()}" == PREFIX


def find(rest: tuple[str, ...], method: str) -> Handler:
	"""Raises what ``addresses.find`` raises."""
	return addresses.find(ROUTES, rest, method)[0]
