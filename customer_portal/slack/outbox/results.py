"""What became of a call, recorded by the worker that made it. Each of these ends the claim, and commits."""

import random
from datetime import timedelta

import frappe

from customer_portal.clock import utc_now
from customer_portal.slack.outbox.table import (
	DOCTYPE,
	FAILED,
	POST,
	QUEUED,
	REMOVED,
	SENDING,
	SENT,
	Lost,
	Row,
	change,
	put_in_order,
)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=2)
DOUBT = timedelta(seconds=15)  # by then a call without an answer has had its effect, or never will
PATIENCE = 5  # attempts, after which a thread lets the channel's others go first
LONGEST_REASON = 500  # characters

_WANTED_SINCE = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET state = 'Queued', attempts = 0,
		wanted_at = %(now)s, due_at = %(now)s, queued_at = %(now)s, is_follow_up = (%(is_post)s AND ts IS NOT NULL)
	WHERE name = %(name)s AND state IN ('Sent', 'Removed', 'Failed') AND wanted > done"""
_WAIT_WITH_IT = f"""SELECT name FROM `tab{DOCTYPE}` WHERE (name = %(name)s
		OR (ticket = %(ticket)s AND channel = %(channel)s)) AND state = 'Queued' AND queued_at <= %(now)s
	ORDER BY queued_at, name"""


def finish(row: Row, called: bool = False, is_removed: bool = False, **values: object) -> None:
	"""What was wanted at the claim is in Slack now, or gone from there; what was wanted since is due again.
	``called``: Slack was.
	"""
	gone = {"ts": None, "thread_ts": None, "shown": None} if is_removed else {}
	times = {"sent_at": utc_now()} if called else {}
	ended = {"state": REMOVED if is_removed else SENT, "reason": None}
	_rest(row, {**ended, **gone, **times, **values})


def abandon(row: Row, reason: str) -> None:
	"""It has no place there any more; what is in Slack already stays as it is."""
	state = SENT if row.ts else REMOVED
	_rest(row, {"state": state, "reason": reason})


def put_behind(row: Row, pause: timedelta) -> None:
	"""Not yet, and no reason to keep others waiting, not even of its own thread."""
	due = utc_now() + pause
	_end(row, {"state": QUEUED, "wanted_at": due, "due_at": due, "queued_at": due, "attempts": 0})
	frappe.db.commit()


def put_off(row: Row, reason: str, retry_after: float | None = None) -> None:
	"""Nothing has happened: again after what Slack asked for, which counts as no attempt, or after a pause that
	doubles. Never given up.
	"""
	if retry_after is None:
		return _try_again(row, reason, _pause(row))
	due = utc_now() + timedelta(seconds=retry_after)
	_end(row, {"state": QUEUED, "due_at": due, "attempts": row.attempts - 1, "reason": reason})
	return frappe.db.commit()


def doubt(row: Row, reason: str) -> None:
	"""It may be in Slack: whoever takes it next looks first."""
	since = row.doubtful_since or row.claimed_at
	_try_again(row, reason, max(_pause(row), DOUBT), doubtful_since=since, sent_at=utc_now())


def break_off(row: Row, reason: str) -> None:
	"""Something of ours went wrong, before or after a call: Slack may have been called from the first ``renew`` on."""
	claimed_at = frappe.db.get_value(DOCTYPE, row.name, "claimed_at")
	end = put_off if claimed_at == row.claimed_at else doubt
	end(row, reason)


def fail(row: Row, reason: str) -> None:
	"""Slack will never take it as it is."""
	_rest(row, {"state": FAILED, "reason": reason})


def _rest(row: Row, values: dict[str, object]) -> None:
	"""Until its ticket or message changes, or at once where it has changed since the claim."""
	_end(row, {"done": row.wanted, "doubtful_since": None, **values})
	is_post = int(row.kind == POST)
	frappe.db.sql(_WANTED_SINCE, {"name": row.name, "now": utc_now(), "is_post": is_post})
	frappe.db.commit()


def _try_again(row: Row, reason: str, pause: timedelta, **values: object) -> None:
	_end(row, {"state": QUEUED, "due_at": utc_now() + pause, "reason": reason, **values})
	if row.attempts >= PATIENCE:
		_let_others_pass(row)
	frappe.db.commit()


def _let_others_pass(row: Row) -> None:
	"""The row may be at fault and not Slack. Its whole thread steps behind what waits in the channel, in its order."""
	known = {"name": row.name, "ticket": row.ticket, "channel": row.channel, "now": utc_now()}
	waiting = frappe.db.sql(_WAIT_WITH_IT, known, pluck=True)
	put_in_order(waiting, known["now"], timedelta(microseconds=1))


def _pause(row: Row) -> timedelta:
	return min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE) * random.uniform(0.8, 1.2)


def _end(row: Row, values: dict[str, object]) -> None:
	"""Raises ``Lost``."""
	if values.get("reason"):
		values["reason"] = str(values["reason"])[:LONGEST_REASON]
	if not change(row.name, SENDING, values, row.claim):
		raise Lost
