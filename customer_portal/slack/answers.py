"""What people write in the threads of tickets, and what becomes of it in Helpdesk.

Slack may tell a change before the message itself, or a message before we know that our own post is there. So each event
is read as the state of its message: what it says, how often it was edited, whether it is there. The ledger has a row
for each message that was seen; of two that come at once, one waits for the other.

What was not meant for the customer when it was written never becomes a reply by itself: not when the channel's mode is
changed later, and not by a change of an old message that was never seen.
"""

import time
from dataclasses import replace

import frappe
from frappe import _

from customer_portal.clock import to_unix
from customer_portal.slack import (
	channels,
	edits,
	files,
	inbox,
	messages,
	objections,
	outbox,
	people,
	refusals,
	replies,
	rights,
	session,
)
from customer_portal.slack.channels import ALERTS, Place
from customer_portal.slack.files import Brought
from customer_portal.slack.markers import meaning
from customer_portal.slack.messages import Deleted, Written
from customer_portal.slack.outbox import IGNORED, INSIDE, NOTE, REFUSED, REMOVED, REPLY, UNMARKED, ledger
from customer_portal.slack.refusals import NotYet, Refusal

GIVEN_UP = "given up"
PARENT_SECONDS = 3
PARENT_TRIES_SECONDS = 60  # of what was told longer ago each try is an attempt, with a longer pause
DISORDER_SECONDS = 600  # by then Slack has told of a message that it told a change of


def take(payload: dict, attempts: int = 1) -> list[Refusal]:
	"""Raises ``NotYet``, and what ``client`` raises. The caller commits."""
	found = messages.read(payload, attempts)
	place = channels.place(found.channel) if found else None
	if place is None:
		return []
	mode = payload.get(inbox.MODE) or place.mode
	if payload.get(inbox.FOUND) and not _is_of_these_rules(found, place):
		return []
	if isinstance(found, Deleted):
		return refusals.of(_delete(found, place.at_most(mode)))
	return _write(found, place.at_most(mode)) or refusals.of(_came_too_late(found, place, mode))


def give_up(payload: dict, reason: str, is_old: bool) -> list[Refusal]:
	"""What could not be taken, ``is_old``: for a day; ``reason`` says why. Talk needs no word about it."""
	found = messages.read(payload)
	place = channels.place(found.channel) if found else None
	place = place.at_most(payload.get(inbox.MODE) or place.mode) if place else None
	if place is None or place.mode == ALERTS:
		return []
	if isinstance(found, Deleted):
		before = outbox.by_ts(found.channel, found.ts)
		return [_stays(found, before, GIVEN_UP, reason)] if replies.is_there(before) else []
	if meaning(found.text, place)[0] == IGNORED or not _may_be_ours(found):
		return []
	_leave_out(found)
	return [found.refuse(GIVEN_UP, _did_not_come(reason, is_old))]


def _leave_out(written: Written) -> None:
	"""Its author has been told that it does not come: it must not be found in Slack and come after all."""
	post = outbox.by_ts(written.channel, written.thread)
	_ignore(written, post.ticket if post else None, REFUSED)


def _is_of_these_rules(found: Written | Deleted, place: Place) -> bool:
	since = channels.ruled_since(place)
	return since is not None and float(found.ts) > to_unix(since)


def _write(written: Written, place: Place) -> list[Refusal]:
	post = _post(written)
	if post is None:
		return []
	known = outbox.by_ts(written.channel, written.ts)
	if known is None and written.is_change and not _is_young(written):
		return []
	if known:
		return refusals.of(_change(known, written, place))
	if place.mode == ALERTS:
		return refusals.of(_ignore(written, post.ticket, INSIDE))
	if not post.ticket:
		return refusals.of(_without_ticket(written, place))
	if _has_turned(written, place):
		return _turn(written, place, str(post.ticket))
	return refusals.of(_new(written, place, str(post.ticket)))


def _change(known: frappe._dict, written: Written, place: Place) -> Refusal | None:
	if known.ticket and place.mode != ALERTS and _is_reconsidered(known, written, place):
		return _new(written, place, str(known.ticket))
	return edits.take(known, written, place)


def _turn(written: Written, place: Place, ticket: str) -> list[Refusal]:
	first = replace(written, text=written.before, edited="")
	told = _new(first, place, ticket)
	known = outbox.by_ts(written.channel, written.ts)
	return refusals.of(told, _change(known, replace(written, before=None), place))


def _without_ticket(written: Written, place: Place) -> Refusal | None:
	if meaning(written.text, place)[0] == IGNORED:
		return _ignore(written, None, UNMARKED)
	_ignore(written, None, REFUSED)
	return written.refuse("without a ticket", _("This thread belongs to no ticket any more."))


def _came_too_late(written: Written, place: Place, mode: str) -> Refusal | None:
	"""It was meant for Helpdesk, and its channel took no such answers any more when it was worked off."""
	then, now = replace(place, mode=mode), place.at_most(mode)
	if written.is_change or now.mode == mode or meaning(written.text, then)[0] == IGNORED:
		return None
	known = outbox.by_ts(written.channel, written.ts)
	is_left_out = known and known.kind == IGNORED and known.reason in (INSIDE, UNMARKED)
	return written.refuse("too late", edits.no_answers_any_more()) if is_left_out else None


def _has_turned(written: Written, place: Place) -> bool:
	"""From a reply into a note or back, before its first word was told: in any order it stays what it was."""
	kinds = {meaning(text, place)[0] for text in (written.before, written.text) if text is not None}
	return kinds == {REPLY, NOTE}


