"""The names that a member's page offers after an @."""

from werkzeug.wrappers import Response

from customer_portal import acting, mentions, tickets
from customer_portal.exceptions import ActNotOffered, TicketIsMerged
from customer_portal.pages import views
from customer_portal.pages.members import MemberVisitor


def show(visitor: MemberVisitor) -> Response:
	"""Only to whom may reply; names and opaque ids, which the form sends back.

	Raises what ``tickets.visible_row`` raises, ``TicketIsMerged`` and ``ActNotOffered``.
	"""
	row = tickets.visible_row(visitor.session)
	if row is None:
		raise TicketIsMerged
	state = tickets.state(row, visitor.session, visitor.language)
	if not acting.offers(row, state, visitor.session).reply:
		raise ActNotOffered
	found = mentions.look_up(visitor.member.user, row)
	return views.answer(views.fragment("mentions.html", agents=found))
