"""From a ticket's link to all tickets of the organisation, for whom one admits by the address that they have verified."""

import frappe
from werkzeug.wrappers import Response

from customer_portal import tickets
from customer_portal.exceptions import ActNotOffered, SignedOut
from customer_portal.pages import sign_in, views
from customer_portal.pages.members import TICKETS
from customer_portal.pages.visitor import Visitor
from customer_portal.request_address import client_address
from customer_portal.sign_in import rising


def enter(visitor: Visitor) -> Response:
	"""The list of tickets, or the sign-in page with the address filled in where the session is not proof enough."""
	visitor.check_form()
	if not visitor.session:
		raise SignedOut
	tickets.visible_row(visitor.session)  # whom an agent has taken off the ticket is signed out here too
	if not rising.is_offered(visitor.session):
		raise ActNotOffered
	address = rising.address_of(visitor.session)
	if not rising.is_enough(visitor.session, visitor.browser):
		return sign_in.ask(visitor.request, visitor.language, address)
	result = rising.enter(visitor.session, client_address(), visitor.language)
	if not result.user:
		return sign_in.ask(visitor.request, visitor.language, address, result)
	frappe.local.login_manager.login_as(result.user)
	return views.see_other(TICKETS)
