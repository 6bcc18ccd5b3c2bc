"""The way out of our e-mails: the page behind their link, and the one click of RFC 8058.

Mail scanners open links, so opening changes nothing. The post needs neither cookie nor form token: mail programs
send it by themselves, and whoever has the address may do it.
"""

from werkzeug.wrappers import Request, Response

from customer_portal import opt_outs
from customer_portal.exceptions import LinkNotFound, PortalError
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.pages import csrf, forms, views

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058, section 3.1
AGAIN = ("again", "1")


def show(_request: Request, starred: tuple[str, ...]) -> Response:
	return _page(_recipient(starred))


def change(request: Request, starred: tuple[str, ...]) -> Response:
	"""Answers with a page and no redirect, which RFC 8058 forbids."""
	recipient = _recipient(starred)
	forms.check_body(request)
	wishes = [name for name, value in (ONE_CLICK, AGAIN) if forms.optional_field(request, name) == value]
	if len(wishes) != 1:
		raise PortalError
	if wishes == [AGAIN[0]]:
		opt_outs.start(EMAIL, recipient)
	else:
		opt_outs.stop(EMAIL, recipient, opt_outs.UNSUBSCRIBE)
	return _page(recipient)


def _recipient(starred: tuple[str, ...]) -> Recipient:
	"""Raises ``LinkNotFound`` for what we never sent."""
	recipient = opt_outs.read(starred[0])
	if recipient is None:
		raise LinkNotFound
	return recipient


def _page(recipient: Recipient) -> Response:
	return views.page(
		"unsubscribe.html",
		masked=recipient.masked,
		is_out=opt_outs.is_out(EMAIL, recipient),
		frappe_token=csrf.frappe_token(),
	)
