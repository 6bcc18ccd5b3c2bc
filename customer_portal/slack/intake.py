"""Does what Slack has told: by a job soon after each event, and by a sweep each minute.

What an event changes and that it is done are one transaction, so that an event whose worker died is done again, once.
"""

import time

import frappe
from frappe import _

from customer_portal.integrations.failures import TemporaryFailure, UnknownResult
from customer_portal.notifications.outbox import roll_back
from customer_portal.slack import (
	answers,
	buttons,
	channels,
	deleted_files,
	inbox,
	moved_channels,
	objections,
	outbox,
	refusals,
	session,
	trouble,
	wake,
)
from customer_portal.slack.inbox import ACTION, DOCTYPE, WHISPER, Event
from customer_portal.slack.refusals import NotYet, Refusal
from customer_portal.slack.told import CHANNEL_MOVED, FILE_DELETED, REVOKED

WORK_SECONDS = 20
SWEEP_SECONDS = 30
LONGEST_SLEEP_SECONDS = 6
OPENED = ("channel_unarchive", "group_unarchive")


def sweep() -> None:
	inbox.release_expired()
	work_off(SWEEP_SECONDS)


def work(slot: int = 0) -> None:
	"""The job. What is left goes to the next one."""
	work_off(WORK_SECONDS)
	wake.IN.fall_asleep()
	if (inbox.next_due_in() or 1) <= 0:
		wake.ring(wake.IN)


def work_off(seconds: float) -> int:
	"""Until nothing is left that is due soon, or the time is up; returns how many events it handled."""
	deadline = time.monotonic() + seconds
	handled = 0
	while time.monotonic() < deadline:
		event = inbox.claim()
		if event:
			with session.as_the_site():  # each by what the settings say at its time
				_do(event)
			handled += 1
			continue
		wait = inbox.next_due_in()
		if wait is None or wait > LONGEST_SLEEP_SECONDS:
			break
		time.sleep(max(wait, 0.05))
	return handled


def _do(event: Event) -> None:
	"""What happens to one event never keeps other threads waiting."""
	if event.is_hopeless:
		return _give_up(event)
	try:
		told = _act(event)
		for one in told:
			inbox.answer(one)
		if not inbox.finish(event, ", ".join(one.reason for one in told)):
			return roll_back()
		frappe.db.commit()
	except NotYet as waiting:
		roll_back()
		_put_off(event, waiting.reason, waiting.seconds)
	except TemporaryFailure as failure:
		roll_back()
		_put_off(event, failure.reason, failure.retry_after)
	except UnknownResult as failure:
		roll_back()
		_put_off(event, failure.reason)
	except Exception as error:  # noqa: BLE001
		roll_back()
		_break_off(event, error)
	finally:
		frappe.clear_messages()


def _act(event: Event) -> list[Refusal]:
	if event.kind not in REVOKED and not channels.is_on():
		raise NotYet(_("Slack is switched off in Customer Portal Settings."))
	if event.kind == ACTION:
		return refusals.of(buttons.press(event.payload))
	if event.kind == "message":
		return answers.take(event.payload, event.attempts)
	if event.kind == FILE_DELETED:
		return deleted_files.take(event.payload)
	if event.kind == WHISPER:
		refusals.tell(Refusal(**event.payload), event.attempts)
	else:
		_note(event)
	return []


def _note(event: Event) -> None:
	"""What has become of the app, or of a channel."""
	if event.kind == CHANNEL_MOVED:
		moved_channels.take(event.payload)
	if event.kind in REVOKED:
		trouble.tell_revoked()
	if event.kind in OPENED:
		outbox.retry_now()


def _break_off(event: Event, error: Exception) -> None:
	if objections.passes(error):
		return _put_off(event, _("The database was busy."))
	return _note_defect(event, type(error).__name__)


def _note_defect(event: Event, kind: str) -> None:
	"""Logged by its kind alone, and once, however often it is tried."""
	reason = f"Unexpected {kind}"
	if event.reason != reason:
		_log(event, kind)
	_put_off(event, reason)


def _log(event: Event, kind: str) -> None:
	frappe.log_error("An event of Slack could not be worked on", kind, DOCTYPE, event.name)


def _put_off(event: Event, reason: str, seconds: float | None = None) -> None:
	if not inbox.put_off(event, reason, seconds):
		_tell_lost(event, reason)


def _give_up(event: Event) -> None:
	if inbox.give_up(event, inbox.KILLED):
		_tell_lost(event, inbox.KILLED)


def _tell_lost(event: Event, reason: str) -> None:
	if event.kind != WHISPER:
		trouble.tell_lost(reason)
		_tell_author(event, reason)


def _tell_author(event: Event, reason: str) -> None:
	"""Of an event that is given up; perhaps because nobody can read it."""
	try:
		for one in _given_up(event, reason):
			inbox.answer(one)
	except Exception as error:  # noqa: BLE001
		roll_back()
		_log(event, type(error).__name__)
	frappe.db.commit()


def _given_up(event: Event, reason: str) -> list[Refusal]:
	if event.kind == ACTION:
		return refusals.of(buttons.give_up(event.payload, reason))
	return answers.give_up(event.payload, reason, event.is_old) if event.kind == "message" else []
