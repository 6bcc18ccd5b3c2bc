"""The way out of the weekly digest: the page behind its link, and the one click of RFC 8058; as ``unsubscribe``."""

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import accounts, signed_addresses
from customer_portal.exceptions import LinkNotFound, PortalError
from customer_portal.notifications.letters import PURPOSE
from customer_portal.pages import csrf, forms, views
from customer_portal.pages.unsubscribe import AGAIN, ONE_CLICK


def show(_request: Request, starred: tuple[str, ...]) -> Response:
	return _page(_user(starred))


def change(request: Request, starred: tuple[str, ...]) -> Response:
	"""Answers with a page and no redirect, which RFC 8058 forbids."""
	user = _user(starred)
	forms.check_body(request)
	wishes = [name for name, value in (ONE_CLICK, AGAIN) if forms.optional_field(request, name) == value]
	if len(wishes) != 1:
		raise PortalError
	accounts.want_digest(user, wishes == [AGAIN[0]])
	return _page(user)


def _user(starred: tuple[str, ...]) -> str:
	"""Raises ``LinkNotFound`` for what we never sent, and for who is here no more."""
	user = signed_addresses.read(PURPOSE, starred[0])
	if user is None or not frappe.db.exists("User", user):
		raise LinkNotFound
	return user


def _page(user: str) -> Response:
	is_wanted = accounts.read(user).wants_digest
	return views.page("digest.html", is_wanted=is_wanted, frappe_token=csrf.frappe_token())
