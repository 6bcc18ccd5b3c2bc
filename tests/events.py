"""Status changes as agents make them, and the notifications that they cause."""

from datetime import timedelta

import frappe

from customer_portal import statuses
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch, outbox

DOCTYPE = "Portal Notification"


def sub_statuses(ticket, notifying: bool = True) -> list[str]:
	"""The sub-statuses of the ticket's template whose change the customer is told, or is not."""
	return [row.name for row in statuses.choices(statuses.template_of(ticket)) if row.notify == notifying]


def change_status(ticket, sub_status: str | None = None):
	"""Saves another sub-status, by default the next one that is told, and commits; returns the ticket."""
	ticket.reload()
	others = [name for name in sub_statuses(ticket) if name != ticket.sub_status]
	ticket.sub_status = sub_status or others[0]
	ticket.save(ignore_permissions=True)
	frappe.db.commit()
	return ticket


def notifications(ticket, **filters) -> list:
	"""The ticket's rows as they are now, the oldest first, those of its newest events included."""
	dispatch.announce()
	wanted = {"ticket": str(ticket.name), **filters}
	return frappe.get_all(DOCTYPE, filters=wanted, fields=["*"], order_by="occurred_at, name")


def forget_told(ticket) -> None:
	"""As if the customer had been told all that has happened so far."""
	dispatch.announce()
	outbox.forget(str(ticket.name))
	frappe.db.commit()


def make_due(ticket) -> None:
	"""As if the burst or the pause were over."""
	dispatch.announce()
	_touch(ticket, "due_at", utc_now() - timedelta(seconds=1))


def expire_claims(ticket) -> None:
	"""As if the workers that hold the ticket's rows had died long ago."""
	_touch(ticket, "claimed_at", utc_now() - timedelta(hours=1))


def _touch(ticket, field: str, value) -> None:
	query = f"UPDATE `tab{DOCTYPE}` SET {field} = %s WHERE ticket = %s AND state IN ('Queued', 'Sending')"
	frappe.db.sql(query, (value, str(ticket.name)))
	frappe.db.commit()


def clear() -> None:
	"""No message of an earlier test is left to be sent, and none counts."""
	dispatch.announce()
	query = f"UPDATE `tab{DOCTYPE}` SET state = 'Superseded' WHERE state IN ('Queued', 'Sending')"
	frappe.db.sql(query)
	frappe.db.delete("Portal Throttle Event", {"kind": "Notification"})
	frappe.db.commit()