def _post(written: Written) -> frappe._dict | None:
	"""Our post whose thread it is, without a ticket where that is gone. It may be there before Slack has answered that
	it is.
	"""
	post = outbox.by_ts(written.channel, written.thread)
	if post is None and outbox.has_unanswered_post(written.channel):
		raise NotYet(_("Waiting for Slack's answer about the ticket's post."), _parent_seconds(written))
	if post is None and ledger.has_thread(written.channel, written.thread):
		return frappe._dict(ticket=None)
	return post if post and post.kind == outbox.POST else None


def _parent_seconds(written: Written) -> float | None:
	is_fresh = time.time() - written.told_at < PARENT_TRIES_SECONDS
	return PARENT_SECONDS if is_fresh else None


def _may_be_ours(written: Written) -> bool:
	try:
		return _post(written) is not None
	except NotYet:
		return True


def _is_young(written: Written) -> bool:
	"""Whether its first word may still be on its way. Who previews a link has edited nothing."""
	return bool(written.edited) and written.told_at - float(written.ts) < DISORDER_SECONDS


def _is_reconsidered(known: frappe._dict, written: Written, place: Place) -> bool:
	"""Somebody has edited what nothing became of, so that something can."""
	is_ignored = known.kind == IGNORED and known.state != REMOVED
	if not is_ignored or known.reason == INSIDE or not edits.is_newer(written, known):
		return False
	kind, _text, is_marked = meaning(written.text, place)
	return is_marked or (kind == REPLY and known.reason == REFUSED)


def _new(written: Written, place: Place, ticket: str) -> Refusal | None:
	kind, text, _is_marked = meaning(written.text, place)
	if kind == IGNORED:
		return _ignore(written, ticket, UNMARKED)
	if not (text.strip() or written.files or written.is_forward):
		return _ignore(written, ticket, REFUSED)
	agent = people.agent_of(written.user)
	return _hindered(written, place, ticket, agent) or _say(
		replace(written, text=text), place, kind, ticket, agent
	)


def _hindered(written: Written, place: Place, ticket: str, agent: str | None) -> Refusal | None:
	hindered = rights.hindrance(place, ticket, agent)
	if hindered is None:
		return None
	_ignore(written, ticket, REFUSED)
	return written.refuse(hindered[0], _stays_inside(*hindered))


def _say(written: Written, place: Place, kind: str, ticket: str, agent: str) -> Refusal | None:
	"""Slack is asked before anything is locked; meanwhile the ticket may become somebody else's."""
	content = replies.content(written.text)
	brought = files.fetch(written.files, written.attempts)
	rights.hold(ticket)
	return _hindered(written, place, ticket, agent) or _bring(written, kind, ticket, agent, content, brought)


def _bring(
	written: Written, kind: str, ticket: str, agent: str, content: str, brought: Brought
) -> Refusal | None:
	left = f"{brought.sentence} {_forwarded() if written.is_forward else ''}".strip()
	is_empty = not (content or brought.files)
	error = "" if is_empty else replies.write(written, kind, ticket, agent, content, brought.files)
	if is_empty or error:
		_ignore(written, ticket, REFUSED)
	if error:
		return written.refuse("refused by Helpdesk", f"{error} {left}".strip())
	return written.refuse("not all of it", left) if left else None


def _ignore(written: Written, ticket: str | None, reason: str) -> None:
	ledger.receive(written, IGNORED, ticket, reason)


def _delete(deleted: Deleted, place: Place) -> Refusal | None:
	"""Also of a message that Slack has yet to tell: it will not come in any more.

	Who was an agent takes nothing back. Frappe keeps what is deleted.
	"""
	before = outbox.by_ts(deleted.channel, deleted.ts)
	if (before and before.kind in outbox.OURS) or not (before or _is_ours(deleted)):
		return None
	if not replies.is_there(before):
		ledger.remove(deleted)
		return None
	return _keeps(deleted, place, before) or _take_back(deleted, before)


def _take_back(deleted: Deleted, before: frappe._dict) -> Refusal | None:
	said = objections.of(lambda: _remove(deleted), str(before.ticket))
	return _stays(deleted, before, "refused by Helpdesk", said) if said else None


def _remove(deleted: Deleted) -> None:
	known = ledger.remove(deleted)
	if ledger.is_document(known):
		with session.as_author(known.slack_user):
			replies.delete(known)


def _keeps(deleted: Deleted, place: Place, before: frappe._dict) -> Refusal | None:
	hindered = rights.of_author(before, place)
	if hindered is None:
		return None
	return _stays(deleted, before, *hindered)


def _stays(deleted: Deleted, before: frappe._dict, reason: str, sentence: str) -> Refusal:
	text = _("Your message is deleted in Slack, but stays in Helpdesk: {0}").format(sentence)
	return Refusal(reason, deleted.channel, deleted.thread, before.slack_user, text)


def _is_ours(deleted: Deleted) -> bool:
	return bool(deleted.thread) and outbox.by_ts(deleted.channel, deleted.thread) is not None


def _stays_inside(reason: str, sentence: str) -> str:
	nothing = _("Nothing of this reaches the customer.")
	return f"{nothing} {sentence}" if reason == rights.NO_AGENT else sentence


def _forwarded() -> str:
	return _("A forwarded message stays in Slack. Copy its words into a message of your own to send them.")


def _did_not_come(reason: str, is_old: bool) -> str:
	if not is_old:
		return _("Helpdesk did not take it: {0}").format(reason)
	return _(
		"A message that you wrote or changed here a day ago did not reach Helpdesk, and is not tried again: {0}"
	).format(reason)
