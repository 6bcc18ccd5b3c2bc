"""What a customer without an account may do with the ticket: one function per act, and one policy for all.

Each act is a setting, off by default. A message goes in by Helpdesk's own ``create_communication_via_contact``, as from
Helpdesk's portal, so that status, service level and notifications to agents are Helpdesk's; its sender is the verified
person (see ``on_behalf``). Acts of a ticket take turns, and the same filling of a form acts once.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from html import escape

import frappe
from frappe.utils import flt, get_datetime
from frappe.utils.caching import site_cache

from customer_portal import (
	access,
	mentions,
	on_behalf,
	settings,
	statuses,
	throttle,
	tickets,
	timeline,
	timezones,
	uploads,
)
from customer_portal.clock import utc_now
from customer_portal.constants import CLOSED, RESOLVED
from customer_portal.exceptions import (
	ActNotOffered,
	RatingMissing,
	SignedOut,
	TextMissing,
	TicketIsArchived,
	TicketIsMerged,
	TooManyReplies,
)
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient
from customer_portal.throttle import HOUR, Limit
from customer_portal.tickets import Participant, Person, State
from customer_portal.uploads import Upload

TICKET = "HD Ticket"
STARS = 5
OPTIONS_KEPT_SECONDS = 60
_HIDDEN = re.compile("[\\u202a-\\u202e\\u2066-\\u2069\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]")


@dataclass(frozen=True)
class Offers:
	"""``reopens``: a reply opens the ticket again. ``stars`` is what was given, 0 for nothing yet."""

	reply: bool = False
	reopens: bool = False
	answer: bool = False
	close: bool = False
	reopen: bool = False
	rate: bool = False
	stars: int = 0

	def __bool__(self) -> bool:
		return self.reply or self.answer or self.close or self.reopen or self.rate or bool(self.stars)


@dataclass(frozen=True)
class _Rights:
	"""What somebody may ever do with the ticket, whatever its state is now."""

	reply: bool
	end: bool
	close: bool
	reopen: bool
	rate: bool


@dataclass(frozen=True)
class Form:
	"""One filling of one form: ``key`` is the random value in it, ``scope`` names whose forms they are."""

	session: Person
	scope: str
	key: str


def offers(row: frappe._dict, state: State, person: Person) -> Offers:
	"""What the customer may do now; ``row`` has ``tickets.FIELDS``."""
	if state.is_archived or state.merged_from:
		return Offers()
	rights, main = _rights(row, person), state.main_status
	is_over = main >= RESOLVED
	answer = rights.end and main == RESOLVED
	may_reopen = rights.reopen and is_over and _is_recent(row, state)
	# By mail a customer may always write on; here a closed ticket opens only while it may be opened.
	reply = rights.reply and (main < CLOSED or may_reopen)
	stars = round(flt(row.feedback_rating) * STARS) if rights.rate else 0
	return Offers(
		reply=reply,
		reopens=reply and is_over,
		answer=answer,
		close=rights.close and not is_over,
		reopen=may_reopen and not answer,
		rate=rights.rate and is_over and not stars,
		stars=stars,
	)


def _rights(row: frappe._dict, person: Person) -> _Rights:
	if isinstance(person, Participant):
		may = partial(access.may, person.member, row=row)
		ends = may(act=access.CLOSE)
		return _Rights(may(act=access.REPLY), ends, ends, may(act=access.REOPEN), may(act=access.RATE))
	allowed = settings.get()
	return _Rights(
		reply=bool(allowed.show_conversation and allowed.allow_reply),
		end=bool(allowed.allow_answer_to_solution),
		close=False,
		reopen=bool(allowed.allow_reopen),
		rate=bool(allowed.allow_rating),
	)


@site_cache(ttl=OPTIONS_KEPT_SECONDS)
def rating_options() -> dict[int, list[str]]:
	"""Helpdesk's feedback options by the number of stars that they go with."""
	found = frappe.get_all(
		"HD Ticket Feedback Option", filters={"disabled": 0}, fields=["name", "rating"], order_by="creation"
	)
	by_stars: dict[int, list[str]] = {}
	for option in found:
		by_stars.setdefault(round(flt(option.rating) * STARS), []).append(option.name)
	return by_stars


def reply(form: Form, text: str, files: Sequence[Upload] = (), chosen: Sequence[str] = ()) -> None:
	"""``chosen`` are ids of ``mentions.Agent`` from the page's list.

	Raises ``TextMissing``, ``ActNotOffered`` and its kin, ``TooManyReplies``, ``TooManyMentions``, ``FileRefused``
	and its kin.
	"""
	_require(text or files)
	_check_offer(form, "reply")
	_count(form)
	uploads.scan(files)
	with _turn(form, "reply") as ticket:
		if ticket:
			_write(ticket, form, text, files, chosen)


def accept(form: Form) -> None:
	"""The solution helped: the ticket is closed."""
	_close(form, "answer")


def close(form: Form, reason: str = "") -> None:
	"""The customer needs nothing more; a reason is their last message."""
	_check_offer(form, "close")
	if reason:
		_count(form)
	_close(form, "close", reason)


def _close(form: Form, act: str, reason: str = "") -> None:
	with _turn(form, act) as ticket:
		if not ticket:
			return
		if reason:
			_write(ticket, form, reason)
			ticket.reload()
		ticket.sub_status = statuses.template_of(ticket).default_of(CLOSED).name
		ticket.save(ignore_permissions=True)


