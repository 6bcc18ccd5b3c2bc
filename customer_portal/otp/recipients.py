"""Whom a ticket knows: the phone numbers and e-mail addresses of its contact, of who raised it, and its own.

A code goes to the stored value only; what a person types is compared in a normal form and then dropped.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe

from customer_portal import phones, settings
from customer_portal.mail_addresses import normal_email

EMAIL = "Email"
SMS = "SMS"
LONGEST_MASK = 140  # characters, as the columns that keep it
# Any website user may make a Contact with anybody's address, and Helpdesk then finds it by that address for the next
# ticket. So only one that was made by staff, or by a job such as that which fetches mail, says where codes go.
_CONTACTS = """WITH known AS (
		SELECT contact.name, contact.mobile_no, contact.phone, contact.email_id FROM `tabContact` contact
		JOIN `tabUser` maker ON maker.name = contact.owner AND maker.user_type = 'System User'
		WHERE contact.name IN %(contacts)s)
	SELECT name, 'SMS', mobile_no FROM known
	UNION ALL SELECT name, 'SMS', phone FROM known
	UNION ALL SELECT known.name, 'SMS', row.phone FROM `tabContact Phone` row
		JOIN known ON known.name = row.parent AND row.parenttype = 'Contact'
	UNION ALL SELECT name, 'Email', email_id FROM known
	UNION ALL SELECT known.name, 'Email', row.email_id FROM `tabContact Email` row
		JOIN known ON known.name = row.parent AND row.parenttype = 'Contact'"""
FIELDS = ("portal_phone", "portal_email", "raised_by", "contact")  # of HD Ticket, which ``knows`` needs


@dataclass(frozen=True)
class Recipient:
	"""``address`` is what to send to: E.164, or an e-mail address as it is stored."""

	channel: str
	address: str

	@property
	def key(self) -> str:
		"""The comparable form: two recipients with one key are the same person's."""
		return normal_email(self.address) or self.address if self.channel == EMAIL else self.address

	@property
	def masked(self) -> str:
		return _mask_email(self.address) if self.channel == EMAIL else phones.mask(self.address)


def of(ticket: str) -> list[Recipient]:
	"""Every recipient that a ticket knows, each once, its own fields first. Two SELECTs."""
	row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True)
	return _distinct((*_own(row), *_of_contact(row.contact))) if row else []


def of_rows(tickets: Iterable[frappe._dict]) -> list[list[Recipient]]:
	"""The same for each of many rows of HD Ticket with ``FIELDS``. One SELECT."""
	tickets = list(tickets)
	of_contact = _of_contacts({row.contact for row in tickets if row.contact})
	return [_distinct((*_own(row), *of_contact.get(row.contact, ()))) for row in tickets]


def knows(row: frappe._dict, person: Recipient) -> bool:
	"""Whether a row of HD Ticket with ``FIELDS`` knows this person; the contact is read only when it has to be."""
	sought = (person.channel, person.key)
	return _has(_own(row), sought) or _has(_of_contact(row.contact), sought)


def mail_address(row: frappe._dict, person: Recipient) -> str:
	"""The address under which a verified person writes; ``row`` has ``FIELDS``.

	Who was verified by phone writes under the contact's address when the number is the contact's, else under the
	ticket's own, and where there is none under that of who raised it.
	"""
	if person.channel == EMAIL:
		return person.address
	of_contact, own = _of_contact(row.contact), _own(row)
	is_contacts = _has(of_contact, (person.channel, person.key))
	known = _distinct((*of_contact, *own) if is_contacts else (*own, *of_contact))
	return next((one.address for one in known if one.channel == EMAIL), row.raised_by)


def keys_of_user(user: str) -> set[tuple[str, str]]:
	"""Channels and comparable forms of a user's own address and of what the contacts of that user have."""
	values = [pair for contact in _contacts_of_user(user) for pair in _of_contact(contact)]
	found = _distinct(((EMAIL, user), *values))
	return {(recipient.channel, recipient.key) for recipient in found}


def contacts_with_address(address: str) -> list[str]:
	"""Columns compare without accents, as if "josé" and "jose" had one mailbox: what decides is the text."""
	with_address = {"email_id": address, "parenttype": "Contact"}
	found = frappe.get_all("Contact Email", filters=with_address, fields=["parent", "email_id"])
	return [row.parent for row in found if normal_email(row.email_id) == normal_email(address)]


def _contacts_of_user(user: str) -> list[str]:
	"""Those linked to the user, and those with the user's address that are linked to nobody else."""
	either = {"user": user, "name": ("in", contacts_with_address(user) or [""])}
	found = frappe.get_all("Contact", or_filters=either, fields=["name", "user"])
	return [contact.name for contact in found if contact.user in (user, None, "")]


def of_person(ticket: str, person: Recipient) -> list[Recipient]:
	"""What is the same person's: this address; for one of the contact's all of them, and the ticket's own fields.

	Not ``raised_by``: customers may name anybody there.
	"""
	row = frappe.db.get_value("HD Ticket", ticket, FIELDS, as_dict=True)
	of_contact = _of_contact(row.contact)
	if not _has(of_contact, (person.channel, person.key)):
		return [person]
	return _distinct(((SMS, row.portal_phone), (EMAIL, row.portal_email), *of_contact))


def match(ticket: str, channel: str, key: str) -> Recipient | None:
	"""The ticket's recipient with this comparable form."""
	return next((one for one in of(ticket) if one.channel == channel and one.key == key), None)


def typed_key(channel: str, typed: str) -> str | None:
	"""The comparable form of what a person typed; None when it is no phone number or no e-mail address."""
	if channel == EMAIL:
		return normal_email(typed)
	return phones.normalise(typed, settings.get().default_region)


def _own(row: frappe._dict) -> tuple[tuple[str, str], ...]:
	return (SMS, row.portal_phone), (EMAIL, row.portal_email), (EMAIL, row.raised_by)


def _of_contact(contact: str | None) -> tuple[tuple[str, str], ...]:
	return next(iter(_of_contacts({contact}).values()), ()) if contact else ()


def _of_contacts(contacts: set[str]) -> dict[str, tuple[tuple[str, str], ...]]:
	"""By contact, in the order in which they count."""
	found: dict[str, tuple[tuple[str, str], ...]] = {}
	for contact, channel, value in (
		frappe.db.sql(_CONTACTS, {"contacts": tuple(contacts)}) if contacts else ()
	):
		found[contact] = (*found.get(contact, ()), (channel, value))
	return found


def _read(channel: str, value: str | None) -> Recipient | None:
	if channel == SMS:
		number = phones.normalise(value, settings.get().default_region)
		return Recipient(SMS, number) if number and phones.takes_messages(number) else None
	address = (value or "").strip()
	return Recipient(EMAIL, address) if normal_email(address) else None


def _has(values: Iterable[tuple[str, str]], sought: tuple[str, str]) -> bool:
	return sought in {(one.channel, one.key) for one in _distinct(values)}


def _distinct(values: Iterable[tuple[str, str]]) -> list[Recipient]:
	by_key: dict[tuple[str, str], Recipient] = {}
	for channel, value in values:
		if recipient := _read(channel, value):
			by_key.setdefault((recipient.channel, recipient.key), recipient)
	return list(by_key.values())


def _mask_email(address: str) -> str:
	local, _at, domain = address.rpartition("@")
	masked = f"{local[:1]}•••@{domain}"
	return masked if len(masked) <= LONGEST_MASK else f"{masked[: LONGEST_MASK - 1]}…"
