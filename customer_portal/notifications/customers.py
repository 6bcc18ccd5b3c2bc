"""What the messages about many tickets depend on, read at once: for a dry run, which would else ask for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import frappe

from customer_portal import links, promises, statuses, timezones
from customer_portal.notifications import languages
from customer_portal.otp import recipients
from customer_portal.otp.recipients import Recipient
from customer_portal.statuses import TicketTemplate

_FIELDS = ("name", "template", "portal_language", "is_merged", *recipients.FIELDS, *promises.FIELDS)
_USERS = """SELECT contact.name, user.language, user.time_zone FROM `tabContact` contact
	JOIN `tabUser` user ON user.name = contact.user WHERE contact.name IN %(contacts)s"""


@dataclass(frozen=True)
class Customer:
	"""``ticket`` is the row of HD Ticket; ``zone`` that of the contact's user."""

	ticket: frappe._dict
	template: TicketTemplate
	language: str
	recipients: Sequence[Recipient]
	zone: ZoneInfo | None
	is_muted: bool


def read(tickets: Sequence[str]) -> dict[str, Customer]:
	"""By the names of the tickets, without those that do not exist. Four SELECTs beside the cached templates."""
	rows = frappe.get_all("HD Ticket", filters={"name": ("in", tickets)}, fields=list(_FIELDS))
	users, muted = _users(rows), links.muted_among(tickets)
	found = zip(rows, recipients.of_rows(rows), strict=True)
	return {str(row.name): _customer(row, known, users, muted) for row, known in found}


def _customer(row: frappe._dict, known: Sequence[Recipient], users: Mapping, muted: set[str]) -> Customer:
	language, zone = users.get(row.contact, (None, None))
	return Customer(
		ticket=row,
		template=statuses.template_of(row),
		language=languages.chosen(row.portal_language or language),
		recipients=known,
		zone=timezones.named(zone),
		is_muted=str(row.name) in muted,
	)


def _users(rows: Sequence[frappe._dict]) -> dict[str, tuple[str | None, str | None]]:
	"""Language and time zone of the contact's user, by contact."""
	contacts = tuple({row.contact for row in rows if row.contact})
	found = frappe.db.sql(_USERS, {"contacts": contacts}) if contacts else ()
	return {contact: (language, zone) for contact, language, zone in found}
