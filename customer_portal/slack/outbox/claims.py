"""Taking the next row of a channel in order to deliver it.

A channel's rows go out in their order, one at a time: the next is taken when the one before it has ended. Slack takes
about one message a second in a channel (https://docs.slack.dev/apis/web-api/rate-limits/).
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import frappe
from frappe import _

from customer_portal import rows
from customer_portal.clock import from_unix, utc_now
from customer_portal.slack import wake
from customer_portal.slack.outbox import results
from customer_portal.slack.outbox.table import DOCTYPE, FAILED, FIELDS, QUEUED, SENDING, Lost, Row, change

PACE = timedelta(seconds=1)
LEASE = timedelta(minutes=5)  # longer than any call may take; after that its worker counts as dead
LATE = timedelta(minutes=10)
MOST_HEADS = 2000

# The oldest row of each channel in which none is on its way, of people's news and of what follows tickets: a look or
# two by an index for each channel, however much waits in it. Left to itself MariaDB reads all that waits.
_HEADS = f"""SELECT head.name, head.channel, head.queued_at, head.due_at, head.attempts,
		(SELECT said.sent_at FROM `tab{DOCTYPE}` said WHERE said.channel = head.channel
			ORDER BY said.sent_at DESC LIMIT 1) AS said_at
	FROM (SELECT is_follow_up, channel, MIN(queued_at) AS queued_at
		FROM `tab{DOCTYPE}` FORCE INDEX FOR GROUP BY (slack_queue)
		WHERE state = 'Queued' GROUP BY state, is_follow_up, channel) oldest
	STRAIGHT_JOIN `tab{DOCTYPE}` head FORCE INDEX (slack_queue) ON head.state = 'Queued'
		AND head.is_follow_up = oldest.is_follow_up AND head.channel = oldest.channel
		AND head.queued_at = oldest.queued_at
	WHERE NOT EXISTS (SELECT 1 FROM `tab{DOCTYPE}` busy FORCE INDEX (slack_queue)
		WHERE busy.state = 'Sending' AND busy.channel = head.channel)
	ORDER BY head.is_follow_up, head.queued_at, head.name LIMIT {MOST_HEADS}"""


def claim() -> tuple[Row | None, float | None]:
	"""The next row that may go out now, for the caller, who is about to deliver it.

	Without one: seconds until the first may go, None when nothing waits. The caller's transaction ends here.
	"""
	frappe.db.commit()  # a new snapshot
	waits = []
	for head in _heads():
		wait = (_ready_at(head) - utc_now()).total_seconds()
		if wait <= 0 and (row := _take(head)):
			return row, 0
		waits.append(max(wait, 0.05))
	return None, min(waits, default=None)


def is_due() -> bool:
	"""Whether something may go out by now."""
	frappe.db.commit()  # a new snapshot
	return any(_ready_at(head) <= utc_now() for head in _heads())


def late() -> int:
	"""How many messages have been wanted for longer than ``LATE``."""
	before = utc_now() - LATE
	return frappe.db.count(DOCTYPE, {"state": ("in", (QUEUED, SENDING)), "wanted_at": ("<", before)})


def last_said() -> datetime | None:
	"""Naive UTC: when Slack took a message last, or told of one. IDs of files come behind its times."""
	((ts,),) = frappe.db.sql(f"SELECT MAX(ts) FROM `tab{DOCTYPE}` WHERE ts < 'A'")
	return from_unix(float(ts)) if ts else None


def renew(row: Row, **values: object) -> None:
	"""Right before a call, with what must be known should this worker die in it. The caller's transaction ends here:
	no lock is held while Slack takes its time. Raises ``Lost``.
	"""
	if not change(row.name, SENDING, {"claimed_at": utc_now(), **values}, row.claim):
		raise Lost
	frappe.db.commit()


def release_expired() -> None:
	"""Rows of workers that died while they delivered."""
	expired = {"state": SENDING, "claimed_at": ("<", utc_now() - LEASE)}
	for found in frappe.get_all(DOCTYPE, filters=expired, fields=list(FIELDS)):
		with suppress(Lost):  # by now it has ended after all
			results.doubt(Row(**found), _("The worker that sent it ended before Slack answered."))


def retry_now() -> None:
	"""An admin may have mended what held rows up: nothing waits for the end of its pause. The caller commits."""
	now = utc_now()
	query = f"UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET due_at = %(now)s WHERE name = %(name)s"
	late = [head.name for head in _heads() if head.due_at > now]
	if sum(rows.affected(f"{query} AND state = 'Queued'", {"name": name, "now": now}) for name in late):
		wake.after_commit()


def again(message: str) -> bool:
	"""Another try at what Slack has refused; False for what has not failed. It keeps its place
	in its channel's order, by which it is known whether it is in Slack already, and whether it is a copy. What has no
	ticket any more is taken out of Slack. The caller commits.
	"""
	now = utc_now()
	values = {"state": QUEUED, "wanted_at": now, "due_at": now, "attempts": 0}
	is_failed = change(message, FAILED, values)
	if is_failed:
		wake.after_commit()
	return is_failed


def _heads() -> Iterable[frappe._dict]:
	"""One for each channel. One that was put behind others comes after what follows tickets."""
	now = utc_now()
	found: dict[str, frappe._dict] = {}
	for head in sorted(frappe.db.sql(_HEADS, as_dict=True), key=lambda head: head.queued_at > now):
		found.setdefault(head.channel, head)
	return found.values()


def _ready_at(head: frappe._dict) -> datetime:
	return max(head.due_at, head.said_at + PACE) if head.said_at else head.due_at


def _take(head: frappe._dict) -> Row | None:
	values = {"state": SENDING, "claim": frappe.generate_hash(length=20), "claimed_at": utc_now()}
	is_ours = change(head.name, QUEUED, {**values, "attempts": head.attempts + 1})
	frappe.db.commit()  # the claim must be seen by all before the call
	return Row(**frappe.db.get_value(DOCTYPE, head.name, list(FIELDS), as_dict=True)) if is_ours else None
