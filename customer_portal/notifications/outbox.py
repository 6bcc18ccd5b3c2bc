"""The outbox: one row per message to one customer by one channel. The only writer of Portal Notification.

A row goes Queued → Sending → Sent (→ Delivered), or ends as Failed or Superseded. Every change is one conditional
UPDATE, so that of two workers one wins, and a final state stays final.

Changes within ``burst_seconds`` become one message: a row is due that long after it was written, and what is due
then is the newest row of its ticket, channel and recipient; older ones are superseded. A change back and forth is
told too: the customer may have seen the state between on the page.
"""

import math
import random
import time
from dataclasses import dataclass, fields
from datetime import timedelta

import frappe
from frappe import _

from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.exceptions import CannotBeResent
from customer_portal.notifications import courtesy, drafts, wake
from customer_portal.notifications.courtesy import Drop, Hold
from customer_portal.notifications.drafts import LINK, NO_NEWS, SLIPPED, STATUS, Draft

__all__ = ["LINK", "NO_NEWS", "SLIPPED", "STATUS", "Notification"]

DOCTYPE = "Portal Notification"
LEASE_SECONDS = 300  # longer than any call may take; after that its worker counts as dead
LONGEST_HOLD_SECONDS = 3600
WAIT_BEHIND_SECONDS = 5  # while an older message to the same customer is on its way
CANDIDATES = 20  # due rows that are looked at before the next look
MAX_ATTEMPTS = 12  # with the pauses below: for about 13 hours
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 4 * 3600
RESENDABLE = ("Sent", "Failed", "Superseded")  # the states of which an agent may send a message again
SHORTEST_PAUSE, GIVE_UP_AFTER = timedelta(minutes=1), timedelta(hours=24)  # of a row that cannot be prepared
RECONNECT_PAUSES = (0.5, 2, 5)  # seconds


@dataclass(frozen=True)
class Notification:
	"""A claimed row. ``claim`` proves that its holder may still record what happened."""

	name: str
	ticket: str
	kind: str
	channel: str
	recipient: str
	language: str
	sub_status: str | None
	attempts: int
	may_be_repeated: bool
	claim: str


def write(event: str) -> list[str]:
	"""Queues the messages of a Portal Status Event in the caller's transaction; names of the rows.

	A second call for an event adds nothing.
	"""
	return _insert(drafts.of_event(event))


def write_link(ticket: str) -> list[str]:
	"""Queues the ticket's link once more, because an agent asked for it."""
	names = _insert(drafts.of_link(ticket))
	wake.after_commit()
	return names


def resend(name: str) -> str:
	"""Queues the ticket's present state by the channel of this message, because an agent asked; the new row's name.

	Raises ``CannotBeResent`` while the message is on its way or has arrived, and when its channel is switched off or
	the ticket has no address for it.
	"""
	row = frappe.db.get_value(DOCTYPE, name, ["ticket", "channel", "state"], as_dict=True)
	new = drafts.of_present_state(row.ticket, row.channel) if row and row.state in RESENDABLE else []
	if not new:
		raise CannotBeResent
	wake.after_commit()
	return _insert(new)[0]


def write_news(ticket: str, kind: str, occasion: str) -> list[str]:
	"""Queues news without a change of status, once for each occasion."""
	names = _insert(drafts.of_news(ticket, kind, occasion))
	wake.after_commit()
	return names


def _insert(new: list[Draft]) -> list[str]:
	if new:
		rows.insert(DOCTYPE, *new, ignore_duplicates=True)
	return [str(row["name"]) for row in new]


def claim(deadline: float = math.inf) -> Notification | None:
	"""Takes the next due row for the caller, who is about to send it; None when nothing is due.

	None too when ``deadline`` (of ``time.monotonic``) has passed before a row was found that goes out now.

	The caller's transaction has a snapshot that is new, and ends here.

	One row at a time, so that a worker that dies leaves no more than one in doubt. Rows are locked by primary key
	with SKIP LOCKED: workers do not wait for each other, and no gap lock makes an agent's save wait for a worker.
	"""
	while time.monotonic() < deadline:
		names = _due_names()
		frappe.db.commit()  # what follows the lock needs a new snapshot: others may have taken a message since
		row = next(filter(None, map(_lock, names)), None)
		if row is None and len(names) < CANDIDATES:
			return None  # what is due is in others' hands
		claimed = row and _take_or_put_off(row)
		frappe.db.commit()  # the claim must be seen by all before the call
		if claimed:
			return claimed
	return None


