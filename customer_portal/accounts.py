"""What members of organisations choose for themselves. The one writer of Portal Account.

Name, language and time zone are those of their Frappe user, so that Helpdesk shows the same.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

import frappe
from frappe.sessions import clear_sessions

from customer_portal import agents, mail_addresses, rows, timezones
from customer_portal.clock import utc_now
from customer_portal.exceptions import HelpdeskRefused, NameUnreadable, PortalError

DOCTYPE = "Portal Account"
ALWAYS, WHEN_AWAY, NEVER = "Always", "When away", "Never"
REPLIES = (ALWAYS, WHEN_AWAY, NEVER)
LONGEST_NAME = 80
MOST_SESSIONS = 10_000
NOTED_EACH = timedelta(minutes=1)
HERE_WITHIN = timedelta(minutes=5)  # an open page asks at least every two minutes
_NOTE = f"""INSERT INTO `tabPortal Account`
		(name, creation, modified, owner, modified_by, user, replies, last_seen_at)
	VALUES (%(user)s, %(stamp)s, %(stamp)s, %(user)s, %(user)s, %(user)s, '{WHEN_AWAY}', %(now)s)
	ON DUPLICATE KEY UPDATE last_seen_at = IF(last_seen_at > %(old)s, last_seen_at, %(now)s)"""
_SESSIONS = "SELECT COUNT(*) FROM tabSessions WHERE user = %(user)s"
_SIGNED_IN = """SELECT DISTINCT user.email FROM tabSessions session JOIN tabUser user ON user.name = session.user
	WHERE user.user_type = 'Website User'"""
_OF_USER = ("full_name", "language", "time_zone")
_OF_ACCOUNT = ("replies", "wants_digest")
_NOT_IN_NAMES = frozenset('"@/\\{}%')
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@dataclass(frozen=True)
class Account:
	"""``time_zone`` is an IANA name; ``replies`` one of REPLIES: which answers come by mail."""

	name: str
	language: str
	time_zone: str
	replies: str
	wants_digest: bool


def read(user: str) -> Account:
	own = frappe.db.get_value("User", user, _OF_USER, as_dict=True)
	chosen = frappe.db.get_value(DOCTYPE, user, _OF_ACCOUNT, as_dict=True) or frappe._dict()
	return Account(
		name=own.full_name or "",
		language=own.language or "",
		time_zone=own.time_zone or timezones.of_site().key,
		replies=chosen.replies or WHEN_AWAY,
		wants_digest=bool(chosen.wants_digest),
	)


def change(user: str, account: Account) -> None:
	"""Raises ``NameUnreadable``, and ``PortalError`` for what nobody was offered. The caller commits."""
	name = _readable(account.name)
	kept = read(user).time_zone
	if account.replies not in REPLIES or account.time_zone not in (kept, *time_zones()):
		raise PortalError
	_change_user(user, name, account.language, account.time_zone)
	_set(user, {"replies": account.replies, "wants_digest": int(account.wants_digest)})


def set_language(user: str, language: str) -> None:
	frappe.db.set_value("User", user, "language", language)
	frappe.cache.hdel("lang", user)  # where Frappe's sessions keep it


def is_signed_in(session: str) -> bool:
	"""Whether Frappe still knows the session of this id."""
	return bool(frappe.db.sql("SELECT 1 FROM `tabSessions` WHERE sid = %s", (session,)))


def want_digest(user: str, is_wanted: bool) -> None:
	"""The caller commits."""
	_set(user, {"wants_digest": int(is_wanted)})


def with_digest() -> list[str]:
	"""Users who want it."""
	return frappe.get_all(DOCTYPE, filters={"wants_digest": 1}, pluck="user", order_by="user")


def time_zones() -> list[str]:
	"""The names that people choose from: places, without abbreviations and outdated names at the top level."""
	return [
		"UTC",
		*sorted(name for name in available_timezones() if name.split("/")[0] in _AREAS and "/" in name),
	]


def sign_out_everywhere(user: str) -> None:
	"""Ends every Frappe session of the user, in the database and in its cache. Commits."""
	for _times in range(MOST_SESSIONS // 100):
		if not frappe.db.sql(_SESSIONS, {"user": user})[0][0]:
			return
		clear_sessions(user, force=True)  # a hundred at a time


def signed_in() -> set[str]:
	"""The addresses of website users with a session of Frappe, in their comparable form."""
	found = (mail_addresses.normal_email(email) for (email,) in frappe.db.sql(_SIGNED_IN))
	return set(filter(None, found))


def sign_out_owner(address: str) -> None:
	"""The same for the user with this address, if there is one. Not for staff, who are none of the portal's people."""
	user = user_of(address)
	if user and not agents.is_agent(user):
		sign_out_everywhere(user)


def user_of(address: str) -> str | None:
	"""The user with this e-mail address. Columns compare without case and accents: what decides is the exact form."""
	wanted = mail_addresses.normal_email(address)
	if not wanted:
		return None
	spellings = tuple(mail_addresses.spellings(wanted))
	either = {"name": ("in", spellings), "email": ("in", spellings)}
	found = frappe.get_all("User", or_filters=either, fields=["name", "email"], order_by="creation")
	return next((one.name for one in found if mail_addresses.normal_email(one.email) == wanted), None)


def note_here(user: str) -> None:
	"""They are in the portal now. Written once a minute, by one statement without a look before. The caller commits."""
	now = utc_now()
	values = {"user": user, "stamp": frappe.utils.now(), "now": now, "old": now - NOTED_EACH}
	frappe.db.sql(_NOTE, values)


def is_here(user: str) -> bool:
	"""Whether they were in the portal within the last minutes: an open page asks for news by itself."""
	seen = frappe.db.get_value(DOCTYPE, user, "last_seen_at")
	return bool(seen) and utc_now() - seen <= HERE_WITHIN


def is_known(user: str) -> bool:
	"""Whether they have ever been in the portal."""
	return bool(frappe.db.exists(DOCTYPE, user))


def replies(user: str) -> str:
	"""Which answers come by mail: one of REPLIES."""
	return frappe.db.get_value(DOCTYPE, user, "replies") or WHEN_AWAY


def erase(user: str) -> None:
	"""The caller commits."""
	frappe.db.delete(DOCTYPE, {"user": user})


def _set(user: str, values: dict[str, object]) -> None:
	rows.insert_or_lock(
		DOCTYPE, "user", {"name": user, "user": user, "replies": WHEN_AWAY, "wants_digest": 0}
	)
	frappe.db.set_value(DOCTYPE, user, values)


def _change_user(user: str, name: str, language: str, time_zone: str) -> None:
	"""Through the document, so that Contact, caches and open pages follow; only when something is another."""
	document = frappe.get_doc("User", user)
	before = (document.full_name, document.language or "", document.time_zone or "")
	if before == (name, language, time_zone):
		return
	if name != document.full_name:
		document.update({"first_name": name, "middle_name": "", "last_name": ""})
	document.update({"language": language, "time_zone": time_zone})
	try:
		document.save(ignore_permissions=True)
	except frappe.ValidationError as error:
		frappe.clear_messages()
		raise HelpdeskRefused from error


def _readable(name: str) -> str:
	"""On one line, of letters, marks, numbers and punctuation: nothing that hides or turns other signs, no symbols, and
	nothing of which addresses and markup are made.
	"""
	tidy = " ".join(name.split())
	is_odd = any(unicodedata.category(sign)[0] in "CS" or sign in _NOT_IN_NAMES for sign in tidy)
	if not tidy or len(tidy) > LONGEST_NAME or is_odd:
		raise NameUnreadable(LONGEST_NAME)
	return tidy
