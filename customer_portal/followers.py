"""Who follows a ticket: who filed it, until they stop, and whoever follows it besides.

The only writer of Portal Ticket Follower. To follow shows nothing more than before; whom somebody else has added sees
the ticket, so whoever calls ``add`` has asked ``access.may`` first. ``row`` is one of HD Ticket with ``access.FIELDS``.
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

_CHOSEN = """SELECT user.name AS user, user.email, user.full_name, follower.is_added
	FROM `tabPortal Ticket Follower` follower JOIN `tabUser` user ON user.name = follower.user
	WHERE follower.ticket = %(ticket)s AND user.enabled = 1 AND (follower.is_following = 1 OR follower.is_added = 1)
	ORDER BY follower.creation, follower.name"""


def follow(ticket: str, user: str) -> None:
	set_following(user, ticket, True)


def unfollow(ticket: str, user: str) -> None:
	"""Also for who filed it: a row stays that says so."""
	set_following(user, ticket, False)


def add(ticket: str, user: str) -> None:
	"""Somebody shares the ticket with a person of its organisation, who sees it from now on and follows it.

	To stop following does not undo it: it is for those who share. The caller commits.
	"""
	set_following(user, ticket, True)
	frappe.db.set_value(DOCTYPE, {"ticket": ticket, "user": user}, "is_added", 1)


def remove(ticket: str, user: str) -> None:
	"""The ticket is not shared with the person any more. The caller commits."""
	frappe.db.set_value(DOCTYPE, {"ticket": ticket, "user": user}, {"is_added": 0, "is_following": 0})


def set_following(user: str, ticket: str, is_following: bool) -> None:
	"""A new row's name comes from both, so that of two requests at once one row is left. The caller commits."""
	pair, value = {"ticket": ticket, "user": user}, int(is_following)
	name = frappe.db.get_value(DOCTYPE, pair) or keys.digest("follower", ticket, user)[:20]
	if not rows.insert_new(DOCTYPE, {"name": name, **pair, "is_following": value, "is_added": 0}):
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


def chosen(ticket: str) -> list[frappe._dict]:
	"""Who follows it by their own choice or another's: ``user``, ``email``, ``full_name``, ``is_added``. One SELECT."""
	return frappe.db.sql(_CHOSEN, {"ticket": ticket}, as_dict=True)


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
