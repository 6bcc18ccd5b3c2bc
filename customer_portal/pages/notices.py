"""Which messages about the ticket its verified customer wants. Other addresses of the ticket are shown masked."""

from werkzeug.wrappers import Response

from customer_portal import tickets
from customer_portal.exceptions import PortalError, SignedOut
from customer_portal.notifications import preferences
from customer_portal.otp.recipients import Recipient
from customer_portal.pages import forms, views
from customer_portal.pages.visitor import Visitor

PATH = "preferences"


def show(visitor: Visitor) -> Response:
	"""Without a session, or with one for a ticket that it may not see any more: the way in."""
	ticket = _ticket(visitor)
	if ticket is None:
		return views.see_other(visitor.home)
	is_saved = forms.query(visitor.request, "saved") == "1"
	wanted = preferences.of_ticket(ticket, _person(visitor))
	return views.page("preferences.html", visitor, ticket=ticket, preferences=wanted, is_saved=is_saved)


def change(visitor: Visitor) -> Response:
	"""A box that is not ticked is not sent: the form also names the channels that it showed."""
	visitor.check_form()
	ticket = _ticket(visitor)
	if ticket is None:
		return views.see_other(visitor.home)
	shown, on = (forms.values(visitor.request, name) for name in ("shown", "on"))
	mute = forms.optional_field(visitor.request, "mute")
	if not on <= shown or mute not in ("", "1"):
		raise PortalError
	wanted = {channel: channel in on for channel in shown}
	preferences.change(ticket, _person(visitor), mute == "1", wanted)
	return views.see_other(f"{visitor.home}/{PATH}?saved=1")


def _ticket(visitor: Visitor) -> str | None:
	"""The one that is shown: after a merge the surviving one."""
	try:
		row = tickets.visible_row(visitor.session) if visitor.session else None
	except SignedOut:
		return None
	return str(row.name) if row else None


def _person(visitor: Visitor) -> Recipient:
	return Recipient(visitor.session.channel, visitor.session.recipient)
