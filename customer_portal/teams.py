"""The people of an organisation, as its managers see and change them. The one writer of Portal Customer Access,
but for the ID of a Slack channel.

Managers give and take access within what the helpdesk allows: people of the organisation's own domains, and addresses
that the helpdesk itself has listed. What they do goes through the document, so that its rules hold and its versions
name the manager. Nobody takes their own access or role away: so an organisation that has a manager keeps one.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import (
	access,
	accounts,
	keys,
	mail_addresses,
	memberships,
	rows,
	throttle,
	timezones,
)
from customer_portal.access import Member
from customer_portal.clock import utc_now
from customer_portal.exceptions import (
	AddressUnreadable,
	ColleagueIsIn,
	ColleagueIsOut,
	ColleagueUnknown,
	HelpdeskDecides,
	HelpdeskRefused,
	NotYourself,
	OutsideDomains,
	TeamManagersOnly,
	TooManyInvitations,
)
from customer_portal.notifications import outbox
from customer_portal.throttle import DAY, HOUR, Limit

DOCTYPE = "Portal Customer Access"
PERSON = "Portal Access Person"
ACTIVE, INVITED, OUT = "active", "invited", "out"
PAGE = 50  # people
OWN = "Own tickets"
MEMBER = "Member"
INVITATIONS = (Limit(20, HOUR), Limit(60, DAY))  # of an organisation


@dataclass(frozen=True)
class Colleague:
	"""``address`` is in its comparable form; ``state`` is ACTIVE, INVITED or OUT; ``last_sign_in`` is naive UTC.

	``may_return``: a manager took the access, so that a manager may give it back.
	"""

	address: str
	name: str
	is_manager: bool
	sees_all: bool
	state: str
	may_return: bool
	last_sign_in: datetime | None


@dataclass(frozen=True)
class Team:
	"""A page of the people of an organisation; ``next`` is the address after which the next page begins, or empty."""

	customer: str
	domains: tuple[str, ...]
	takes_everyone: bool
	colleagues: tuple[Colleague, ...]
	total: int
	next: str


def read(who: Member, customer: str, after: str = "") -> Team:
	"""Raises ``TeamManagersOnly``."""
	_check(who, customer)
	document = frappe.get_doc(DOCTYPE, customer)
	people = sorted(_colleagues(document), key=lambda one: one.address)
	page = [one for one in people if one.address > after][: PAGE + 1]
	following = page[PAGE - 1].address if len(page) > PAGE else ""
	domains = tuple(row.domain for row in document.domains)
	return Team(customer, domains, _takes_everyone(document), tuple(page[:PAGE]), len(people), following)


def invite(who: Member, customer: str, typed: str, language: str) -> str:
	"""Lists the person, and sends them a mail that says so; returns the address.

	Raises ``TeamManagersOnly``, ``AddressUnreadable``, ``OutsideDomains``, ``ColleagueIsIn``, ``ColleagueIsOut``
	and ``TooManyInvitations``.
	"""
	address = mail_addresses.normal_email(typed)
	if address is None:
		raise AddressUnreadable
	with turn(who, customer) as document:
		add(document, address, language)
	return address


def add(document, address: str, language: str) -> None:
	"""The same within a turn."""
	row = access.row_about(document.people, address)
	if row is None and not _is_of_domains(document, address):
		raise OutsideDomains(", ".join(row.domain for row in document.domains))
	if row and row.is_disabled:
		raise ColleagueIsOut
	if (row or _takes_everyone(document)) and _has_signed_in(address):
		raise ColleagueIsIn
	_count(document.name)
	if row is None:
		document.append("people", {"email": address, "role": MEMBER})
	day = utc_now().date().isoformat()
	occasion = f"{outbox.INVITATION} {keys.digest('occasion', document.name)[:20]} {day}"
	outbox.write_to_person(outbox.INVITATION, occasion, address, language, document.name)


def disable(who: Member, customer: str, address: str) -> None:
	"""Out at once, of Frappe too when no other organisation admits them: see ``sign_out_lost``."""
	_refuse_oneself(who, address)
	with turn(who, customer) as document:
		row = _listed(document, address)
		if not row.is_disabled:
			row.update({"is_disabled": 1, "disabled_by": who.user})


def enable(who: Member, customer: str, address: str) -> None:
	"""Raises ``HelpdeskDecides`` for whom the helpdesk itself has shut out."""
	with turn(who, customer) as document:
		row = _row(document, address)
		if row is None:
			raise ColleagueUnknown
		if row.is_disabled and not row.disabled_by:
			raise HelpdeskDecides
		row.update({"is_disabled": 0, "disabled_by": None})


def set_visibility(who: Member, customer: str, address: str, sees_all: bool) -> None:
	"""All tickets of the organisation, or those of their own. Managers see all, whatever is set."""
	with turn(who, customer) as document:
		_let_in(_listed(document, address)).sees = access.ALL if sees_all else OWN


def set_manager(who: Member, customer: str, address: str, is_manager: bool) -> None:
	_refuse_oneself(who, address)
	with turn(who, customer) as document:
		_let_in(_listed(document, address)).role = access.MANAGER if is_manager else MEMBER


def managers(customer: str) -> list[str]:
	"""Their addresses."""
	them = {"parent": customer, "parenttype": DOCTYPE, "role": access.MANAGER, "is_disabled": 0}
	return frappe.get_all(PERSON, filters=them, pluck="email", order_by="idx")


def decides_about(customer: str, address: str) -> bool:
	"""Whether a row of the list says that this person, by whatever tag of the address, has access or has none."""
	of_list = {"parent": customer, "parenttype": DOCTYPE}
	people = frappe.get_all(PERSON, filters=of_list, fields=["email", "is_disabled"])
	return access.row_about(people, address) is not None


def listed(customer: str) -> set[str]:
	"""Every address of the list, with or without access."""
	return set(frappe.get_all(PERSON, filters={"parent": customer, "parenttype": DOCTYPE}, pluck="email"))


def admitted(customer: str, emails: Iterable[str]) -> set[str]:
	"""Those of them who may sign in for this organisation. Of a cached document: to show names, and to allow nothing."""
	if not frappe.db.exists(DOCTYPE, customer):
		return set()
	document = frappe.get_cached_doc(DOCTYPE, customer)
	return {email for email in emails if _admits(document, mail_addresses.normal_email(email))}


def sign_out_lost(before) -> None:
	"""Ends Frappe's sessions of whom the organisation admitted before, and nothing admits any more. Commits.

	``before`` is its document as it was. Frappe and Helpdesk ask no organisation: a session that goes on reads tickets.
	"""
	after = frappe.get_doc(DOCTYPE, before.name) if frappe.db.exists(DOCTYPE, before.name) else None
	for address in accounts.signed_in():
		was_in, is_in = (_lets_in(document, address) for document in (before, after))
		if was_in and not is_in and not access.of_address(address):
			accounts.sign_out_owner(address)


def erase(spellings: Iterable[str], mark: str) -> None:
	"""Takes the person off every list, past the document: no new version may name them. The caller commits.

	Whom they have shut out stays so, by ``mark``. A form that somebody has open cannot bring the row back.
	"""
	own = rows.with_address(PERSON, "email", spellings)
	decided = rows.with_address(PERSON, "disabled_by", spellings)
	lists = {"name": ("in", ["", *own, *decided]), "parenttype": DOCTYPE}
	for customer in frappe.get_all(PERSON, filters=lists, pluck="parent", distinct=True):
		frappe.db.set_value(DOCTYPE, customer, "modified", frappe.utils.now())
	for name in own:
		frappe.db.delete(PERSON, {"name": name})
	for name in decided:
		frappe.db.set_value(PERSON, name, "disabled_by", mark)


@contextmanager
def hold(who: Member, customer: str) -> Iterator[None]:
	"""Managers of an organisation take turns. Whether ``who`` is one is asked anew: another may have been faster."""
	_check(who, customer)
	with throttle.hold(throttle.customer_subject(customer)):
		_check(access.member(who.user), customer)
		yield


@contextmanager
def turn(who: Member, customer: str) -> Iterator[object]:
	"""The organisation's document, to be changed within a turn, and saved at its end."""
	with hold(who, customer):
		document = frappe.get_doc(DOCTYPE, customer, for_update=True)
		yield document
		_save(document)


