"""What keeps Helpdesk, or a rule of another app, from doing what an agent has said or pressed in Slack."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import strip_html
from rq.timeouts import BaseTimeoutException

from customer_portal.notifications.outbox import roll_back

LONGEST = 300


def temporary() -> tuple[type[Exception], ...]:
	"""What passes by itself, and is tried again. All else is told: its author can change it, or tell an admin."""
	return (
		frappe.db.OperationalError,
		frappe.db.InterfaceError,
		frappe.QueryDeadlockError,
		frappe.QueryTimeoutError,
		BaseTimeoutException,
	)


def of(act: Callable[[], None], ticket: str) -> str:
	"""Does it. A sentence for the agent when it is refused: then nothing was done since the last commit. The caller
	commits.
	"""
	try:
		act()
	except temporary():
		raise
	except Exception as error:  # noqa: BLE001
		roll_back()
		return _sentence(error, ticket)
	return ""


def _sentence(error: Exception, ticket: str) -> str:
	"""A defect is logged by its kind alone."""
	if isinstance(error, frappe.PermissionError):
		said = str(error) or frappe.flags.pop("error_message", "")  # Frappe raises it without a word
		return _plain(said) or _("You may not change this ticket in Helpdesk.")
	if isinstance(error, (frappe.ValidationError, frappe.OutgoingEmailError)):
		return _plain(str(error)) or type(error).__name__
	kind = type(error).__name__
	frappe.log_error("Helpdesk did not take what was said in Slack", kind, "HD Ticket", ticket)
	return _("Something went wrong there: the Error Log says what.")


def _plain(text: str) -> str:
	plain = strip_html(text).strip()[:LONGEST]
	return f"{plain}." if plain[-1:].isalnum() else plain
