"""What became of a call: recorded by the worker that made it, and later by the provider's own reports."""

import random
import time
from dataclasses import fields
from datetime import timedelta

import frappe
from frappe import _

from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.notifications.outbox.additions import hand_over
from customer_portal.notifications.outbox.table import DOCTYPE, Notification, change

LEASE_SECONDS = 300  # longer than any call may take; after that its worker counts as dead
MAX_ATTEMPTS = 12  # with the pauses below: for about 13 hours
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 4 * 3600
RECONNECT_PAUSES = (0.5, 2, 5)  # seconds


def mark_sent(notification: Notification, provider_id: str) -> None:
	_finish(notification, {"state": "Sent", "sent_at": utc_now(), "provider_id": provider_id, "reason": None})


def mark_failed(notification: Notification, reason: str) -> None:
	"""Ends the message, and hands over to the next channel in the same transaction."""
	_finish(notification, {"state": "Failed", "reason": reason})


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


def _finish(notification: Notification, values: dict[str, object]) -> None:
	"""Records what became of a call. A lost connection is made anew: the record must not be lost with it.

	If the database stays away longer than ``RECONNECT_PAUSES``, the lease runs out and the message is sent once
	more, marked as such. That, and a worker's death between the answer and this record, are the only such cases.
	"""
	for pause in (*RECONNECT_PAUSES, None):
		try:
			values = _failed_meanwhile(notification, values) or values
			is_ours = change(notification.name, "Sending", values, notification.claim)
			if is_ours and values["state"] == "Failed":
				hand_over(notification.name)
			frappe.db.commit()  # the call cannot be undone, so its record must stay
			return
		except frappe.db.OperationalError:
			if pause is None:
				raise
			time.sleep(pause)
			frappe.db.close()


def _failed_meanwhile(notification: Notification, values: dict[str, object]) -> dict[str, object] | None:
	"""The end of a repeated message whose call succeeds only now, but whose failure has been reported already.

	Read under the row's lock, so that a report that comes now finds the message sent.
	"""
	if not (notification.may_be_repeated and values.get("provider_id")):
		return None
	query = f"""SELECT undelivered_reason FROM `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		WHERE name = %(name)s AND undelivered_id = %(id)s FOR UPDATE"""
	found = frappe.db.sql(query, {"name": notification.name, "id": values["provider_id"]}, pluck=True)
	return {**values, "state": "Failed", "reason": found[0]} if found else None


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

	Of a message that may have been sent twice only the last call counts; while that is on its way the report is kept
	until its id is known. False as for ``mark_delivered``.
	"""
	values = {"name": name, "channel": channel, "id": provider_id, "reason": reason}
	if _keep_for_the_call(values):
		return True
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET state = 'Failed', reason = %(reason)s, provider_id = %(id)s
		WHERE name = %(name)s AND channel = %(channel)s AND ((state = 'Sent' AND provider_id = %(id)s)
			OR (state = 'Sending' AND may_be_repeated = 0))"""
	return _failed_later(name, query, values)


def _keep_for_the_call(report: dict[str, object]) -> bool:
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET undelivered_id = %(id)s, undelivered_reason = %(reason)s
		WHERE name = %(name)s AND channel = %(channel)s AND state = 'Sending' AND may_be_repeated = 1"""
	return rows.affected(query, report) == 1


def mark_bounced(name: str, channel: str, reason: str) -> bool:
	"""A mail server took the message and gave it back: as ``mark_undelivered``, for every attempt alike."""
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET state = 'Failed', reason = %(reason)s
		WHERE name = %(name)s AND channel = %(channel)s AND attempts > 0
			AND state IN ('Queued', 'Sending', 'Sent')"""
	return _failed_later(name, query, {"name": name, "channel": channel, "reason": reason})


def note_automatic_answer(name: str, reason: str) -> None:
	"""The recipient's mailbox answered by itself. The caller commits."""
	change(name, "Sent", {"reason": reason})


def _failed_later(name: str, query: str, values: dict[str, object]) -> bool:
	is_changed = rows.affected(query, values) == 1
	if is_changed:
		hand_over(name)
	return is_changed
