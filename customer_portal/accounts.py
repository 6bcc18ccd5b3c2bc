"""What members of organisations choose for themselves. Language and time zone are those of their Frappe user."""

from datetime import timedelta

import frappe

from customer_portal import mail_addresses
from customer_portal.clock import utc_now

DOCTYPE = "Portal Account"
NOTHING = "Nothing"
NOTED_EACH = timedelta(minutes=1)
HERE_WITHIN = timedelta(minutes=5)  # an open page asks at least every two minutes
_NOTE = """INSERT INTO `tabPortal Account`
		(name, creation, modified, owner, modified_by, user, replies, last_seen_at)
	VALUES (%(user)s, %(stamp)s, %(stamp)s, %(user)s, %(user)s, %(user)s, 'Followed tickets', %(now)s)
	ON DUPLICATE KEY UPDATE last_seen_at = IF(last_seen_at > %(old)s, last_seen_at, %(now)s)"""


def set_language(user: str, language: str) -> None:
	frappe.db.set_value("User", user, "language", language)
	frappe.cache.hdel("lang", user)  # where Frappe's sessions keep it


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


def wants_replies(user: str) -> bool:
	return frappe.db.get_value(DOCTYPE, user, "replies") != NOTHING


def erase(user: str) -> None:
	"""Of a person whose data is erased."""
	frappe.db.delete(DOCTYPE, {"name": user})
