"""Delivers what is due in the outbox: by a job soon after each change, and by a sweep each minute.

Any number of workers may do so at once. With much to do, a job starts a helper, and that the next one.
"""

import time

import frappe
from frappe import _

from customer_portal import opt_outs, timeline
from customer_portal.channels import base
from customer_portal.channels.base import (
	OptedOut,
	PermanentFailure,
	Receipt,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
	nothing_is_sent_yet,
)
from customer_portal.notifications import limits, messages, outbox, wake
from customer_portal.notifications.outbox import Notification
from customer_portal.otp.recipients import Recipient

DELIVER_SECONDS = 10  # then a job hands over, so that other jobs get the worker in between
SWEEP_SECONDS = 40
WAIT_SECONDS = 30  # the longest burst that a job waits for; the sweep has the rest
STEP_SECONDS = 1
MOST_HELPERS = 8


def sweep() -> None:
	"""Each minute: what dead workers left, what was due for another attempt, and what no job was started for."""
	outbox.release_expired()
	deliver_due(SWEEP_SECONDS)


def deliver(slot: int = 0) -> None:
	"""The job. Slot 0 also waits for the end of a burst, as long as no other job needs the worker."""
	announce()
	if outbox.due_count() > 1 and slot < MOST_HELPERS:
		wake.ring(slot + 1)
	deliver_due(DELIVER_SECONDS)
	if slot == 0 and _wait_for_more():
		wake.ring()
	if slot and _is_due_soon(outbox.next_due_in()):
		wake.ring_unless_awake()  # slot 0 may have ended before this job put a row off


def deliver_due(seconds: float = SWEEP_SECONDS) -> int:
	"""Sends what is due until nothing is left or the time is up; returns how many rows it handled."""
	deadline = time.monotonic() + seconds
	handled = 0
	frappe.db.commit()  # a new snapshot; each message ends with another
	while time.monotonic() < deadline and (notification := _next(deadline)):
		_send(notification)
		handled += 1
	return handled


def announce() -> None:
	"""Turns status events into messages, in the order in which they happened."""
	frappe.db.commit()  # a new snapshot
	_announce()


def _announce() -> None:
	while event := timeline.take_awaiting():
		try:
			outbox.write(event)
		except Exception as error:  # noqa: BLE001
			_postpone(event, type(error).__name__)
		frappe.db.commit()  # event and messages change together or not at all


def _postpone(event: str, kind: str) -> None:
	"""One event without messages never keeps the others waiting. Logged by its kind alone, as in ``_send``."""
	frappe.db.rollback()
	is_kept = timeline.postpone(event)
	reason = f"{kind}; it is tried again" if is_kept else f"{kind}; given up after a day of attempts"
	frappe.log_error("A status change could not be announced", reason, timeline.LEDGER, event)


def _next(deadline: float) -> Notification | None:
	_announce()
	return outbox.claim(deadline)


def _send(notification: Notification) -> None:
	"""What happens to one message never keeps the others waiting, not even a defect: that is logged by its kind,
	since a traceback's variables would hold the link.
	"""
	try:
		receipt = _call(notification)
	except UnexpectedFailure as failure:
		_note_defect(notification, failure.reason)
		outbox.mark_for_retry(notification, failure.reason, None)
	except TemporaryFailure as failure:
		outbox.mark_for_retry(notification, failure.reason, failure.retry_after)
	except OptedOut as failure:
		outbox.mark_failed(notification, failure.reason)
		_note_opt_out(notification)
	except PermanentFailure as failure:
		outbox.mark_failed(notification, failure.reason)
	except UnknownResult as failure:
		outbox.mark_unknown(notification, failure.reason)
	except Exception as error:  # noqa: BLE001
		reason = f"Unexpected {type(error).__name__} while sending"
		_note_defect(notification, reason)
		outbox.mark_unknown(notification, reason)
	else:
		outbox.mark_sent(notification, receipt.provider_id)


def _note_opt_out(notification: Notification) -> None:
	"""The customer's STOP went past us to the provider. Should this be lost, the next message brings it again."""
	kind = base.registry[notification.channel].address_kind
	opt_outs.stop(notification.channel, Recipient(kind, notification.recipient), opt_outs.PROVIDER)
	frappe.db.commit()


def _note_defect(notification: Notification, reason: str) -> None:
	outbox.roll_back()
	frappe.log_error("A notification could not be sent", reason, outbox.DOCTYPE, notification.name)


def _call(notification: Notification) -> Receipt:
	with nothing_is_sent_yet():
		channel = base.registry.get(notification.channel)
		if channel is None:
			raise PermanentFailure(_("This channel is not installed any more."))
		message = messages.render(notification)
		limits.take(
			notification
		)  # commits: no lock, as on a new link, may be held while a provider takes its time
	return channel.send(notification.recipient, message)


def _wait_for_more() -> bool:
	"""Waits until a row is due; False when none will be soon. Returns early for the sake of other jobs."""
	is_last_look = False
	while True:
		announce()
		seconds = outbox.next_due_in()
		if not _is_due_soon(seconds):
			if is_last_look:
				return False
			wake.fall_asleep()
			is_last_look = True
			continue
		if seconds <= 0:
			return True
		time.sleep(min(max(seconds, 0.05), STEP_SECONDS))
		if wake.others_wait():
			return True


def _is_due_soon(seconds: float | None) -> bool:
	return seconds is not None and seconds <= WAIT_SECONDS
