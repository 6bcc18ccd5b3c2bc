"""The ticket's page as its customer sees it, for an agent: read only, recorded, and not counted as the customer's."""

import frappe
from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from customer_portal import link_desk, tickets
from customer_portal.exceptions import FileNotShown, PortalError, TicketNotAllowed
from customer_portal.notifications import languages as customers_languages
from customer_portal.otp import recipients
from customer_portal.pages import brand, conversation, files, forms, languages, panel, views
from customer_portal.pages import ticket as ticket_page
from customer_portal.pages.panel import Desk
from customer_portal.tickets import Viewer

STYLE = "css/preview.css"


def show(request: Request, starred: tuple[str, ...]) -> Response:
	desk = panel.receive(request, starred[0], "read")
	language = _language(request, desk.ticket)
	viewer, row = _look(desk)
	banner = Markup(views.fragment("preview_banner.html", **_banner(language)))
	if request.method == "GET":
		_record(desk)
	frappe.local.lang = language
	if row is None:
		return views.page("merged.html", styles=(STYLE,), banner=banner, contact=brand.contact())
	shown = ticket_page.content(row, viewer, language, desk.home)
	talk = tickets.conversation(row, viewer, lambda name: f"{desk.home}/file/{name}")
	shown |= {"talk": talk, "is_newest": True, "file_size": conversation.file_size}
	return views.page("ticket.html", styles=(STYLE, conversation.STYLE), banner=banner, **shown)


def send_file(request: Request, starred: tuple[str, ...]) -> Response:
	"""A file that the page shows. Raises ``FileNotShown`` for every other one."""
	ticket, name = starred
	desk = panel.receive(request, ticket, "read")
	viewer, row = _look(desk)
	file = tickets.shown_file(row, viewer, name) if row else None
	if file is None:
		raise FileNotShown
	return files.download(request, file.name)


def _look(desk: Desk) -> tuple[Viewer, frappe._dict | None]:
	"""As the person to whom the ticket's messages go. The ticket that a merged one shows needs the right as well."""
	person = next(iter(recipients.of(desk.ticket)), None)
	viewer = Viewer(desk.ticket, person.channel if person else "", person.address if person else "")
	row = tickets.row_for_preview(viewer)
	if row and not frappe.has_permission(link_desk.TICKET, "read", row.name):
		raise TicketNotAllowed
	return viewer, row


def _language(request: Request, ticket: str) -> str:
	"""The one that was asked for, else that of the customer's messages, else the first that is offered."""
	offered = languages.offered()
	asked = forms.query(request, "language")
	if asked and asked not in offered:
		raise PortalError
	own = customers_languages.of_ticket(ticket)
	return asked or (own if own in offered else offered[0])


def _banner(shown: str) -> dict[str, object]:
	direction = languages.direction(frappe.local.lang)
	return {"direction": direction, "languages": languages.offered(), "shown": shown}


def _record(desk: Desk) -> None:
	"""Frappe's own log of who viewed what."""
	view = {
		"viewed_by": desk.staff.user,
		"reference_doctype": link_desk.TICKET,
		"reference_name": desk.ticket,
	}
	frappe.get_doc({"doctype": "View Log", **view}).insert(ignore_permissions=True)
	frappe.local.flags.commit = True  # Frappe commits no GET by itself