def _save(document) -> None:
	"""Raises ``HelpdeskRefused`` where what an admin entered breaks a rule by now."""
	try:
		document.save(ignore_permissions=True)
	except frappe.ValidationError as error:
		frappe.clear_messages()
		raise HelpdeskRefused from error


def _check(who: Member | None, customer: str) -> None:
	if who is None or not who.manages(customer):
		raise TeamManagersOnly


def _refuse_oneself(who: Member, address: str) -> None:
	if address == who.address:
		raise NotYourself


def _count(customer: str) -> None:
	subject = throttle.customer_subject(customer)
	if seconds := throttle.wait_seconds(throttle.INVITATION, subject, *INVITATIONS):
		raise TooManyInvitations(seconds)
	throttle.record(throttle.INVITATION, subject)


def _row(document, address: str):
	return next((row for row in document.people if row.email == address), None)


def _listed(document, address: str):
	"""The person's row, made for who has been here because the domains admit them. Raises ``ColleagueUnknown``."""
	row = _row(document, address)
	if row:
		return row
	if not _admits(document, address) or not accounts.user_of(address):
		raise ColleagueUnknown
	return document.append("people", {"email": address, "role": MEMBER})


def _admits(document, address: str | None) -> bool:
	row = access.row_about(document.people, address) if address else None
	if row:
		return not row.is_disabled
	return bool(address) and _takes_everyone(document) and _is_of_domains(document, address)


