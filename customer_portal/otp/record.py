"""Rows of Portal OTP Session while they are challenges: the only place that writes them. ``sessions`` has them then.

Every change of state is one conditional UPDATE: the row, not what was read of it, decides who wins.
"""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import frappe

from customer_portal import rows, settings
from customer_portal.clock import utc_now
from customer_portal.otp import keyed_codes
from customer_portal.otp.recipients import Recipient
from customer_portal.sessions import DOCTYPE

PENDING = "Pending"
VERIFIED = "Verified"
SUPERSEDED = "Superseded"
FAILED = "Failed"

QUEUED = "Queued"
SENDING = "Sending"
SENT = "Sent"
NOT_SENT = "Failed"

SWEEP_AFTER = timedelta(seconds=20)  # a job that the queue took has begun by then
STALE_AFTER = timedelta(seconds=90)  # longer than any provider's time limit: its worker died
SWEEP_BATCH = 100
_SEED_BYTES = 16
_LONGEST_REASON = 140


@dataclass(frozen=True)
class Challenge:
	"""A row while it is, or was, a code. Times are naive UTC; ``seed`` is gone once the code was sent."""

	name: str
	state: str
	ticket: str | None
	channel: str
	recipient: str
	masked_recipient: str
	language: str
	digits: int
	tries: int
	asked_at: datetime
	expires_at: datetime
	delivery: str
	send_attempts: int
	seed: str | None
	code_digest: str | None

	def __repr__(self) -> str:
		return f"Challenge({self.name!r}, {self.state!r})"


_COLUMNS = ", ".join(f"`{column.name}`" for column in fields(Challenge))


def latest(link: str, browser: str) -> Challenge | None:
	"""The newest challenge of a browser for a link. What an agent or the customer closed is none any more."""
	query = f"""SELECT {_COLUMNS} FROM `tabPortal OTP Session`
		WHERE link = %(link)s AND browser_digest = %(browser)s AND state != 'Closed'
		ORDER BY asked_at DESC LIMIT 1"""
	found = frappe.db.sql(query, {"link": link, "browser": keyed_codes.browser_digest(browser)})
	return Challenge(*found[0]) if found else None


def latest_without_ticket(browser: str) -> Challenge | None:
	"""The newest challenge of a browser that wants to sign in to the organisation portal."""
	query = f"""SELECT {_COLUMNS} FROM `tabPortal OTP Session`
		WHERE browser_digest = %(browser)s AND ticket IS NULL AND state != 'Closed'
		ORDER BY asked_at DESC LIMIT 1"""
	found = frappe.db.sql(query, {"browser": keyed_codes.browser_digest(browser)})
	return Challenge(*found[0]) if found else None


def read(name: str) -> Challenge | None:
	found = frappe.db.sql(f"SELECT {_COLUMNS} FROM `tabPortal OTP Session` WHERE name = %s", (name,))
	return Challenge(*found[0]) if found else None


def is_of_browser(name: str, browser: str) -> bool:
	"""Whether this browser asked for the code; only there it could be entered."""
	digest = keyed_codes.browser_digest(browser)
	return bool(frappe.db.exists(DOCTYPE, {"name": name, "browser_digest": digest}))


def write(
	link: str, ticket: str | None, recipient: Recipient, digits: int, browser: str, language: str
) -> str:
	"""A new pending challenge, to be sent; returns its name."""
	name = frappe.generate_hash(length=20)
	seed = secrets.token_hex(_SEED_BYTES)
	now = utc_now()
	row = {
		"name": name,
		"state": PENDING,
		"link": link,
		"ticket": ticket,
		"channel": recipient.channel,
		"recipient": recipient.address,
		"masked_recipient": recipient.masked,
		"language": language,
		"asked_at": now,
		"expires_at": now + timedelta(minutes=max(1, settings.number("code_lifetime_minutes"))),
		"digits": digits,
		"delivery": QUEUED,
		"seed": seed,
		"code_digest": keyed_codes.digest(name, keyed_codes.derive(seed, digits)),
		"browser_digest": keyed_codes.browser_digest(browser),
	}
	rows.insert_one(DOCTYPE, row)
	return name


def supersede(link: str) -> None:
	"""A new code ends the older ones of the link, in every browser. The caller holds the ticket's throttle.

	By name: an UPDATE by link would lock the gap in the index where the new row of another link has to go.
	"""
	for name in frappe.get_all(DOCTYPE, filters={"link": link, "state": PENDING}, pluck="name"):
		_end(name, SUPERSEDED)


