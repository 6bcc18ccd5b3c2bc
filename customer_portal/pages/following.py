"""The way out of the e-mails about one ticket: the page behind their link, and the one click of RFC 8058.

As with ``unsubscribe``, opening changes nothing, and whoever has the address may post to it.
"""

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import access, follow_links, followers
from customer_portal.exceptions import LinkNotFound, PortalError
from customer_portal.pages import csrf, forms, views
from customer_portal.pages.unsubscribe import AGAIN, ONE_CLICK


def show(_request: Request, starred: tuple[str, ...]) -> Response:
	return _page(*_read(starred))


def change(request: Request, starred: tuple[str, ...]) -> Response:
	"""Answers with a page and no redirect, which RFC 8058 forbids."""
	ticket, user = _read(starred)
	forms.check_body(request)
	wishes = [name for name, value in (ONE_CLICK, AGAIN) if forms.optional_field(request, name) == value]
	if len(wishes) != 1:
		raise PortalError
	if wishes == [ONE_CLICK[0]]:
		followers.unfollow(ticket, user)
	elif _may_follow(ticket, user):
		followers.follow(ticket, user)
	return _page(ticket, user)


def _read(starred: tuple[str, ...]) -> tuple[str, str]:
	"""Raises ``LinkNotFound`` for what we never sent, and for a ticket or a person who is gone."""
	found = follow_links.read(starred[0])
	if found is None or not frappe.db.exists("HD Ticket", found[0]) or not frappe.db.exists("User", found[1]):
		raise LinkNotFound
	return found


def _may_follow(ticket: str, user: str) -> bool:
	who = access.member(user)
	row = frappe.db.get_value("HD Ticket", ticket, access.FIELDS, as_dict=True)
	return bool(who and row and access.may(who, access.FOLLOW, row))


def _page(ticket: str, user: str) -> Response:
	return views.page(
		"following.html",
		ticket=ticket,
		has_left=followers.choice(ticket, user) is False,
		may_follow=_may_follow(ticket, user),
		frappe_token=csrf.frappe_token(),
	)