def _due_names() -> list[str]:
	query = f"""SELECT name FROM `tab{DOCTYPE}` WHERE state = 'Queued' AND due_at <= %(now)s
		ORDER BY due_at, occurred_at LIMIT {CANDIDATES}"""
	return [name for (name,) in frappe.db.sql(query, {"now": utc_now()})]


def _lock(name: str):
	"""The row if it is still queued and no other worker looks at it."""
	table = f"`tab{DOCTYPE}` FORCE INDEX (PRIMARY)"
	query = f"SELECT * FROM {table} WHERE name = %(name)s AND state = 'Queued' FOR UPDATE SKIP LOCKED"
	found = frappe.db.sql(query, {"name": name}, as_dict=True)
	return found[0] if found else None


def _take_or_put_off(row) -> Notification | None:
	"""A row that breaks what is asked about it keeps no other waiting. Logged by its kind alone, as in ``dispatch``."""
	try:
		return _take(row)
	except Exception as error:  # noqa: BLE001
		roll_back()
		_put_off(row, type(error).__name__)
		return None


def _put_off(row, kind: str) -> None:
	"""Again when it is twice as old; given up after a day."""
	now = utc_now()
	age = now - row.occurred_at
	is_kept = age < GIVE_UP_AFTER
	values = {"due_at": now + max(age, SHORTEST_PAUSE)} if is_kept else {"state": "Failed"}
	_set(row.name, "Queued", {**values, "reason": f"Unexpected {kind} before sending"})
	frappe.log_error("A notification could not be prepared", kind, DOCTYPE, row.name)


def _take(row) -> Notification | None:
	others = _others_like(row)
	if any(other.state == "Sending" for other in others):
		return _wait_behind(row)
	newer = [other.name for other in others if _is_newer(other, row) and _is_alike(other, row)]
	if newer:
		return _give_way(row, newer[-1])
	present = frappe.db.get_value("HD Ticket", row.ticket, "sub_status")
	if drafts.is_resent(row):
		row.sub_status = present
	elif row.kind != LINK and row.sub_status != present:
		return _supersede(row.name, _("The ticket has moved on to a status that is not announced."))
	decision = courtesy.verdict(row)
	if isinstance(decision, Hold):
		return _hold(row, decision)
	older_ones = [other for other in others if not _is_newer(other, row) and _gives_way(other, row)]
	if not all(_lock(older.name) for older in older_ones):
		return _wait_behind(row)  # another worker has one in hand
	for older in older_ones:
		_supersede(older.name, _("A newer message took its place."))
	return _supersede(row.name, decision.reason) if isinstance(decision, Drop) else _start(row)


def _others_like(row) -> list:
	"""Unfinished messages of the same kind to the same customer about the same ticket, the oldest first.

	The transaction's first plain read, so that its snapshot is younger than the lock on ``row``. A locking read by
	the index on ``ticket`` would lock its gaps too.
	"""
	query = f"""SELECT name, state, kind, event, occurred_at FROM `tab{DOCTYPE}`
		WHERE ticket = %(ticket)s AND kind = %(kind)s AND channel = %(channel)s AND recipient = %(recipient)s
		AND state IN ('Queued', 'Sending') AND name != %(name)s ORDER BY occurred_at, name"""
	return frappe.db.sql(query, row, as_dict=True)


def _is_newer(other, row) -> bool:
	return (other.occurred_at, other.name) > (row.occurred_at, row.name)


def _is_alike(other, row) -> bool:
	return drafts.is_resent(other) == drafts.is_resent(row)


def _gives_way(other, row) -> bool:
	"""What an agent sends again is in no burst: it tells what older messages would, and none takes its place."""
	return drafts.is_resent(row) or not drafts.is_resent(other)


def _wait_behind(row) -> None:
	_set(row.name, "Queued", {"due_at": utc_now() + timedelta(seconds=WAIT_BEHIND_SECONDS)})


