"""The list of tickets that a member sees."""

from werkzeug.wrappers import Request, Response

from customer_portal import ticket_list, timezones
from customer_portal.pages import forms, members, views


def show(request: Request, _starred: tuple[str, ...]) -> Response:
	visitor = members.receive(request)
	page = ticket_list.read(visitor.member, visitor.language, forms.query(request, "after"))
	shown = {
		"page": page,
		"after": forms.query(request, "after"),
		"zone": timezones.own(visitor.member.time_zone).key,
	}
	return views.page("tickets.html", visitor, place="tickets", **shown)
