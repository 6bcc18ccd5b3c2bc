"""The ticket itself, for a verified browser."""

from collections.abc import Mapping
from hashlib import sha256

import frappe
from markupsafe import Markup
from werkzeug.wrappers import Response

from customer_portal import links, sessions, switches, ticket_facts, tickets, timeline
from customer_portal.exceptions import SignedOut
from customer_portal.html import CleanHtml
from customer_portal.pages import brand, conversation, cookies, views
from customer_portal.pages.caller import Caller
from customer_portal.pages.conversation import Tried
from customer_portal.pages.visitor import Visitor
from customer_portal.sign_in import rising
from customer_portal.switches import Switches
from customer_portal.tickets import Participant

SCRIPT = "js/ticket.js"
PEOPLE_STYLE = "css/people.css"


def show(visitor: Visitor) -> Response:
	try:
		row = tickets.visible_row(visitor.session)
	except SignedOut:
		return _end(visitor)
	if visitor.is_looking:
		links.note_opened(visitor.link)
		frappe.local.flags.commit = True  # Frappe commits no GET by itself
	return page_of(visitor, row)


def page_of(visitor: Caller, row: Mapping | None, tried: Tried | None = None, status: int = 200) -> Response:
	"""The page of a ticket that this person may see; ``row`` is None for one that was merged out of their sight.

	``tried`` is a form of the page that could not be taken.
	"""
	if row is None:
		return views.page("merged.html", visitor, contact=brand.contact())
	known = content(row, visitor.session, visitor.language, visitor.home)
	_note_seen(visitor, known["state"])
	known.update(conversation.parts(visitor, row, known["state"], tried))
	if found := _switches(visitor, row, known["state"]):
		known |= {"switches": found, "styles": (*known["styles"], PEOPLE_STYLE)}
	template = "ticket.html"
	if isinstance(visitor.session, Participant):
		template, known["facts"] = "member_ticket.html", ticket_facts.of(row, visitor.session.member)
	else:
		known["is_member_elsewhere"] = rising.is_offered(visitor.session)
	return views.page(template, visitor, status, **{"scripts": (SCRIPT,), **known})


def _switches(visitor: Caller, row: Mapping, state: tickets.State) -> Switches | None:
	"""For members alone. A merged ticket's page shows another one, which has a page of its own."""
	is_shown = isinstance(visitor.session, Participant) and not state.merged_from
	return switches.read(row, visitor.session) if is_shown else None


def content(row: Mapping, session: tickets.Person, language: str, home: str) -> dict[str, object]:
	"""What the page shows, to its customer and to an agent in the customer's place; files are below ``home``."""
	files = tickets.description(row, lambda name: f"{home}/file/{name}")
	return content_of(tickets.state(row, session, language), files)


def content_of(state: tickets.State, description: CleanHtml) -> dict[str, object]:
	"""The same of what is known already."""
	block, version = _state_block(state)
	return {
		"state": state,
		"block": Markup(block),
		"version": version,
		"description": description,
		"contact": brand.contact(),
	}


def _end(visitor: Visitor) -> Response:
	"""An agent has taken this person off the ticket: from now on the browser stands before the door again."""
	sessions.close(visitor.session, "No longer a contact of the ticket")
	frappe.local.flags.commit = True
	return views.see_other(visitor.home)


def refresh(visitor: Caller) -> Response:
	"""The block of the page that changes; 304 (RFC 9110 13.1.2) while it is what the browser has."""
	row = tickets.visible_row(visitor.session) if visitor.session else None
	if row is None:
		raise SignedOut
	state = tickets.state(row, visitor.session, visitor.language)
	_note_seen(visitor, state)
	block, version = _state_block(state)
	response = views.answer(block)
	response.set_etag(version)
	return response.make_conditional(visitor.request)


def _note_seen(visitor: Caller, state: tickets.State) -> None:
	"""Of the ticket that is shown, which after a merge is another one than the link's."""
	if state.has_unseen and visitor.is_looking:
		timeline.note_seen(state.ticket)
		frappe.local.flags.commit = True  # Frappe commits no GET by itself


def _state_block(state: tickets.State) -> tuple[str, str]:
	"""The HTML, and its version for ETag."""
	block = views.fragment("state.html", state=state)
	return block, sha256(block.encode()).hexdigest()[:32]


def sign_out(visitor: Visitor) -> Response:
	visitor.check_form()
	if visitor.session:
		sessions.close(visitor.session)
	response = views.see_other(visitor.home)
	cookies.drop_cookie(response, cookies.SESSION, visitor.home)
	return response