def end(name: str) -> None:
	"""No further try: the code was tried too often, or its ticket was locked."""
	_end(name, FAILED)


def use(name: str) -> bool:
	"""True for the first caller: the person has come in by this challenge, and nobody does so again."""
	query = """UPDATE `tabPortal OTP Session`
		SET state = 'Verified', seed = NULL, code_digest = NULL, verified_at = %(now)s
		WHERE name = %(name)s AND state = 'Pending'"""
	return rows.affected(query, {"name": name, "now": utc_now()}) == 1


def take_try(name: str) -> bool:
	"""Count one try, before the comparison and only while tries and time are left."""
	query = """UPDATE `tabPortal OTP Session` SET tries = tries + 1
		WHERE name = %(name)s AND state = 'Pending' AND tries < %(most)s AND expires_at > %(now)s"""
	values = {"name": name, "most": settings.number("tries_per_code"), "now": utc_now()}
	return rows.affected(query, values) == 1


def waiting() -> list[str]:
	"""Names of challenges that no job sends: never begun, or begun by a worker that died."""
	now = utc_now()
	query = """SELECT name FROM `tabPortal OTP Session`
		WHERE state = 'Pending' AND seed IS NOT NULL AND (
			(delivery = 'Queued' AND asked_at < %(queued)s)
			OR (delivery = 'Sending' AND sending_since < %(stale)s))
		ORDER BY asked_at LIMIT %(batch)s"""
	values = {"queued": now - SWEEP_AFTER, "stale": now - STALE_AFTER, "batch": SWEEP_BATCH}
	return frappe.db.sql(query, values, pluck=True)


def claim(name: str) -> Challenge | None:
	"""The challenge, if this worker is the one that sends it."""
	now = utc_now()
	query = """UPDATE `tabPortal OTP Session`
		SET delivery = 'Sending', sending_since = %(now)s, send_attempts = send_attempts + 1
		WHERE name = %(name)s AND state = 'Pending' AND seed IS NOT NULL AND expires_at > %(now)s
			AND (delivery = 'Queued' OR (delivery = 'Sending' AND sending_since < %(stale)s))"""
	is_mine = rows.affected(query, {"name": name, "now": now, "stale": now - STALE_AFTER}) == 1
	frappe.db.commit()  # other workers must see the claim before the provider is called
	if not is_mine:
		return None
	return read(name)


def put_back(name: str, reason: str) -> None:
	"""The provider cannot take the code now: the sweep tries again."""
	_note_delivery(name, QUEUED, reason, "")


def finish(name: str, delivery: str, reason: str) -> None:
	"""Sent, or never to be sent: the seed is forgotten, and with it the code."""
	_note_delivery(name, delivery, reason, ", seed = NULL")


def give_up() -> None:
	"""Forget the seeds of codes that ended before they were sent. By name, as in ``supersede``."""
	over = "delivery IN ('Queued', 'Sending') AND (state != 'Pending' OR expires_at <= %(now)s)"
	now = utc_now()
	query = f"SELECT name FROM `tabPortal OTP Session` WHERE {over}"
	for name in frappe.db.sql(query, {"now": now}, pluck=True):
		query = f"""UPDATE `tabPortal OTP Session`
			SET delivery = 'Failed', seed = NULL, delivery_error = COALESCE(delivery_error, 'Not sent in time')
			WHERE name = %(name)s AND {over}"""
		frappe.db.sql(query, {"name": name, "now": now})
	frappe.db.commit()  # the sweep sends next, and each send is a transaction of its own


def _note_delivery(name: str, delivery: str, reason: str, more: str) -> None:
	query = f"""UPDATE `tabPortal OTP Session`
		SET delivery = %(delivery)s, delivery_error = %(reason)s, sending_since = NULL{more}
		WHERE name = %(name)s"""
	frappe.db.sql(query, {"name": name, "delivery": delivery, "reason": reason[:_LONGEST_REASON] or None})
	frappe.db.commit()  # what the provider did must stay known, whatever happens to the next code


def _end(name: str, state: str) -> None:
	query = """UPDATE `tabPortal OTP Session` SET state = %(state)s, seed = NULL, code_digest = NULL
		WHERE name = %(name)s AND state = 'Pending'"""
	frappe.db.sql(query, {"name": name, "state": state})