def _lets_in(document, address: str) -> bool:
	return bool(document and document.enabled) and _admits(document, address)


def _let_in(row):
	if row.is_disabled:
		raise ColleagueIsOut
	return row


def _takes_everyone(document) -> bool:
	return document.who == access.EVERYONE and bool(document.domains)


def _is_of_domains(document, address: str) -> bool:
	own, *parents = mail_addresses.with_parents(mail_addresses.domain_of(address))
	return any(
		row.domain == own or (row.with_subdomains and row.domain in parents) for row in document.domains
	)


def _colleagues(document) -> Iterator[Colleague]:
	"""Who is listed, and of an organisation that takes everyone who has been here before."""
	users = _users(document)
	listed = {row.email: row for row in document.people}
	if _takes_everyone(document):
		listed |= {address: None for address in users if address not in listed and _admits(document, address)}
	for address, row in listed.items():
		yield _colleague(document, address, row, users.get(address))


def _colleague(document, address: str, row, user) -> Colleague:
	is_manager = bool(row and row.role == access.MANAGER)
	last = _utc(user.last_login) if user else None
	is_out = bool(row and row.is_disabled)
	return Colleague(
		address=address,
		name=(user and user.full_name) or "",
		is_manager=is_manager,
		sees_all=is_manager or ((row and row.sees) or document.sees) == access.ALL,
		state=OUT if is_out else ACTIVE if last else INVITED,
		may_return=bool(is_out and row.disabled_by),
		last_sign_in=last,
	)


def _users(document) -> dict[str, frappe._dict]:
	"""By address: the users of the people who are listed, and of the customer's contacts."""
	listed = [one for row in document.people for one in mail_addresses.spellings(row.email)]
	either = {"email": ("in", listed or [""]), "name": ("in", memberships.users_of(document.name) or [""])}
	found = frappe.get_all(
		"User",
		filters={"user_type": "Website User"},
		or_filters=either,
		fields=["name", "email", "full_name", "last_login"],
	)
	by_address = {mail_addresses.normal_email(user.email): user for user in found}
	return {address: user for address, user in by_address.items() if address}


def _has_signed_in(address: str) -> bool:
	user = accounts.user_of(address)
	return bool(user and frappe.db.get_value("User", user, "last_login"))


def _utc(moment: str | datetime | None) -> datetime | None:
	"""Frappe keeps the last sign-in as text, on the site's clocks."""
	return timezones.to_utc(frappe.utils.get_datetime(moment)) if moment else None
