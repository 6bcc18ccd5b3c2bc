"""Who of an organisation may see and do what with which ticket: the one policy of the signed-in portal.

It is asked at every request, and knows nothing from an earlier one: who is taken off a list is out at once. An agent is
no member, whatever the agent's address is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe

from customer_portal import agents, mail_addresses

ALL = "All tickets"
EVERYONE = "Everyone in the domains"
MANAGER = "Manager"

READ, REPLY, FOLLOW = "read", "reply", "follow"
CLOSE, REOPEN, RATE, HIDE = "close", "reopen", "rate", "hide"
_OF_ALL_WHO_SEE = frozenset({READ, REPLY, FOLLOW})
ACTS = _OF_ALL_WHO_SEE | {CLOSE, REOPEN, RATE, HIDE}

FIELDS = (
	"name",
	"customer",
	"raised_by",
	"contact",
	"portal_private",
)  # of HD Ticket, which the policy needs

OF_USER = ("email", "full_name", "time_zone")
# Columns compare letters without their accents, as if "josé" and "jose" had one mailbox: what decides is EXACT.
EXACT = "utf8mb4_nopad_bin"
# Two parts, so that each begins at an index, however many organisations there are.
_RULES = """SELECT access.customer, access.who, access.sees, person.email, person.role,
		person.sees AS person_sees, person.is_disabled, NULL AS domain, NULL AS with_subdomains
	FROM `tabPortal Access Person` person
	JOIN `tabPortal Customer Access` access ON access.name = person.parent AND access.enabled = 1
	WHERE person.email IN %(own)s OR person.email LIKE %(tagged)s
	UNION ALL SELECT access.customer, access.who, access.sees, NULL, NULL, NULL, NULL, domain.domain,
		domain.with_subdomains
	FROM `tabPortal Access Domain` domain
	JOIN `tabPortal Customer Access` access ON access.name = domain.parent AND access.enabled = 1
	WHERE domain.domain IN %(domains)s"""
# Any website user may make a Contact with anybody's address, which Helpdesk then takes for the next ticket of that
# address, and give it another address later. Only one made by staff, or by a job, says whose tickets are the user's.
# Two parts, so that each has an index.
_CONTACT = """SELECT 'contact', contact.name FROM `tabContact` contact
	JOIN `tabUser` maker ON maker.name = contact.owner AND maker.user_type = 'System User'"""
# Who follows a ticket of their own accord has no right to it by that: it may become private.
_OWN = f"""{_CONTACT} WHERE contact.user = %(user)s
	UNION ALL {_CONTACT} WHERE contact.email_id IN %(addresses)s AND contact.email_id COLLATE {EXACT} IN %(addresses)s
		AND COALESCE(contact.user, '') = ''
	UNION ALL SELECT 'shared', ticket FROM `tabPortal Ticket Follower` WHERE user = %(user)s AND is_added = 1"""


@dataclass(frozen=True)
class Membership:
	customer: str
	is_manager: bool
	sees_all: bool


@dataclass(frozen=True)
class Member:
	"""A person who is signed in and whom at least one organisation admits.

	``address`` is in its comparable form, ``addresses`` are all its spellings in small letters; ``contacts`` are the
	person's, ``shared`` the tickets to which somebody has added them.
	``time_zone`` is an IANA name, or empty.
	"""

	user: str
	address: str
	addresses: frozenset[str]
	contacts: frozenset[str]
	shared: frozenset[str]
	memberships: tuple[Membership, ...]
	full_name: str = ""
	time_zone: str = ""

	@property
	def managed(self) -> tuple[str, ...]:
		return tuple(one.customer for one in self.memberships if one.is_manager)

	@property
	def customers(self) -> tuple[str, ...]:
		return tuple(one.customer for one in self.memberships)

	def manages(self, customer: str | None) -> bool:
		return any(one.is_manager for one in self.memberships if one.customer == customer)

	def sees_all_of(self, customer: str | None) -> bool:
		return any(one.sees_all for one in self.memberships if one.customer == customer)


def member(user: str) -> Member | None:
	"""None for a guest, an agent, a disabled user, and for whom no organisation admits. Four SELECTs at most."""
	if user in ("Guest", "Administrator") or agents.is_agent(user):
		return None
	row = frappe.db.get_value("User", {"name": user, "enabled": 1}, OF_USER, as_dict=True)
	address = mail_addresses.normal_email(row and row.email)
	memberships = of_address(address) if address else ()
	if not memberships:
		return None
	addresses = frozenset({user.lower(), *mail_addresses.spellings(address)})
	values = {"user": user, "addresses": tuple(addresses)}
	own = frappe.db.sql(_OWN, values)
	contacts, shared = (
		frozenset(str(name) for kind, name in own if kind == one) for one in ("contact", "shared")
	)
	known = {"full_name": row.full_name or address, "time_zone": row.time_zone or ""}
	return Member(user, address, addresses, contacts, shared, memberships, **known)


def is_open() -> bool:
	"""Whether any organisation may enter."""
	return bool(frappe.db.exists("Portal Customer Access", {"enabled": 1}))


def of_address(address: str) -> tuple[Membership, ...]:
	"""Where a person with this address, in its comparable form, would be a member. One SELECT."""
	domains = mail_addresses.with_parents(mail_addresses.domain_of(address))
	own = (address, mail_addresses.mailbox(address))
	values = {"own": own, "tagged": mail_addresses.tagged_pattern(address), "domains": domains}
	by_customer: dict[str, list[frappe._dict]] = {}
	for rule in frappe.db.sql(_RULES, values, as_dict=True):
		by_customer.setdefault(rule.customer, []).append(rule)
	decisive = (_decisive(by_customer[customer], address, domains[0]) for customer in sorted(by_customer))
	return tuple(_membership(rule) for rule in decisive if rule and _admits(rule))


def row_about(rows: Iterable, address: str):
	"""Of the rows of an organisation's people (``email``, ``is_disabled``) the one that decides about this address.

	It is the address' own, else one that shuts out the same mailbox: whoever is out as mona@acme.example does not
	come back as mona+1@acme.example, which the same person reads. None for no row.
	"""
	rows, mailbox = list(rows), mail_addresses.mailbox(address)
	own = (row for row in rows if row.email == address)
	shut = (row for row in rows if row.is_disabled and mail_addresses.mailbox(row.email) == mailbox)
	return next(own, None) or next(shut, None)


def _decisive(rules: list[frappe._dict], address: str, domain: str) -> frappe._dict | None:
	"""The row about the person, else one of their own domain, or of a domain above that where it is meant."""
	near = (rule for rule in rules if rule.domain and (rule.domain == domain or rule.with_subdomains))
	return row_about(rules, address) or next(near, None)


def _admits(rule: frappe._dict) -> bool:
	return not rule.is_disabled if rule.role else rule.who == EVERYONE


def _membership(rule: frappe._dict) -> Membership:
	is_manager = rule.role == MANAGER
	return Membership(rule.customer, is_manager, is_manager or (rule.person_sees or rule.sees) == ALL)


def may(who: Member, act: str, row: frappe._dict) -> bool:
	"""Whether a member may do this with a ticket; ``row`` has ``FIELDS``.

	Everybody who sees a ticket may answer and follow it. What ends it, opens it again or hides it is for the person
	who raised it and for managers.
	"""
	if not sees(who, row):
		return False
	return act in _OF_ALL_WHO_SEE or (act in ACTS and (is_own(who, row) or who.manages(row.customer)))


def sees(who: Member, row: frappe._dict) -> bool:
	"""The same as ``sources``, for one ticket."""
	if row.customer and row.customer not in who.customers:
		return False
	if is_own(who, row):
		return True
	if not row.customer:
		return False
	is_shown = who.manages(row.customer) or not row.portal_private
	return str(row.name) in who.shared or (is_shown and who.sees_all_of(row.customer))


def is_own(who: Member, row: frappe._dict) -> bool:
	return (row.raised_by or "").lower() in who.addresses or row.contact in who.contacts


def sources(who: Member) -> Iterable[tuple[str, dict[str, object]]]:
	"""The same as ``sees``, as conditions on `tabHD Ticket` ``ticket`` that each can use an index; any may hold."""
	customers = {"customers": who.customers}
	within = f"(COALESCE(ticket.customer, '') = '' OR {_is_one_of('customer', 'customers')})"
	raised = f"{_is_one_of('raised_by', 'addresses', 'LOWER')} AND {within}"
	yield raised, {**customers, "addresses": tuple(who.addresses)}
	if who.contacts:
		yield (
			f"{_is_one_of('contact', 'contacts')} AND {within}",
			{**customers, "contacts": tuple(who.contacts)},
		)
	if who.shared:
		shared = f"{_is_one_of('customer', 'customers')} AND ticket.name IN %(shared)s"
		yield shared, {**customers, "shared": tuple(who.shared)}
	for one in who.memberships:
		if one.sees_all:
			shown = "" if one.is_manager else " AND ticket.portal_private = 0"
			yield f"{_is_one_of('customer', 'customer')}{shown}", {"customer": (one.customer,)}


def _is_one_of(column: str, values: str, fold: str = "") -> str:
	"""By the index first, which knows neither case nor accents, then exactly; ``fold`` is a function of SQL."""
	own = f"{fold}(ticket.{column})" if fold else f"ticket.{column}"
	return f"(ticket.{column} IN %({values})s AND {own} COLLATE {EXACT} IN %({values})s)"
