"""Who follows a ticket: who filed it, until they stop, and whoever follows it besides.

The only writer of Portal Ticket Follower. A follower sees the ticket, so whoever calls ``follow`` has asked
``access.may`` first. ``row`` is one of HD Ticket with ``access.FIELDS``.
"""

import frappe

from customer_portal import access, keys, mail_addresses, rows
from customer_portal.access import Member

DOCTYPE = "Portal Ticket Follower"
# Those who may have filed it; ``access`` says who really did.
_FILERS = """SELECT name FROM `tabUser` WHERE name IN %(raised_by)s
	UNION SELECT name FROM `tabUser` WHERE email IN %(raised_by)s
	UNION SELECT user FROM `tabContact` WHERE name = %(contact)s AND COALESCE(user, '') != ''
	UNION SELECT user.name FROM `tabUser` user JOIN `tabContact` contact ON contact.email_id = user.email
		WHERE contact.name = %(contact)s AND COALESCE(contact.user, '') = ''"""


def follow(ticket: str, user: str) -> None:
	set_following(user, ticket, True)


def unfollow(ticket: str, user: str) -> None:
	"""Also for who filed it: a row stays that says so."""
	set_following(user, ticket, False)


def set_following(user: str, ticket: str, is_following: bool) -> None:
	"""A new row's name comes from both, so that of two requests at once one row is left. The caller commits."""
	pair, value = {"ticket": ticket, "user": user}, int(is_following)
	name = frappe.db.get_value(DOCTYPE, pair) or keys.digest("follower", ticket, user)[:20]
	if not rows.insert_new(DOCTYPE, {"name": name, **pair, "is_following": value}):
		frappe.db.set_value(DOCTYPE, name, "is_following", value)


def is_following(who: Member, row: frappe._dict) -> bool:
	chosen = choice(str(row.name), who.user)
	return access.is_own(who, row) if chosen is None else chosen


def choice(ticket: str, user: str) -> bool | None:
	"""What the person has chosen; None when they have chosen nothing."""
	found = frappe.db.get_value(DOCTYPE, {"ticket": ticket, "user": user}, "is_following")
	return None if found is None else bool(found)


def of_ticket(row: frappe._dict) -> list[Member]:
	"""Those who follow it and may see it now."""
	found = (access.member(user) for user in candidates(row))
	return [who for who in found if who and access.sees(who, row) and is_following(who, row)]


def candidates(row: frappe._dict) -> list[str]:
	"""Users who filed the ticket, follow it, or did so once; what they may is not asked here."""
	raised_by = (row.raised_by or "").strip()
	address = mail_addresses.normal_email(raised_by)
	spellings = {raised_by, *(mail_addresses.spellings(address) if address else ())}
	values = {"raised_by": tuple(spellings), "contact": row.contact or ""}
	filers = frappe.db.sql(_FILERS, values, pluck=True)
	chosen = frappe.get_all(DOCTYPE, filters={"ticket": str(row.name)}, pluck="user", order_by="creation")
	return list(dict.fromkeys((*filers, *chosen)))


def forget(ticket: str) -> None:
	"""Of a ticket that is deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})


def erase(user: str) -> None:
	"""Of a person whose data is erased."""
	frappe.db.delete(DOCTYPE, {"user": user})
