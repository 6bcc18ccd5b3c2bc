"""What members of organisations choose for themselves. The one writer of Portal Account.

Name, language and time zone are those of their Frappe user, so that Helpdesk shows the same.
"""

import unicodedata
from dataclasses import dataclass
from zoneinfo import available_timezones

import frappe
from frappe.sessions import clear_sessions

from customer_portal import mail_addresses, rows, timezones
from customer_portal.exceptions import HelpdeskRefused, NameUnreadable, PortalError

DOCTYPE = "Portal Account"
ALWAYS, WHEN_AWAY, NEVER = "Always", "When away", "Never"
REPLIES = (ALWAYS, WHEN_AWAY, NEVER)
LONGEST_NAME = 80
MOST_SESSIONS = 10_000
_OF_USER = ("full_name", "language", "time_zone")
_OF_ACCOUNT = ("replies", "wants_digest")
_NOT_IN_NAMES = frozenset('"@/\\{}')
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
		if not frappe.db.count("Sessions", {"user": user}):
			return
		clear_sessions(user, force=True)  # a hundred at a time


def sign_out_people_of(address: str) -> None:
	"""The same for the users with this address, in its comparable form."""
	spellings = tuple(mail_addresses.spellings(address))
	for user in frappe.get_all("User", filters={"email": ("in", spellings)}, fields=["name", "email"]):
		if mail_addresses.normal_email(user.email) == address:
			sign_out_everywhere(user.name)


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
