"""The forms of the ticket's page about who sees and follows it: for members of organisations alone."""

from collections.abc import Callable

from werkzeug.wrappers import Response

from customer_portal import switches, tickets
from customer_portal.exceptions import PortalError
from customer_portal.pages import forms, ticket, told
from customer_portal.pages.conversation import Tried
from customer_portal.pages.members import MemberVisitor
from customer_portal.tickets import Participant

PLACE = "people"
Handler = Callable[[MemberVisitor], Response]


def _does(act: str, do: Callable[[Participant], None]) -> Handler:
	def handle(visitor: MemberVisitor) -> Response:
		visitor.check_form()
		return _act(visitor, act, lambda: do(visitor.session))

	return handle


def _does_with(act: str, field: str, do: Callable[[Participant, str], None]) -> Handler:
	def handle(visitor: MemberVisitor) -> Response:
		visitor.check_form()
		whom = forms.field(visitor.request, field)
		return _act(visitor, act, lambda: do(visitor.session, whom), whom)

	return handle


def _act(visitor: MemberVisitor, act: str, do: Callable[[], None], typed: str = "") -> Response:
	def page(problem: PortalError) -> Response:
		row = tickets.visible_row(visitor.session)
		return ticket.page_of(visitor, row, Tried(act, problem.message, typed), problem.http_status_code)

	return told.act(do, f"{visitor.home}?done={act}#{PLACE}", page)


HANDLERS: dict[str, Handler] = {
	"follow": _does("follow", switches.follow),
	"unfollow": _does("unfollow", switches.unfollow),
	"hide": _does("hide", switches.hide),
	"show": _does("show", switches.show),
	"share": _does_with("share", "email", switches.share),
	"unshare": _does_with("unshare", "user", switches.unshare),
}
