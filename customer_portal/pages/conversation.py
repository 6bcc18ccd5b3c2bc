"""The parts of the ticket's page that settings turn on: the messages, and the forms of what a customer may do."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import frappe
from babel.numbers import format_decimal
from werkzeug.wrappers import Response

from customer_portal import acting, keys, presence, tickets, uploads
from customer_portal.conversations import Conversation
from customer_portal.exceptions import ActNotOffered, SignedOut
from customer_portal.numerals import digits
from customer_portal.pages import forms, languages, views
from customer_portal.pages.caller import Caller
from customer_portal.pages.texts import translate as _
from customer_portal.tickets import Participant, State

SCRIPT, STYLE = "js/conversation.js", "css/conversation.css"
MENTIONS, MENTIONS_STYLE = "js/mentions.js", "css/mentions.css"
KILOBYTE = 1024


@dataclass(frozen=True)
class Tried:
	"""What was typed into a form that could not be taken, and why."""

	act: str
	problem: str = ""
	text: str = ""
	stars: int = 0


def parts(visitor: Caller, row: Mapping, state: State, tried: Tried | None = None) -> dict[str, object]:
	"""What ``views.page`` gets beside the usual; empty while no setting is on, so that nothing else changes."""
	offers = acting.offers(row, state, visitor.session)
	talk = tickets.conversation(row, visitor.session, _address(visitor), _before(visitor))
	if talk is None and not offers:
		return {}
	note_seen(visitor, str(row.name), talk)
	may_mention = visitor.is_member and offers.reply
	return {
		"scripts": ("js/ticket.js", SCRIPT, *([MENTIONS] if may_mention else [])),
		"styles": (STYLE, *([MENTIONS_STYLE] if may_mention else [])),
		"draft_key": keys.digest("draft", visitor.form_scope)[:16],
		"talk": talk,
		"talk_version": _version(visitor, talk, state) if talk else "",
		"is_newest": not _before(visitor),
		"offers": offers,
		"options": acting.rating_options() if offers.rate else {},
		"limits": uploads.limits() if offers.reply else None,
		"tried": tried or Tried(""),
		"done": _sentences().get(visitor.request.args.get("done", "")),
		"new_key": lambda: secrets.token_hex(16),
		"file_size": file_size,
	}


def refresh(visitor: Caller) -> Response:
	"""The newest messages alone; 304 (RFC 9110 13.1.2) while they are what the browser has."""
	row = tickets.visible_row(visitor.session) if visitor.session else None
	if row is None:
		raise SignedOut
	if not tickets.shows_conversation(visitor.session):
		raise ActNotOffered
	talk = tickets.conversation(row, visitor.session, _address(visitor))
	state = tickets.state(row, visitor.session, visitor.language)
	note_seen(visitor, str(row.name), talk)
	response = views.answer(_messages(visitor, talk, state))
	response.set_etag(_version(visitor, talk, state))
	return response.make_conditional(visitor.request)


def note_seen(visitor: Caller, ticket: str, talk: Conversation | None) -> None:
	"""The messages are before a member's eyes: no e-mail needs to bring them."""
	is_newest = talk is not None and not _before(visitor)
	if is_newest and isinstance(visitor.session, Participant) and visitor.is_looking:
		presence.note_seen(ticket, visitor.session.member.user, [one.name for one in talk.messages])
		frappe.local.flags.commit = True  # Frappe commits no GET by itself


def file_size(size: int, language: str) -> str:
	"""In the units that people know from their phones, rounded: "1.4 MB"."""
	locale = languages.locale_of(language)
	is_large = size >= KILOBYTE**2
	value = size / KILOBYTE**2 if is_large else max(1, size / KILOBYTE)
	number = digits(format_decimal(value, "#,##0.#" if is_large else "#,##0", locale=locale), locale)
	return _("{0} MB").format(number) if is_large else _("{0} kB").format(number)


def _messages(visitor: Caller, talk: Conversation, state: State) -> str:
	return views.fragment("messages.html", talk=talk, state=state, visitor=visitor, file_size=file_size)


def _version(visitor: Caller, talk: Conversation, state: State) -> str:
	"""Of all that the messages' HTML is made of."""
	shown = repr((talk, state.time_zone, visitor.language))
	return sha256(shown.encode()).hexdigest()[:32]


def _address(visitor: Caller) -> Callable[[str], str]:
	return lambda name: f"{visitor.home}/file/{name}"


def _before(visitor: Caller) -> str:
	return forms.query(visitor.request, "before") if visitor.request.method != "POST" else ""


def _sentences() -> dict[str, str]:
	return {
		"file": _("Your request is filed. We write to you when there is news."),
		"reply": _("Your message is sent."),
		"accept": _("Thank you. The ticket is closed."),
		"close": _("The ticket is closed."),
		"reject": _("Thank you for telling us. We go on working on it."),
		"reopen": _("The ticket is open again."),
		"rate": _("Thank you for your rating."),
		"follow": _("You follow this ticket now."),
		"unfollow": _("You do not follow this ticket any more."),
		"hide": _("The ticket is private now."),
		"show": _("Your colleagues see the ticket again."),
		"share": _("Your colleague sees the ticket now."),
		"unshare": _("The ticket is not shared with your colleague any more."),
	}
