"""Limits that live in the database: counted acts per subject, and one lock row per subject that orders them.

Redis is no memory for a limit: it may be flushed, and it evicts. Subjects are a ticket, a link, the keyed digest of
a destination or of an IP address, and the site. They are made from normalised values only, so that no spelling,
header or path splits a budget.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe

from customer_portal import keys, rows
from customer_portal.clock import utc_now

DOCTYPE = "Portal Throttle"
EVENT = "Portal Throttle Event"

SEND = "Send"
SMS = "SMS"
FAILURE = "Failure"
MISMATCH = "Mismatch"
CHECK = "Check"
NOTIFICATION = "Notification"

SITE = "site"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KEEP_DAYS = 31  # one more than the longest window, 30 days of wrong codes


@dataclass(frozen=True)
class Limit:
	"""At most ``most`` acts within ``seconds``."""

	most: int
	seconds: int


def ticket_subject(ticket: str) -> str:
	return f"ticket:{ticket}"


def link_subject(link: str) -> str:
	return f"link:{link}"


def destination_subject(address: str) -> str:
	"""``address`` is normalised: E.164, or an e-mail address in its comparable form."""
	return f"destination:{keys.digest('throttle-destination', address)}"


def address_subject(network: str) -> str:
	"""``network`` comes from ``request_address.network``."""
	return f"address:{keys.digest('throttle-address', network)}"


@contextmanager
def hold(*subjects: str) -> Iterator[None]:
	"""Take turns: within, nobody else counts or records acts of these subjects. Commits at the end.

	The commit before ends the transaction's snapshot, or REPEATABLE READ would count what was true when the
	request began. The commit after makes the counters durable before the caller answers. An error rolls back.
	"""
	frappe.db.commit()  # a fresh snapshot, taken after the lock
	for subject in sorted(set(subjects)):  # one order for all callers: no deadlock
		rows.insert_or_lock(DOCTYPE, "subject", {"subject": subject})
	try:
		yield
	except BaseException:
		frappe.db.rollback()
		raise
	frappe.db.commit()  # counters must outlive whatever happens to the answer


def record(kind: str, *subjects: str) -> None:
	"""Count one act for each subject."""
	now = utc_now()
	names = {subject: frappe.db.get_next_sequence_val(EVENT) for subject in subjects}
	events = [
		{"name": name, "kind": kind, "subject": subject, "occurred_at": now}
		for subject, name in names.items()
	]
	rows.insert(EVENT, *events)


def count(kind: str, subject: str, since: datetime) -> int:
	query = """SELECT COUNT(*) FROM `tabPortal Throttle Event`
		WHERE subject = %(subject)s AND kind = %(kind)s AND occurred_at > %(since)s"""
	return frappe.db.sql(query, {"subject": subject, "kind": kind, "since": since})[0][0]


def wait_seconds(kind: str, subject: str, *limits: Limit, after: datetime | None = None) -> int:
	"""Seconds until one more act fits within all limits; 0 when it fits now. Only acts after ``after`` count."""
	return max(_wait(kind, subject, limit, after) for limit in limits)


def forget(subject: str) -> None:
	frappe.db.delete(EVENT, {"subject": subject})
	frappe.db.delete(DOCTYPE, {"subject": subject})


def purge() -> None:
	"""Delete what no window reaches any more. A lock row that is deleted too early is made again."""
	before = utc_now() - timedelta(days=KEEP_DAYS)
	rows.delete(EVENT, frappe.get_all(EVENT, filters={"occurred_at": ("<", before)}, pluck="name"))
	query = """SELECT lock_row.name FROM `tabPortal Throttle` lock_row
		LEFT JOIN `tabPortal Throttle Event` event ON event.subject = lock_row.subject
		WHERE event.name IS NULL"""
	rows.delete(DOCTYPE, frappe.db.sql(query, pluck=True))


def _wait(kind: str, subject: str, limit: Limit, after: datetime | None) -> int:
	if limit.most < 1:
		return limit.seconds
	now = utc_now()
	query = """SELECT occurred_at FROM `tabPortal Throttle Event`
		WHERE subject = %(subject)s AND kind = %(kind)s AND occurred_at > %(since)s
		ORDER BY occurred_at DESC LIMIT 1 OFFSET %(others)s"""
	since = max(now - timedelta(seconds=limit.seconds), after or datetime.min)
	values = {"subject": subject, "kind": kind, "since": since, "others": limit.most - 1}
	oldest_that_counts = frappe.db.sql(query, values)
	if not oldest_that_counts:
		return 0
	free_at = oldest_that_counts[0][0] + timedelta(seconds=limit.seconds)
	return max(1, int((free_at - now).total_seconds()))
