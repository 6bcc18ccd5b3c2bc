"""What the heading of a ticket tells a member of an organisation beside its state."""

from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import access, timezones
from customer_portal.access import Member
from customer_portal.constants import DEFAULT_TEMPLATE
from customer_portal.names import is_name
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.texts import marked as _lt

# What Helpdesk brings: names of records, which pages translate like texts.
PRIORITIES = (_lt("Low"), _lt("Medium"), _lt("High"), _lt("Urgent"))


@dataclass(frozen=True)
class Facts:
	"""``form``, ``priority`` and ``organisation`` may be empty; ``created`` is naive UTC."""

	subject: str
	form: str
	priority: str
	requester: str
	is_own: bool
	organisation: str
	created: datetime
	is_private: bool


def of(row: frappe._dict, member: Member) -> Facts:
	"""``row`` has ``tickets.FIELDS``. At most two SELECTs."""
	is_own = access.is_own(member, row)
	return Facts(
		subject=row.subject or "",
		form="" if row.template == DEFAULT_TEMPLATE else row.template or "",
		priority=row.priority or "",
		requester="" if is_own else requester(row),
		is_own=is_own,
		organisation=row.customer or "",
		created=timezones.to_utc(row.creation),
		is_private=bool(row.portal_private),
	)


def requester(row: frappe._dict) -> str:
	"""A name, never an address; ``row`` has raised_by and contact."""
	user = frappe.db.get_value("User", row.raised_by, "full_name")
	name = user or _of_contact(row.contact)
	return name if is_name(name) else Recipient(EMAIL, row.raised_by or "").masked


def _of_contact(contact: str | None) -> str:
	names = frappe.db.get_value("Contact", contact, ["first_name", "last_name"]) if contact else None
	return " ".join(filter(None, names or ()))
