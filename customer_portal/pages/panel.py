"""The agents' panel of a ticket: its link, who is signed in, and what became of its messages.

Helpdesk's ticket page and the Desk show it in a frame. Every action is a form that answers with a redirect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import frappe
from werkzeug.wrappers import Request, Response

from customer_portal import link_desk, links, statuses, timeline
from customer_portal.exceptions import PortalError
from customer_portal.notifications import ledger
from customer_portal.pages import forms, panel_words, qr_code, staff, user_agents, views
from customer_portal.pages.staff import Staff
from customer_portal.pages.texts import translate as _

SCRIPT, STYLE = "js/panel.js", "css/panel.css"
DONE = "done"  # the parameter that names the action of which a notice speaks


@dataclass(frozen=True)
class Desk:
	"""An agent in front of a ticket that they may write."""

	staff: Staff
	ticket: str

	@property
	def home(self) -> str:
		return f"/portal/staff/ticket/{self.ticket}"


def receive(request: Request, ticket: str, right: str = "write") -> Desk:
	"""Raises ``AgentsOnly``, ``TicketNotFound`` and ``TicketNotAllowed``."""
	agent = staff.receive(request)
	return Desk(agent, link_desk.check_agent(ticket, right))


def show(request: Request, starred: tuple[str, ...]) -> Response:
	desk = receive(request, starred[0])
	notice = panel_words.notices().get(forms.query(request, DONE), "")
	return _page(desk, notice=notice, after=forms.query(request, "after"))


def _page(desk: Desk, status: int = 200, notice: str = "", problem: str = "", after: str = "") -> Response:
	link = link_desk.read(desk.ticket)
	title = _("Scan to open the ticket's link")
	return views.staff_page(
		"panel.html",
		desk.staff,
		status,
		scripts=(SCRIPT,),
		styles=(STYLE,),
		desk=desk,
		link=link,
		code=qr_code.svg(link.address, title) if link.address else None,
		label=_label(desk.ticket),
		ledger=ledger.read(desk.ticket, frappe.local.lang, after),
		after=after,
		words=panel_words,
		device=user_agents.short,
		notice=notice,
		problem=problem,
	)


def _label(ticket: str) -> str:
	"""What the customer reads at the head of the page."""
	line = timeline.read(ticket)
	return statuses.customer_label(
		statuses.template_of(ticket), line.sub_status, frappe.local.lang, line.current
	)


def _act(request: Request, starred: tuple[str, ...], name: str, action: Callable[[Desk], object]) -> Response:
	"""A refusal is told on the panel itself, and nothing is written."""
	desk = receive(request, starred[0])
	desk.staff.check_form()
	try:
		action(desk)
	except PortalError as refusal:
		frappe.db.rollback()
		return _page(desk, refusal.http_status_code, problem=refusal.message)
	return views.see_other(f"{desk.home}?{DONE}={name}")


def _revoke(desk: Desk) -> None:
	links.revoke(desk.ticket, forms.optional_field(desk.staff.request, "reason"))


def _end_session(desk: Desk) -> None:
	link_desk.end_session(desk.ticket, forms.field(desk.staff.request, "session"))


def _resend(desk: Desk) -> None:
	link_desk.resend(desk.ticket, forms.field(desk.staff.request, "message"))


ACTIONS: Mapping[str, Callable[[Desk], object]] = {
	"make": lambda desk: links.url(desk.ticket),
	"send": lambda desk: link_desk.send(desk.ticket),
	"rotate": lambda desk: links.rotate(desk.ticket),
	"revoke": _revoke,
	"unlock": lambda desk: links.unlock(desk.ticket),
	"end-session": _end_session,
	"resend": _resend,
}
HANDLERS = {name: partial(_act, name=name, action=action) for name, action in ACTIONS.items()}
