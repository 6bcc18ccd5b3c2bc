"""Delivers what waits in the outbox: by a job soon after each change, and by a sweep each minute.

Any number of workers may do so at once; each channel is written to by one at a time.
"""

import time
from collections.abc import Callable
from enum import Enum

import frappe
from frappe import _

from customer_portal.integrations.failures import (
	PermanentFailure,
	SendFailure,
	TemporaryFailure,
	UnknownResult,
)
from customer_portal.integrations.slack.errors import WORKSPACE, Shut
from customer_portal.notifications.outbox import roll_back
from customer_portal.notifications.wake import others_wait
from customer_portal.slack import channels, hearing, mirror, objections, outbox, session, trouble, wake
from customer_portal.slack.outbox import Lost, Row

DELIVER_SECONDS = 30
SWEEP_SECONDS = 30
LONGEST_SLEEP_SECONDS = 5
STEP_SECONDS = 1
MOST_FAILURES = 3  # in a row; then Slack is away, and the next sweep tries again
MOST_DEFECTS = 8  # attempts at a row that meets again and again what nobody foresaw


class End(Enum):
	NOTHING_LEFT, TIME_IS_UP, SLACK_IS_AWAY = range(3)


def sweep() -> None:
	"""Each minute: what dead workers left, and what no job was started for."""
	outbox.release_expired()
	deliver_due(SWEEP_SECONDS)
	if channels.is_on():
		with session.as_the_site():
			_tell_what_is_wrong()


def _tell_what_is_wrong() -> None:
	if outbox.late():
		trouble.tell_late()
	if hearing.deaf_since():
		trouble.tell_deaf()


def deliver(slot: int = 0) -> None:
	"""The job. What is left goes to the next one, so that other jobs get the worker in between."""
	end = deliver_due(DELIVER_SECONDS, gives_way=others_wait)
	wake.OUT.fall_asleep()
	if end == End.TIME_IS_UP or (end == End.NOTHING_LEFT and channels.is_on() and outbox.is_due()):
		wake.ring(wake.OUT)


def deliver_due(seconds: float, gives_way: Callable[[], bool] = lambda: False) -> End:
	"""Until nothing is left that may go out soon, the time is up, or somebody else needs the worker more."""
	deadline = time.monotonic() + seconds
	return _deliver_until(deadline, gives_way) if channels.is_on() else End.NOTHING_LEFT


def _deliver_until(deadline: float, gives_way: Callable[[], bool]) -> End:
	failures = 0
	while time.monotonic() < deadline:
		row, wait = outbox.claim()
		if row is None and (wait is None or wait > LONGEST_SLEEP_SECONDS):
			return End.NOTHING_LEFT
		if row is None:
			time.sleep(min(wait, STEP_SECONDS))
		else:
			with session.as_the_site():  # each by what the settings say at its time
				failure = _deliver(row)
			failures = failures + 1 if failure else 0
			if failures >= MOST_FAILURES or isinstance(failure, Shut):
				return End.SLACK_IS_AWAY
		if gives_way():
			return End.TIME_IS_UP
	return End.TIME_IS_UP


def _deliver(row: Row) -> SendFailure | None:
	"""What happens to one row never keeps the others waiting for ever. Returns why Slack cannot be worked with at all,
	as far as this row can tell.
	"""
	try:
		return _act(row)
	except Lost:
		roll_back()
		frappe.logger("customer_portal").warning(f"A message to Slack was taken over: {row.name}")
		return None


def _act(row: Row) -> SendFailure | None:
	"""Raises ``Lost``."""
	try:
		mirror.act(row)
	except Shut as failure:
		outbox.put_off(row, failure.reason, failure.retry_after)
		trouble.tell(failure, row.channel)
		return failure if failure.scope == WORKSPACE else None
	except TemporaryFailure as failure:
		outbox.put_off(row, failure.reason, failure.retry_after)
		return None if failure.retry_after else failure
	except UnknownResult as failure:
		outbox.doubt(row, failure.reason)
		return failure
	except PermanentFailure as failure:
		outbox.fail(row, failure.reason)
		trouble.tell_failed(failure.reason)
	except Lost:
		raise
	except Exception as error:  # noqa: BLE001
		roll_back()
		_break_off(row, error)
	return None


def _break_off(row: Row, error: Exception) -> None:
	if objections.passes(error):
		return outbox.break_off(row, _("The database was busy."))
	return _note_defect(row, type(error).__name__)


def _note_defect(row: Row, kind: str) -> None:
	"""Logged by its kind alone: a traceback's variables would hold what people wrote."""
	frappe.log_error("A message to Slack could not be delivered", kind, outbox.DOCTYPE, row.name)
	reason = f"Unexpected {kind} while sending"
	if row.attempts >= MOST_DEFECTS and row.reason == reason:
		outbox.fail(row, reason)
		trouble.tell_failed(reason)
	else:
		outbox.break_off(row, reason)
