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
REPLY = "Reply"
INVITATION = "Invitation"
TICKET = "Ticket"
SEARCH = "Search"
LOOK_UP = "Look-up"
MOST_ATTEMPTS = 10  # at locks, of which each deadlock grants another one
ONCE = "Once"
EXPORT = "Export"

SITE = "site"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


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


def sign_in_subject(address: str) -> str:
	"""``address`` is in its comparable form."""
	return f"sign-in:{keys.digest('throttle-sign-in', address)}"


def attempt_subject(secret: str) -> str:
	"""One way to a provider and back; ``secret`` is in the browser's cookie."""
	return f"attempt:{keys.digest('throttle-attempt', secret)}"


def form_subject(link: str, key: str) -> str:
	"""One filling of one form; ``key`` is the random value in it."""
	return f"form:{keys.digest('throttle-form', link, key)}"


def user_subject(user: str) -> str:
	return f"user:{keys.digest('throttle-user', user)}"


def filling_subject(user: str) -> str:
	"""The forms that a member sends while filling them in; a budget apart from what else is looked up."""
	return f"filling:{keys.digest('throttle-filling', user)}"


def export_subject(user: str) -> str:
	"""The one export of a member that may run."""
	return f"export:{keys.digest('throttle-export', user)}"


def customer_subject(customer: str) -> str:
	"""``customer`` is the name of an HD Customer."""
	return f"customer:{keys.digest('throttle-customer', customer)}"


@contextmanager
def hold(*subjects: str) -> Iterator[None]:
	"""Take turns: within, nobody else counts or records acts of these subjects. Commits at the end.

	The commit before ends the transaction's snapshot, or REPEATABLE READ would count what was true when the
	request began. The commit after makes the counters durable before the caller answers. An error rolls back.
	"""
	_lock(sorted(set(subjects)))  # one order for all callers
	try:
		yield
	except BaseException:
		frappe.db.rollback()
		raise
	frappe.db.commit()  # counters must outlive whatever happens to the answer


def _lock(subjects: list[str]) -> None:
	"""In a fresh transaction, so that nothing is lost when the database ends it and it is begun again.

	Who waits for a row waits for the gap before it too (InnoDB, next-key locks), where its holder may want to insert.
	"""
	for attempt in range(1, MOST_ATTEMPTS + 1):
		frappe.db.commit()  # a fresh snapshot, taken after the lock
		try:
			for subject in subjects:
				rows.insert_or_lock(DOCTYPE, "subject", {"subject": subject})
		except frappe.QueryDeadlockError:
			frappe.db.rollback()
			if attempt == MOST_ATTEMPTS:
				raise
		else:
			return


def record(kind: str, *subjects: str) -> None:
	"""Count one act for each subject."""
	now = utc_now()
	rows.insert_numbered(EVENT, *({"kind": kind, "subject": one, "occurred_at": now} for one in subjects))


def take_once(subject: str) -> bool:
	"""True for the first caller with this subject, ever; a second one waits until the first has committed."""
	if not rows.insert_new(DOCTYPE, {"subject": subject}):
		return False
	record(ONCE, subject)  # keeps the row from the purge
	return True


def note_outcome(subject: str, outcome: str) -> None:
	"""What came of an act that happens once, for whoever repeats it."""
	frappe.db.set_value(DOCTYPE, {"subject": subject}, "outcome", outcome, update_modified=False)


def outcome(subject: str) -> str | None:
	return frappe.db.get_value(DOCTYPE, {"subject": subject}, "outcome")


def is_taken(subject: str) -> bool:
	return bool(frappe.db.exists(DOCTYPE, {"subject": subject}))


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
	"""Delete lock rows of which no act is left; Frappe's log clearing deletes the acts. One too early is made again."""
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
