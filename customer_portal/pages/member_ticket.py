"""A ticket in the organisation portal: the pages of a ticket's link, for a member who may see it."""

from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from customer_portal import tickets
from customer_portal.pages import acting, conversation, files, members, mentions, switches, ticket
from customer_portal.pages.caller import Caller

Handler = Callable[[Request, tuple[str, ...]], Response]


def show(request: Request, starred: tuple[str, ...]) -> Response:
	visitor = members.receive_at(request, starred[0])
	return ticket.page_of(visitor, tickets.visible_row(visitor.session))


def _at_a_ticket(handle: Callable[[Caller], Response], part: str) -> Handler:
	return lambda request, starred: handle(members.receive_at(request, starred[0], part, *starred[1:]))


# Method and what follows the ticket's address.
HANDLERS: dict[tuple[str, str], Handler] = {
	("GET", "state"): _at_a_ticket(ticket.refresh, "state"),
	("GET", "messages"): _at_a_ticket(conversation.refresh, "messages"),
	("GET", "mentions"): _at_a_ticket(mentions.show, "mentions"),
	("GET", "file/*"): _at_a_ticket(files.send, "file"),
	("POST", "reply"): _at_a_ticket(acting.reply, "reply"),
	("POST", "accept"): _at_a_ticket(acting.accept, "accept"),
	("POST", "reject"): _at_a_ticket(acting.reject, "reject"),
	("POST", "close"): _at_a_ticket(acting.close, "close"),
	("POST", "reopen"): _at_a_ticket(acting.reopen, "reopen"),
	("POST", "rate"): _at_a_ticket(acting.rate, "rate"),
	**{("POST", name): _at_a_ticket(handle, name) for name, handle in switches.HANDLERS.items()},
}