def _hold(row, decision: Hold) -> None:
	"""Asked again within the hour: quiet hours, the customer's zone or a mute may have changed until then."""
	due = min(decision.until, utc_now() + timedelta(seconds=LONGEST_HOLD_SECONDS))
	_set(row.name, "Queued", {"due_at": due, "reason": decision.reason})


def _give_way(row, newest: str) -> None:
	"""The first message of a burst was due now, so its last one is; after a failed attempt that one waits its turn."""
	_supersede(row.name, _("A newer message took its place."))
	if not row.attempts:
		_set(newest, "Queued", {"due_at": utc_now()})


def _supersede(name: str, reason: str) -> None:
	_set(name, "Queued", {"state": "Superseded", "reason": reason})


def _start(row) -> Notification | None:
	claim = frappe.generate_hash(length=20)
	attempts = row.attempts + 1
	values = {"state": "Sending", "claim": claim, "claimed_at": utc_now(), "attempts": attempts}
	values["sub_status"] = row.sub_status  # a message that is sent again tells the state at its sending
	if not _set(row.name, "Queued", values):
		return None
	row.update(values)
	return Notification(**{field.name: row[field.name] for field in fields(Notification)})


def mark_sent(notification: Notification, provider_id: str) -> None:
	_finish(notification, {"state": "Sent", "sent_at": utc_now(), "provider_id": provider_id, "reason": None})


def mark_failed(notification: Notification, reason: str) -> None:
	"""Ends the message, and hands over to the next channel in the same transaction."""
	_finish(notification, {"state": "Failed", "reason": reason})


def mark_delivered(name: str, channel: str, provider_id: str) -> bool:
	"""The provider's receipt; it may be here before its own call is recorded. The caller commits.

	Of a message that may have been sent twice, either is good news. False for an unknown message, for another call's
	id, and for a message in a final state.
	"""
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET state = 'Delivered', delivered_at = %(now)s, sent_at = COALESCE(sent_at, %(now)s), reason = NULL,
			provider_id = COALESCE(NULLIF(provider_id, ''), %(id)s)
		WHERE name = %(name)s AND channel = %(channel)s AND (state = 'Sending'
			OR (state = 'Sent' AND (provider_id = %(id)s OR may_be_repeated = 1))
			OR (state = 'Queued' AND may_be_repeated = 1))"""
	values = {"name": name, "channel": channel, "id": provider_id, "now": utc_now()}
	return rows.affected(query, values) == 1


def mark_undelivered(name: str, channel: str, provider_id: str, reason: str) -> bool:
	"""The provider took the message and could not deliver it: the next channel takes over. The caller commits.

	Of a message that may have been sent twice only the last call counts. False as for ``mark_delivered``.
	"""
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET state = 'Failed', reason = %(reason)s, provider_id = %(id)s
		WHERE name = %(name)s AND channel = %(channel)s AND ((state = 'Sent' AND provider_id = %(id)s)
			OR (state = 'Sending' AND may_be_repeated = 0))"""
	values = {"name": name, "channel": channel, "id": provider_id, "reason": reason}
	return _failed_later(name, query, values)


