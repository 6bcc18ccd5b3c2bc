"""A verified browser's session for one ticket: opened by a right code, resumed by a cookie, closed.

Portal OTP Session holds the challenge and then its session; only a digest of the cookie's value is stored.
"""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import frappe

from customer_portal import keys, rows, settings
from customer_portal.access_link import AccessLink
from customer_portal.clock import utc_now

DOCTYPE = "Portal OTP Session"
TOKEN_BYTES = 32
TOUCH_SECONDS = 60  # a session in use is written at most this often
_LONGEST_USER_AGENT = 140
_NO_LINK = "-"


@dataclass(frozen=True)
class Session:
	"""A live session. Times are naive UTC."""

	name: str
	link: str
	ticket: str
	channel: str
	recipient: str
	masked_recipient: str
	language: str | None
	verified_at: datetime
	last_seen_at: datetime
	idle_until: datetime
	absolute_until: datetime
	is_remembered: bool
	user_agent: str | None


@dataclass(frozen=True)
class Opened:
	"""A new session's cookie: ``expires`` is None where the cookie should end with the browser."""

	token: str
	expires: datetime | None


_COLUMNS = ", ".join(f"`{column.name}`" for column in fields(Session))


def open(challenge: str, remember: bool, user_agent: str) -> Opened | None:
	"""Turn a pending challenge into a session, once: None when it is not pending any more."""
	token = secrets.token_hex(TOKEN_BYTES)
	is_remembered = bool(remember and settings.get().allow_remember_device)
	now = utc_now()
	end = now + _absolute(is_remembered)
	values = {
		"name": challenge,
		"digest": _digest(token),
		"now": now,
		"idle_until": min(end, now + _idle(is_remembered)),
		"end": end,
		"is_remembered": int(is_remembered),
		"user_agent": user_agent[:_LONGEST_USER_AGENT],
	}
	query = """UPDATE `tabPortal OTP Session`
		SET state = 'Verified', session_digest = %(digest)s, seed = NULL, code_digest = NULL,
			verified_at = %(now)s, last_seen_at = %(now)s, idle_until = %(idle_until)s,
			absolute_until = %(end)s, is_remembered = %(is_remembered)s, user_agent = %(user_agent)s
		WHERE name = %(name)s AND state = 'Pending'"""
	if rows.affected(query, values) != 1:
		return None
	return Opened(token, end if is_remembered else None)


def resume(link: AccessLink | None, token: str | None, is_activity: bool = True) -> Session | None:
	"""The live session of a cookie for this link, or None.

	A link that an agent revoked or that expired has no sessions. One that wrong codes revoked keeps those that
	were verified before. Each use moves the idle limit; ``is_activity=False`` (a page that refreshes itself)
	does not. Without a link it costs the same.
	"""
	query = f"""SELECT {_COLUMNS} FROM `tabPortal OTP Session`
		WHERE session_digest = %(digest)s AND link = %(link)s AND state = 'Verified'
			AND idle_until > %(now)s AND absolute_until > %(now)s"""
	values = {"digest": _digest(token or ""), "link": link.name if link else _NO_LINK, "now": utc_now()}
	found = frappe.db.sql(query, values)
	if not found or not link.keeps_sessions:
		return None
	session = Session(*found[0])
	if is_activity:
		_touch(session)
	return session


def is_open(session: Session) -> bool:
	"""Whether nobody has closed it since it was resumed."""
	return bool(frappe.db.exists(DOCTYPE, {"name": session.name, "state": "Verified"}))


def close(session: Session, reason: str = "Signed out") -> None:
	"""End one session; closing it twice is no error. The caller commits."""
	_close("name = %(key)s", session.name, reason)


def close_all(link: str, reason: str) -> None:
	"""End every pending code and every session of a link, by the link's name. The caller commits."""
	_close("link = %(key)s", link, reason)


def of_ticket(ticket: str) -> list[Session]:
	"""The live sessions of a ticket, newest first."""
	query = f"""SELECT {_COLUMNS} FROM `tabPortal OTP Session`
		WHERE ticket = %(ticket)s AND state = 'Verified' AND idle_until > %(now)s AND absolute_until > %(now)s
		ORDER BY verified_at DESC"""
	return [Session(*row) for row in frappe.db.sql(query, {"ticket": str(ticket), "now": utc_now()})]


def forget(ticket: str) -> None:
	"""Delete every challenge and session of a ticket."""
	frappe.db.delete(DOCTYPE, {"ticket": str(ticket)})


def erase(addresses: list[str]) -> None:
	"""Delete every code and session, live ones too, that went to one of the addresses. The caller commits."""
	for name in rows.with_address(DOCTYPE, "recipient", addresses):
		frappe.db.delete(DOCTYPE, {"name": name})


def _touch(session: Session) -> None:
	now = utc_now()
	if now - session.last_seen_at < timedelta(seconds=TOUCH_SECONDS):
		return
	query = """UPDATE `tabPortal OTP Session` SET last_seen_at = %(now)s, idle_until = %(idle_until)s
		WHERE name = %(name)s AND state = 'Verified'"""
	idle_until = min(session.absolute_until, now + _idle(session.is_remembered))
	frappe.db.sql(query, {"name": session.name, "now": now, "idle_until": idle_until})
	frappe.db.commit()  # most uses are GET requests, which Frappe never commits


def _close(condition: str, key: str, reason: str) -> None:
	query = f"""UPDATE `tabPortal OTP Session`
		SET state = 'Closed', session_digest = NULL, seed = NULL, code_digest = NULL, end_reason = %(reason)s
		WHERE {condition} AND state IN ('Pending', 'Verified')"""
	frappe.db.sql(query, {"key": key, "reason": reason})


def _idle(is_remembered: bool) -> timedelta:
	if is_remembered:
		return _absolute(is_remembered)
	return timedelta(minutes=max(1, settings.number("session_idle_minutes")))


def _absolute(is_remembered: bool) -> timedelta:
	if is_remembered:
		return timedelta(days=max(1, settings.number("remember_device_days")))
	return timedelta(hours=max(1, settings.number("session_absolute_hours")))


def _digest(token: str) -> str:
	return keys.digest("session", token)
