"""The portal's front page: members go on to their tickets, all others may sign in or look for their ticket's link."""

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import access
from customer_portal.pages import brand, views
from customer_portal.pages.members import TICKETS


def show(_request: Request, _rest: tuple[str, ...]) -> Response:
	if access.member(frappe.session.user):
		return views.see_other(TICKETS)
	return views.page("portal.html", contact=brand.contact(), may_sign_in=access.is_open())