def mark_bounced(name: str, channel: str, reason: str) -> bool:
	"""A mail server took the message and gave it back: as ``mark_undelivered``, for every attempt alike."""
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET state = 'Failed', reason = %(reason)s
		WHERE name = %(name)s AND channel = %(channel)s AND attempts > 0
			AND state IN ('Queued', 'Sending', 'Sent')"""
	return _failed_later(name, query, {"name": name, "channel": channel, "reason": reason})


def _failed_later(name: str, query: str, values: dict[str, object]) -> bool:
	is_changed = rows.affected(query, values) == 1
	if is_changed:
		_hand_over(name)
	return is_changed


def _hand_over(name: str) -> None:
	failed = frappe.db.get_value(DOCTYPE, name, "*", as_dict=True)
	if failed.occasion and not drafts.is_resent(failed):
		used = frappe.get_all(DOCTYPE, filters={"occasion": failed.occasion}, pluck="channel")
		_insert(drafts.in_place_of(failed, used))
		wake.after_commit()


def mark_for_retry(notification: Notification, reason: str, retry_after: int | None) -> None:
	"""Nothing was sent: again after a pause that doubles, with jitter, or after what the provider asked for."""
	if notification.attempts >= MAX_ATTEMPTS:
		return mark_failed(notification, reason)
	due = utc_now() + timedelta(seconds=_pause(notification.attempts, retry_after))
	return _finish(notification, {"state": "Queued", "due_at": due, "reason": reason})


def _pause(attempts: int, retry_after: int | None) -> float:
	pause = FIRST_PAUSE_SECONDS * 2 ** (attempts - 1) * random.uniform(0.8, 1.2)
	return min(max(pause, retry_after or 0), LONGEST_PAUSE_SECONDS)


def mark_unknown(notification: Notification, reason: str) -> None:
	"""It may have been sent: once more, marked; the second time without an answer it ends."""
	if notification.may_be_repeated:
		return mark_failed(notification, reason)
	due = utc_now() + timedelta(seconds=_pause(notification.attempts, None))
	return _finish(notification, {"state": "Queued", "due_at": due, "may_be_repeated": 1, "reason": reason})


def release_expired() -> None:
	"""Rows of workers that died while they sent: in doubt, so handled as a message without an answer."""
	expired = {"state": "Sending", "claimed_at": ("<", utc_now() - timedelta(seconds=LEASE_SECONDS))}
	for row in frappe.get_all(
		DOCTYPE, filters=expired, fields=[field.name for field in fields(Notification)]
	):
		mark_unknown(Notification(**row), _("The worker that sent it ended before the provider answered."))


def next_due_in() -> float | None:
	"""Seconds until the next queued row is due; None when nothing is queued."""
	frappe.db.commit()  # a new snapshot
	(due,) = frappe.db.sql(f"SELECT MIN(due_at) FROM `tab{DOCTYPE}` WHERE state = 'Queued'")[0]
	return (due - utc_now()).total_seconds() if due else None


def due_count() -> int:
	return len(_due_names())


def erase(addresses: list[str], mark: str) -> None:
	"""Puts ``mark`` in the place of these recipients, and lets nothing more go out to them. The caller commits."""
	reason = _("The customer's personal data was erased.")
	for name in frappe.get_all(DOCTYPE, filters={"recipient": ("in", addresses)}, pluck="name"):
		_supersede(name, reason)
		query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
			SET recipient = %(mark)s, masked_recipient = %(mark)s WHERE name = %(name)s"""
		frappe.db.sql(query, {"name": name, "mark": mark})


def forget(ticket: str) -> None:
	"""Deletes the messages of a ticket that is itself deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})


def _set(name: str, state: str, values: dict[str, object], claim: str | None = None) -> bool:
	"""The one UPDATE of a row. It changes nothing when the state or the claim is another one by now.

	By the primary key alone: by the index on ``state`` it would lock its neighbours, and workers each other.
	"""
	assignments = ", ".join(f"`{field}` = %({field})s" for field in values)
	table = f"`tab{DOCTYPE}` FORCE INDEX (PRIMARY)"
	query = f"UPDATE {table} SET {assignments} WHERE name = %(_name)s AND state = %(_state)s"
	if claim:
		query += " AND claim = %(_claim)s"
	return rows.affected(query, {**values, "_name": name, "_state": state, "_claim": claim}) == 1


def _finish(notification: Notification, values: dict[str, object]) -> None:
	"""Records what became of a call. A lost connection is made anew: the record must not be lost with it.

	If the database stays away longer than ``RECONNECT_PAUSES``, the lease runs out and the message is sent once
	more, marked as such. That, and a worker's death between the answer and this record, are the only such cases.
	"""
	for pause in (*RECONNECT_PAUSES, None):
		try:
			is_ours = _set(notification.name, "Sending", values, notification.claim)
			if is_ours and values.get("state") == "Failed":
				_hand_over(notification.name)
			frappe.db.commit()  # the call cannot be undone, so its record must stay
			return
		except frappe.db.OperationalError:
			if pause is None:
				raise
			time.sleep(pause)
			frappe.db.close()


def roll_back() -> None:
	"""Drops what the transaction has, and a connection that is lost: the next query makes a new one."""
	try:
		frappe.db.rollback()
	except (frappe.db.OperationalError, frappe.db.InterfaceError):
		frappe.db.close()
