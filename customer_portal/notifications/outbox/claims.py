"""Taking a due row in order to send it, and what of a burst gives way to what."""

import math
import time
from dataclasses import fields
from datetime import timedelta

import frappe
from frappe import _

from customer_portal.clock import utc_now
from customer_portal.notifications import courtesy, drafts, letters, reply_courtesy
from customer_portal.notifications.courtesy import Drop, Hold
from customer_portal.notifications.drafts import LINK, REPLY
from customer_portal.notifications.outbox.table import (
	CANDIDATES,
	DOCTYPE,
	Notification,
	change,
	due_names,
	roll_back,
	supersede,
)

LONGEST_HOLD_SECONDS = 3600
WAIT_BEHIND_SECONDS = 5  # while an older message to the same customer is on its way
SHORTEST_PAUSE, GIVE_UP_AFTER = timedelta(minutes=1), timedelta(hours=24)  # of a row that cannot be prepared


def claim(deadline: float = math.inf) -> Notification | None:
	"""Takes the next due row for the caller, who is about to send it; None when nothing is due.

	None too when ``deadline`` (of ``time.monotonic``) has passed before a row was found that goes out now.

	The caller's transaction has a snapshot that is new, and ends here.

	One row at a time, so that a worker that dies leaves no more than one in doubt. Rows are locked by primary key
	with SKIP LOCKED: workers do not wait for each other, and no gap lock makes an agent's save wait for a worker.
	"""
	while time.monotonic() < deadline:
		names = due_names()
		frappe.db.commit()  # what follows the lock needs a new snapshot: others may have taken a message since
		row = next(filter(None, map(_lock, names)), None)
		if row is None and len(names) < CANDIDATES:
			return None  # what is due is in others' hands
		claimed = row and _take_or_put_off(row)
		frappe.db.commit()  # the claim must be seen by all before the call
		if claimed:
			return claimed
	return None


def _lock(name: str):
	"""The row if it is still queued and no other worker looks at it."""
	table = f"`tab{DOCTYPE}` FORCE INDEX (PRIMARY)"
	query = f"SELECT * FROM {table} WHERE name = %(name)s AND state = 'Queued' FOR UPDATE SKIP LOCKED"
	found = frappe.db.sql(query, {"name": name}, as_dict=True)
	return found[0] if found else None


def _take_or_put_off(row) -> Notification | None:
	"""A row that breaks what is asked about it keeps no other waiting. Logged by its kind alone, as in ``dispatch``."""
	try:
		return _take_letter(row) if row.kind in drafts.LETTERS else _take(row)
	except Exception as error:  # noqa: BLE001
		roll_back()
		_put_off(row, type(error).__name__)
		return None


def _put_off(row, kind: str) -> None:
	"""Again after pauses that double; given up a day after the first failure, however long it had waited before."""
	now = utc_now()
	since = row.fails_since or now
	pause = max(now - since, SHORTEST_PAUSE)
	values = {"due_at": now + pause, "fails_since": since} if pause < GIVE_UP_AFTER else {"state": "Failed"}
	change(row.name, "Queued", {**values, "reason": f"Unexpected {kind} before sending"})
	frappe.log_error("A notification could not be prepared", kind, DOCTYPE, row.name)


def _take(row) -> Notification | None:
	others = _others_like(row)
	if any(other.state == "Sending" for other in others):
		return _wait_behind(row)
	if newer := _newer(row, others):
		return _give_way(row, newer[-1])
	if _has_passed(row):
		return supersede(row.name, _("The ticket has moved on to a status that is not announced."))
	decision = reply_courtesy.verdict(row) if row.kind == REPLY else courtesy.verdict(row)
	if isinstance(decision, Hold):
		return _hold(row, decision)
	older_ones = [other for other in others if not _is_newer(other, row) and _gives_way(other, row)]
	if not all(_lock(older.name) for older in older_ones):
		return _wait_behind(row)  # another worker has one in hand
	for older in older_ones if _takes_along(row, decision) else ():
		_yield(older.name, row)
	return _drop_or_start(row, decision)


def _take_letter(row) -> Notification | None:
	return _drop_or_start(row, letters.verdict(row))


def _drop_or_start(row, decision: Drop | None) -> Notification | None:
	return supersede(row.name, decision.reason) if decision else _start(row)


def _has_passed(row) -> bool:
	"""Whether the state that it would tell is no longer the ticket's. What is sent again tells that of now."""
	if row.kind in (LINK, REPLY):
		return False
	present = frappe.db.get_value("HD Ticket", row.ticket, "sub_status")
	if drafts.is_resent(row):
		row.sub_status = present
	return row.sub_status != present


def _takes_along(row, decision: Drop | None) -> bool:
	"""A reply that is dropped speaks for no other: each has a verdict of its own."""
	return decision is None or row.kind != REPLY


def _yield(name: str, newer) -> None:
	"""To a newer message, which tells a later state, or of a reply the same and more."""
	if newer.kind == REPLY:
		supersede(name, _("It goes out with a newer reply."), told_with=newer.name)
	else:
		supersede(name, _("A newer message took its place."))


def _others_like(row) -> list:
	"""Unfinished messages of the same kind to the same customer about the same ticket, the oldest first.

	The transaction's first plain read, so that its snapshot is younger than the lock on ``row``. A locking read by
	the index on ``ticket`` would lock its gaps too.
	"""
	query = f"""SELECT name, state, kind, event, occurred_at FROM `tab{DOCTYPE}`
		WHERE ticket = %(ticket)s AND kind = %(kind)s AND channel = %(channel)s AND recipient = %(recipient)s
		AND state IN ('Queued', 'Sending') AND name != %(name)s ORDER BY occurred_at, name"""
	return frappe.db.sql(query, row, as_dict=True)


def _newer(row, others: list) -> list:
	"""Without a reply that an agent wants to be sent later."""
	now = utc_now()
	here = (other for other in others if other.occurred_at <= now)
	return [other for other in here if _is_newer(other, row) and _is_alike(other, row)]


def _is_newer(other, row) -> bool:
	return (other.occurred_at, other.name) > (row.occurred_at, row.name)


def _is_alike(other, row) -> bool:
	return drafts.is_resent(other) == drafts.is_resent(row)


def _gives_way(other, row) -> bool:
	"""What an agent sends again is in no burst: it tells what older messages would, and none takes its place."""
	return drafts.is_resent(row) or not drafts.is_resent(other)


def _wait_behind(row) -> None:
	change(row.name, "Queued", {"due_at": utc_now() + timedelta(seconds=WAIT_BEHIND_SECONDS)})


def _hold(row, decision: Hold) -> None:
	"""Asked again within the hour: quiet hours, the customer's zone or a mute may have changed until then."""
	due = min(decision.until, utc_now() + timedelta(seconds=LONGEST_HOLD_SECONDS))
	change(row.name, "Queued", {"due_at": due, "reason": decision.reason})


def _give_way(row, newest) -> None:
	"""The first message of a burst was due now, so its last one is; after a failed attempt that one waits its turn."""
	_yield(row.name, newest)
	if not row.attempts:
		change(newest.name, "Queued", {"due_at": utc_now()})


def _start(row) -> Notification | None:
	claim = frappe.generate_hash(length=20)
	attempts = row.attempts + 1
	values = {"state": "Sending", "claim": claim, "claimed_at": utc_now(), "attempts": attempts}
	values["fails_since"] = None
	values["sub_status"] = row.sub_status  # a message that is sent again tells the state at its sending
	if not change(row.name, "Queued", values):
		return None
	row.update(values)
	return Notification(**{field.name: row[field.name] for field in fields(Notification)})
