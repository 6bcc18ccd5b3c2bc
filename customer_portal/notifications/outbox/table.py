"""The rows of Portal Notification, past the document layer. Every change is one conditional UPDATE."""

from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.notifications.drafts import Draft

DOCTYPE = "Portal Notification"
CANDIDATES = 20  # due rows that are looked at before the next look


@dataclass(frozen=True)
class Notification:
	"""A claimed row. ``claim`` proves that its holder may still record what happened.

	A letter has no ticket; ``customer`` is the organisation that an invitation or a request is about.
	"""

	name: str
	ticket: str | None
	kind: str
	channel: str
	recipient: str
	language: str
	sub_status: str | None
	attempts: int
	may_be_repeated: bool
	claim: str
	communication: str | None = None
	customer: str | None = None


def insert(new: list[Draft]) -> list[str]:
	if new:
		rows.insert(DOCTYPE, *new, ignore_duplicates=True)
	return [str(row["name"]) for row in new]


def change(name: str, state: str, values: dict[str, object], claim: str | None = None) -> bool:
	"""The one UPDATE of a row. It changes nothing when the state or the claim is another one by now.

	By the primary key alone: by the index on ``state`` it would lock its neighbours, and workers each other.
	"""
	assignments = ", ".join(f"`{field}` = %({field})s" for field in values)
	table = f"`tab{DOCTYPE}` FORCE INDEX (PRIMARY)"
	query = f"UPDATE {table} SET {assignments} WHERE name = %(_name)s AND state = %(_state)s"
	if claim:
		query += " AND claim = %(_claim)s"
	return rows.affected(query, {**values, "_name": name, "_state": state, "_claim": claim}) == 1


def supersede(name: str, reason: str, told_with: str | None = None) -> None:
	values = {"told_with": told_with} if told_with else {}
	change(name, "Queued", {"state": "Superseded", "reason": reason, **values})


def due_names() -> list[str]:
	query = f"""SELECT name FROM `tab{DOCTYPE}` WHERE state = 'Queued' AND due_at <= %(now)s
		ORDER BY due_at, occurred_at LIMIT {CANDIDATES}"""
	return [name for (name,) in frappe.db.sql(query, {"now": utc_now()})]


def due_count() -> int:
	return len(due_names())


def next_due_in() -> float | None:
	"""Seconds until the next queued row is due; None when nothing is queued."""
	frappe.db.commit()  # a new snapshot
	(due,) = frappe.db.sql(f"SELECT MIN(due_at) FROM `tab{DOCTYPE}` WHERE state = 'Queued'")[0]
	return (due - utc_now()).total_seconds() if due else None


def erase(addresses: list[str], mark: str) -> None:
	"""Puts ``mark`` in the place of these recipients, and lets nothing more go out to them. The caller commits."""
	reason = _("The customer's personal data was erased.")
	for name in rows.with_address(DOCTYPE, "recipient", addresses):
		supersede(name, reason)
		query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
			SET recipient = %(mark)s, masked_recipient = %(mark)s WHERE name = %(name)s"""
		frappe.db.sql(query, {"name": name, "mark": mark})


def forget(ticket: str) -> None:
	"""Deletes the messages of a ticket that is itself deleted."""
	frappe.db.delete(DOCTYPE, {"ticket": ticket})


def roll_back() -> None:
	"""Drops what the transaction has, and a connection that is lost: the next query makes a new one."""
	try:
		frappe.db.rollback()
	except (frappe.db.OperationalError, frappe.db.InterfaceError):
		frappe.db.close()
