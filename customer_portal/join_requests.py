"""Who would like to come in: people of a known domain whose organisation admits named people only.

They ask by trying to sign in, which answers them as it answers everybody; the job that sends the mail notes them here.
Nobody has proved that the address is theirs: to accept a request admits whoever reads its mail, as an invitation does.
The one writer of Portal Join Request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe

from customer_portal import access, agents, keys, mail_addresses, rows, teams, throttle
from customer_portal.access import Member
from customer_portal.clock import utc_now
from customer_portal.exceptions import RequestDecided, TeamManagersOnly
from customer_portal.notifications import languages, outbox

DOCTYPE = "Portal Join Request"
OPEN, ACCEPTED, REFUSED = "Open", "Accepted", "Refused"
MOST_OPEN = 50  # of an organisation: whoever knows its domain can make some up
PAUSE = timedelta(hours=24)  # between two mails to the managers of an organisation

_CUSTOMERS = """SELECT access.name, domain.domain, domain.with_subdomains
	FROM `tabPortal Access Domain` domain
	JOIN `tabPortal Customer Access` access ON access.name = domain.parent
	WHERE domain.domain IN %(domains)s AND access.enabled = 1 AND access.who != %(everyone)s"""


@dataclass(frozen=True)
class JoinRequest:
	"""``asked_at`` is naive UTC."""

	name: str
	address: str
	asked_at: datetime


def note(address: str) -> None:
	"""Once for each organisation; ``address`` is in its comparable form. Commits."""
	for customer in _wanted_by(address):
		with throttle.hold(throttle.customer_subject(customer)):
			is_new = not frappe.db.exists(DOCTYPE, _name(customer, address)) and _count(customer) < MOST_OPEN
			if is_new and not teams.decides_about(customer, address):
				_write(customer, address)
				_tell(customer)


def read(who: Member, customer: str) -> list[JoinRequest]:
	"""Open ones, the oldest first. Raises ``TeamManagersOnly``."""
	if not who.manages(customer):
		raise TeamManagersOnly
	return [JoinRequest(row.name, row.email, row.asked_at) for row in _open(customer)]


def accept(who: Member, customer: str, name: str, language: str) -> str:
	"""Invites the person; returns the address. Raises ``RequestDecided`` and what ``teams.invite`` raises."""
	with teams.turn(who, customer) as document:
		address = _decide(who, customer, name, ACCEPTED)
		if address not in teams.listed(customer):
			teams.add(document, address, language)
	return address


def refuse(who: Member, customer: str, name: str) -> str:
	"""Whoever was refused is not noted again. Returns the address."""
	with teams.hold(who, customer):
		return _decide(who, customer, name, REFUSED)


def tell() -> None:
	"""Hourly: what was noted while the managers' last mail was too young for the next."""
	waiting = {"state": OPEN, "told_at": ("is", "not set")}
	for customer in frappe.get_all(DOCTYPE, filters=waiting, pluck="customer", distinct=True):
		with throttle.hold(throttle.customer_subject(customer)):
			_tell(customer)


def count(customer: str) -> int:
	return len(_open(customer))


def erase(spellings: Iterable[str], mark: str) -> None:
	"""What the person asked; what they decided for others stays, by ``mark``. The caller commits."""
	for name in rows.with_address(DOCTYPE, "email", spellings):
		frappe.db.delete(DOCTYPE, {"name": name})
	for name in rows.with_address(DOCTYPE, "decided_by", spellings):
		frappe.db.set_value(DOCTYPE, name, "decided_by", mark)


def _wanted_by(address: str) -> list[str]:
	"""Organisations of the address' domain that do not take everyone, and do not know it."""
	domain = mail_addresses.domain_of(address)
	values = {"domains": mail_addresses.with_parents(domain), "everyone": access.EVERYONE}
	found = frappe.db.sql(_CUSTOMERS, values, as_dict=True)
	customers = {row.name for row in found if row.domain == domain or row.with_subdomains}
	if not customers or agents.is_agent(address):
		return []
	return sorted(one for one in customers if not teams.decides_about(one, address))


def _write(customer: str, address: str) -> None:
	row = {"name": _name(customer, address), "customer": customer, "email": address}
	rows.insert_new(DOCTYPE, {**row, "state": OPEN, "asked_at": utc_now()})


def _name(customer: str, address: str) -> str:
	return keys.digest("join-request", customer, address)[:20]


def _open(customer: str) -> list:
	"""Without those whom a manager or the helpdesk has listed meanwhile."""
	found = frappe.get_all(
		DOCTYPE,
		filters={"customer": customer, "state": OPEN},
		fields=["name", "email", "asked_at", "told_at"],
		order_by="asked_at, name",
	)
	listed = teams.listed(customer) if found else ()
	return [row for row in found if row.email not in listed]


def _count(customer: str) -> int:
	return frappe.db.count(DOCTYPE, {"customer": customer, "state": OPEN})


def _tell(customer: str) -> None:
	"""One mail to each manager, unless there was one lately. The caller holds the organisation's turn."""
	now = utc_now()
	waiting = [row.name for row in _open(customer) if not row.told_at]
	last = frappe.db.get_value(
		DOCTYPE, {"customer": customer, "told_at": ("is", "set")}, "told_at", order_by="told_at desc"
	)
	if not waiting or (last and last > now - PAUSE):
		return
	for name in waiting:
		frappe.db.set_value(DOCTYPE, name, "told_at", now)
	occasion = f"{outbox.JOIN_REQUESTS} {keys.digest('occasion', customer)[:20]} {now.isoformat()}"
	for address in teams.managers(customer):
		language = languages.of_address(address)
		outbox.write_to_person(outbox.JOIN_REQUESTS, occasion, address, language, customer)


def _decide(who: Member, customer: str, name: str, state: str) -> str:
	request = frappe.db.get_value(DOCTYPE, {"name": name, "customer": customer, "state": OPEN}, "email")
	if not request:
		raise RequestDecided
	frappe.db.set_value(DOCTYPE, name, {"state": state, "decided_by": who.user, "decided_at": utc_now()})
	return request
