"""For System Managers: the set-up of Slack, and what could not be brought there."""

from collections.abc import Callable
from dataclasses import asdict

import frappe

from customer_portal.exceptions import PortalError, refuse
from customer_portal.slack import outbox, trials
from customer_portal.slack.channels import ACCESS

MANAGER = "System Manager"
Lines = list[dict[str, str]]  # of ``state`` (OK, Warning, Failed) and ``text``


@frappe.whitelist(methods=["POST"])
def send_test(customer: str = "") -> Lines:
	"""Into the channel of this customer; else into the triage channel, with a look at those of all customers.

	404 for a customer without a channel, 429 after too many tests.
	"""
	frappe.only_for(MANAGER)
	return _lines(lambda: trials.send(frappe.session.user, customer))


@frappe.whitelist(methods=["POST"])
def look(customer: str = "") -> Lines:
	"""The same without a message; of one customer also for who may change its access."""
	if customer:
		frappe.has_permission(ACCESS, "write", throw=True)
	else:
		frappe.only_for(MANAGER)
	return _lines(lambda: trials.look(customer))


@frappe.whitelist(methods=["POST"])
def send_again(messages: str = "") -> int:
	"""Of names with commas between them. Returns how many of them had failed, and wait again now."""
	frappe.only_for(MANAGER)
	return sum(outbox.again(name) for name in messages.split(","))


def _lines(report: Callable[[], list[trials.Line]]) -> Lines:
	try:
		return [asdict(line) for line in report()]
	except PortalError as error:
		refuse(error)
