"""Which tickets are open, and on which of them the next step is the customer's."""

import frappe

from customer_portal import statuses
from customer_portal.constants import RESOLVED


def sub_statuses() -> list[str]:
	"""Those before the resolution, of all templates; which of them a ticket's own template means, ``is_open`` decides."""
	filters = {"parenttype": "Portal Ticket Template", "main_status": ("<", str(RESOLVED))}
	return frappe.get_all("Portal Template Sub-Status", filters=filters, pluck="sub_status", distinct=True)


def is_open(ticket) -> bool:
	row = statuses.template_of(ticket).sub_status(ticket.sub_status)
	return row is not None and row.main_status < RESOLVED


def waits_for_customer(ticket) -> bool:
	"""By the sub-status, or by Helpdesk, which pauses a ticket that an agent has answered.

	``ticket`` has the ``category`` of its HD Ticket Status too.
	"""
	ball = statuses.ball(statuses.template_of(ticket), ticket.sub_status)
	return ball == "You" or (ticket.category == statuses.PAUSED and ball != "A third party")