def reject(form: Form, reason: str) -> None:
	"""It did not: the reason is the customer's message, and the ticket is in progress again."""
	_require(reason)
	_check_offer(form, "answer")
	_count(form)
	with _turn(form, "answer") as ticket:
		if ticket:
			_write(ticket, form, reason)


def reopen(form: Form, reason: str = "") -> None:
	_check_offer(form, "reopen")
	_count(form)
	with _turn(form, "reopen") as ticket:
		if ticket and reason:
			_write(ticket, form, reason)
		elif ticket:
			ticket.status = ticket.ticket_reopen_status
			ticket.save(ignore_permissions=True)


def rate(form: Form, stars: int, option: str = "", text: str = "") -> None:
	"""Once, as in Helpdesk (``HDEmailFeedback.validate_existing_feedback``). The status stays as it is.

	Raises ``RatingMissing`` for other than 1 to 5 stars, and for an option of another number of stars.
	"""
	if not 1 <= stars <= STARS or (option and option not in rating_options().get(stars, ())):
		raise RatingMissing
	with _turn(form, "rate") as ticket:
		if ticket:
			ticket.update({"feedback_rating": stars / STARS, "feedback_extra": _HIDDEN.sub("", text)})
			ticket.feedback = option or None
			ticket.save(ignore_permissions=True)


def paragraphs(text: str, markup: Callable[[str], str] = escape) -> str:
	"""Plain text as harmless HTML: a paragraph per block of lines, no links made, no hidden signs.

	``markup`` makes HTML of the plain text of each block.
	"""
	visible = _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
	blocks = re.split(r"\n\s*\n", visible)
	return "".join(f'<p dir="auto">{markup(block).replace(chr(10), "<br>")}</p>' for block in blocks)


def _write(ticket, form: Form, text: str, files: Sequence[Upload] = (), chosen: Sequence[str] = ()) -> None:
	# Helpdesk would send its mail to the agents here and now; an outage would lose the customer's words.
	ticket.send_reply_email_to_agent = partial(_mail_agents_later, ticket.name)
	is_member = isinstance(form.session, Participant)
	roll = mentions.Roll(mentions.of_ticket(ticket) if is_member and "@" in text else (), chosen)
	content = paragraphs(text, roll.markup) if text else ""
	attached = [{"name": _store(ticket, file)} for file in files]
	ticket.create_communication_via_contact(content, attachments=attached)
	if roll.mentioned:
		mentions.notify(str(ticket.name), form.session.member.user, content, roll)


def _store(ticket, file: Upload) -> str:
	"""The File that Helpdesk moves to the message; a second one of the same content stays with the ticket.

	Else Helpdesk would make that one, and Frappe would read the stored file as text of some code page for it and
	write that again: another file, and a broken one.
	"""
	names = [uploads.store(file, TICKET, str(ticket.name)) for _copy in range(2)]
	return names[0]


def _mail_agents_later(ticket: str, message: str) -> None:
	frappe.enqueue_doc(
		TICKET, ticket, "send_reply_email_to_agent", enqueue_after_commit=True, message=message
	)


@contextmanager
def _turn(form: Form, act: str) -> Iterator[object | None]:
	"""The ticket's document, locked, to be changed within; None when this form has done its work already."""
	subject = throttle.ticket_subject(form.session.ticket)
	with throttle.hold(subject):
		if not throttle.take_once(throttle.form_subject(form.scope, form.key)):
			yield None
			return
		row = _check_offer(form, act)
		person = Recipient(form.session.channel, form.session.recipient)
		failed = f"ticket {row.name} could not be changed"
		with on_behalf.of(recipients.mail_address(row, person)), on_behalf.rules_of_others(failed):
			yield frappe.get_doc(TICKET, row.name, for_update=True)
		timeline.note_seen(str(row.name))  # what they did themselves is no news to them


def _check_offer(form: Form, act: str) -> frappe._dict:
	"""The ticket's row. Raises ``TicketIsMerged``, ``TicketIsArchived``, ``ActNotOffered``, ``SignedOut``."""
	person = tickets.renewed(form.session)
	if person is None:
		raise SignedOut  # ended while the request waited for its turn, or for a scanner
	row = tickets.visible_row(person)
	if row is None:
		raise TicketIsMerged
	state = tickets.state(row, person, frappe.local.lang)
	if state.merged_from:
		raise TicketIsMerged
	if state.is_archived:
		raise TicketIsArchived
	if not getattr(offers(row, state, person), act):
		raise ActNotOffered
	return row


def _count(form: Form) -> None:
	"""One more message of this ticket; a form that is sent twice is one. Raises ``TooManyReplies``."""
	subject = throttle.ticket_subject(form.session.ticket)
	with throttle.hold(subject):
		if throttle.is_taken(throttle.form_subject(form.scope, form.key)):
			return
		limit = Limit(settings.number("replies_per_hour"), HOUR)
		if seconds := throttle.wait_seconds(throttle.REPLY, subject, limit):
			raise TooManyReplies(seconds)
		throttle.record(throttle.REPLY, subject)


def _require(given: object) -> None:
	if not given:
		raise TextMissing


def _is_recent(row: frappe._dict, state: State) -> bool:
	"""Within the days that the settings give, from Helpdesk's time of resolution on."""
	resolved = _resolved_at(row, state)
	return resolved is not None and utc_now() - resolved <= timedelta(days=settings.number("reopen_days"))


def _resolved_at(row: frappe._dict, state: State) -> datetime | None:
	if row.resolution_date:
		return timezones.to_utc(get_datetime(row.resolution_date))
	return state.last_update
