"""What members decide about a ticket beside its conversation: who of the organisation sees it, and who follows it.

It goes past the document: no rule, no SLA and no ``modified`` of Helpdesk has to do with it. Agents see in the ticket's
activities who has hidden or shared it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import frappe
from helpdesk.helpdesk.doctype.hd_ticket_activity.hd_ticket_activity import log_ticket_activity

from customer_portal import access, accounts, followers, mail_addresses, on_behalf, teams, throttle, tickets
from customer_portal.access import Member
from customer_portal.exceptions import (
	ActNotOffered,
	AddressUnreadable,
	ColleagueNotHere,
	ColleagueUnknown,
	SignedOut,
	TicketIsMerged,
)
from customer_portal.slack import news
from customer_portal.tickets import Participant

TICKET = "HD Ticket"
MOST_FOLLOWERS = 50


@dataclass(frozen=True)
class Follower:
	"""``is_added``: somebody shares the ticket with them, and may undo it."""

	user: str
	name: str
	is_added: bool
	is_self: bool


@dataclass(frozen=True)
class Switches:
	"""``may_share``: hide the ticket from colleagues, show it again, and add or remove who sees it nevertheless."""

	is_private: bool
	may_share: bool
	is_following: bool
	followers: tuple[Follower, ...]


def read(row: frappe._dict, person: Participant) -> Switches:
	who = person.member
	return Switches(
		is_private=bool(row.portal_private),
		may_share=bool(row.customer) and access.may(who, access.HIDE, row),
		is_following=followers.is_following(who, row),
		followers=tuple(_followers(row, who)),
	)


def hide(person: Participant) -> None:
	"""From colleagues: who raised it, who was added, and managers go on seeing it."""
	_set_private(person, 1, "has hidden this ticket from colleagues")


def show(person: Participant) -> None:
	_set_private(person, 0, "has shown this ticket to colleagues again")


def follow(person: Participant) -> None:
	with _turn(person, access.FOLLOW) as row:
		followers.follow(str(row.name), person.member.user)


def unfollow(person: Participant) -> None:
	"""No more mail about it."""
	with _turn(person, access.FOLLOW) as row:
		followers.unfollow(str(row.name), person.member.user)


def share(person: Participant, typed: str) -> None:
	"""With a colleague who has signed in before. Raises ``AddressUnreadable`` and ``ColleagueNotHere``."""
	address = mail_addresses.normal_email(typed)
	if address is None:
		raise AddressUnreadable
	with _turn(person, access.HIDE) as row:
		user = _colleague(address, row.customer)
		if user is None or len(followers.chosen(str(row.name))) >= MOST_FOLLOWERS:
			raise ColleagueNotHere
		followers.add(str(row.name), user)
		_log(row, person, "has shared this ticket with a colleague")


def unshare(person: Participant, user: str) -> None:
	"""Raises ``ColleagueUnknown`` for whom nobody has added."""
	with _turn(person, access.HIDE) as row:
		if not any(one.user == user and one.is_added for one in followers.chosen(str(row.name))):
			raise ColleagueUnknown
		followers.remove(str(row.name), user)
		_log(row, person, "has stopped sharing this ticket with a colleague")


def _set_private(person: Participant, is_private: int, action: str) -> None:
	with _turn(person, access.HIDE) as row:
		if row.portal_private != is_private:
			frappe.db.set_value(TICKET, row.name, "portal_private", is_private, update_modified=False)
			news.privacy_changed(frappe._dict(row, portal_private=is_private))
			_log(row, person, action)


def _log(row: frappe._dict, person: Participant, action: str) -> None:
	"""In English, as Helpdesk's own activities."""
	with on_behalf.of(person.member.address):
		log_ticket_activity(row.name, action)


@contextmanager
def _turn(person: Participant, act: str) -> Iterator[frappe._dict]:
	"""The ticket's row, while nobody else acts on it, with the rights of this moment. Commits at the end.

	Raises ``SignedOut``, ``TicketNotFound``, ``TicketIsMerged`` and ``ActNotOffered``.
	"""
	with throttle.hold(throttle.ticket_subject(person.ticket)):
		present = tickets.renewed(person)
		if present is None:
			raise SignedOut
		row = tickets.visible_row(present)
		if row is None or str(row.name) != person.ticket:
			raise TicketIsMerged
		if not access.may(present.member, act, row) or (act == access.HIDE and not row.customer):
			raise ActNotOffered
		yield row


def _followers(row: frappe._dict, who: Member) -> Iterator[Follower]:
	"""Without those whom the organisation does not admit any more."""
	found = followers.chosen(str(row.name))
	admitted = teams.admitted(row.customer, [one.email for one in found]) if found and row.customer else ()
	for one in found:
		if one.email in admitted:
			yield Follower(one.user, one.full_name or one.email, bool(one.is_added), one.user == who.user)


def _colleague(address: str, customer: str) -> str | None:
	"""The user with this address, of this organisation."""
	user = accounts.user_of(address)
	member = access.member(user) if user else None
	return user if member and customer in member.customers else None
