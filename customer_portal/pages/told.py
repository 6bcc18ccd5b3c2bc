"""Forms that answer with their own page: above it stands what went wrong, with what was typed."""

from collections.abc import Callable

import frappe
from werkzeug.wrappers import Response

from customer_portal.exceptions import MembersOnly, PortalError, SignedOut, TeamManagersOnly, TicketNotFound
from customer_portal.pages import views

OWN_PAGE = (
	SignedOut,
	MembersOnly,
	TeamManagersOnly,
	TicketNotFound,
)  # nothing of the page may be shown any more


def act(do: Callable[[], None], done: str, page: Callable[[PortalError], Response]) -> Response:
	"""``done`` is where to go when all went well; ``page`` makes the page with the problem.

	Raises what makes no sense from a page of ours.
	"""
	try:
		do()
	except OWN_PAGE:
		raise
	except PortalError as problem:
		if type(problem) is PortalError:
			raise
		frappe.db.rollback()
		return views.with_pause(page(problem), problem)
	return views.see_other(done)
