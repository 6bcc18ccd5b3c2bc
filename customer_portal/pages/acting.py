"""The forms of the ticket's page: each answers with the page itself, after a redirect when all went well."""

import re
from collections.abc import Callable

import frappe
from werkzeug.wrappers import Response

from customer_portal import acting, tickets, uploads
from customer_portal.acting import Form
from customer_portal.exceptions import PortalError, SignedOut
from customer_portal.pages import forms, ticket, views
from customer_portal.pages.caller import Caller
from customer_portal.pages.conversation import Tried

LARGEST_TEXT_BODY = (
	12 * forms.LONGEST_TEXT + forms.LARGEST_BODY
)  # a letter takes 12 bytes at most: %F0%9F%98%80
_KEY = re.compile(r"[0-9a-f]{32}")
_MENTION = re.compile(r"[0-9a-f]{20}")
MOST_CHOSEN = 100  # also of names that are no longer in the text


def reply(visitor: Caller) -> Response:
	visitor.check_form(uploads.largest_body())
	return _act(
		visitor, "reply", lambda form, text: acting.reply(form, text, _files(visitor), _chosen(visitor))
	)


def accept(visitor: Caller) -> Response:
	visitor.check_form()
	return _act(visitor, "accept", lambda form, text: acting.accept(form))


def close(visitor: Caller) -> Response:
	visitor.check_form(LARGEST_TEXT_BODY)
	return _act(visitor, "close", acting.close)


def reject(visitor: Caller) -> Response:
	visitor.check_form(LARGEST_TEXT_BODY)
	return _act(visitor, "reject", acting.reject)


def reopen(visitor: Caller) -> Response:
	visitor.check_form(LARGEST_TEXT_BODY)
	return _act(visitor, "reopen", acting.reopen)


def rate(visitor: Caller) -> Response:
	visitor.check_form(LARGEST_TEXT_BODY)
	stars = _stars(visitor)
	option = forms.optional_field(visitor.request, f"option_{stars}")
	return _act(visitor, "rate", lambda form, text: acting.rate(form, stars, option, text), stars)


def _act(visitor: Caller, act: str, do: Callable[[Form, str], None], stars: int = 0) -> Response:
	"""Raises what makes no sense from a page of ours; all else is told above the form, with what was typed."""
	form = _form(visitor)
	typed = visitor.request.form.get("text", "")[: 2 * forms.LONGEST_TEXT]
	try:
		do(form, forms.text(visitor.request, "text"))
	except SignedOut:
		raise
	except PortalError as problem:
		if type(problem) is PortalError:
			raise
		return _told(visitor, Tried(act, problem.message, typed, stars), problem)
	return views.see_other(f"{visitor.home}?done={act}#done")


def _told(visitor: Caller, tried: Tried, problem: PortalError) -> Response:
	frappe.db.rollback()
	row = tickets.visible_row(visitor.session)
	return views.with_pause(ticket.page_of(visitor, row, tried, problem.http_status_code), problem)


def _form(visitor: Caller) -> Form:
	if not visitor.session:
		raise SignedOut
	key = forms.field(visitor.request, "key")
	if not _KEY.fullmatch(key):
		raise PortalError
	return Form(visitor.session, visitor.form_scope, key)


def _files(visitor: Caller) -> list[uploads.Upload]:
	return uploads.take(forms.files(visitor.request, "files"))


def _chosen(visitor: Caller) -> list[str]:
	"""Whom the page's list has put into the text, in the order of choosing."""
	given = visitor.request.form.getlist("mention")
	if len(given) > MOST_CHOSEN or not all(_MENTION.fullmatch(one) for one in given):
		raise PortalError
	return given


def _stars(visitor: Caller) -> int:
	"""0 when none is chosen."""
	given = forms.optional_field(visitor.request, "stars")
	if given not in ("", *map(str, range(1, acting.STARS + 1))):
		raise PortalError
	return int(given or 0)
