"""What keeps Helpdesk, or a rule of another app, from doing what an agent has said or pressed in Slack."""

from collections.abc import Callable
from html import unescape

import frappe
from frappe import _
from frappe.utils import strip_html
from rq.timeouts import BaseTimeoutException

from customer_portal.notifications.outbox import roll_back

LONGEST = 300
# https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference
LOCKED = {1020, 1205, 1213}  # where Frappe has not made its own classes of them
TOO_MANY = {1040, 1203, 1226, 1637}  # connections, transactions
INTERRUPTED = {1053, 1317, 1927, 1969}  # by a shutdown, an admin, a time limit
NETWORK = {1158, 1159, 1160, 1161}
AWAY = {2002, 2003, 2006, 2013, 2055}
PASSING = frozenset(LOCKED | TOO_MANY | INTERRUPTED | NETWORK | AWAY)


def passes(error: Exception) -> bool:
	"""Whether it passes by itself, and is tried again. All else is told: its author can change it, or tell an admin.

	MariaDB calls operational most of what it refuses, a column that is not there too: there its number decides.
	"""
	kinds = (
		frappe.db.InterfaceError,  # the connection is closed
		frappe.QueryDeadlockError,
		frappe.QueryTimeoutError,
		frappe.TimestampMismatchError,  # somebody else has saved it since it was read
		BaseTimeoutException,
	)
	is_operational = isinstance(error, frappe.db.OperationalError)
	return isinstance(error, kinds) or (is_operational and not PASSING.isdisjoint(error.args[:1]))


def of(act: Callable[[], None], ticket: str) -> str:
	"""Does it. A sentence for the agent when it is refused: then nothing was done since the last commit. The caller
	commits.
	"""
	try:
		act()
	except Exception as error:
		if passes(error):
			raise
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
	plain = unescape(strip_html(text)).strip()[:LONGEST]
	return f"{plain}." if plain[-1:].isalnum() else plain
