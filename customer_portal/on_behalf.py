"""Lets a customer without an account act on a ticket, as Helpdesk lets one who wrote a mail.

Guests may write nothing, and Helpdesk's own rules for customers with an account ("closed tickets cannot be updated")
are replaced by this app's settings. So the write itself runs as Administrator, which is how Helpdesk takes in mail
(``HDTicket.validate_portal_contact``: "system channels like email intake, which run as Administrator"), and what it
leaves behind names the person: the message's sender, the ticket's activities, and the ledger's source.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from customer_portal.exceptions import HelpdeskRefused, PortalError

SYSTEM = "Administrator"
_FLAG = "customer_portal_person"


@contextmanager
def of(address: str) -> Iterator[None]:
	"""``address`` is the verified person's e-mail address. Whoever was signed in is so again afterwards."""
	session, form = frappe.local.session, frappe.local.form_dict
	before = dict(session)
	frappe.set_user(SYSTEM)
	frappe.flags[_FLAG] = address
	try:
		yield
	finally:
		frappe.flags.pop(_FLAG)
		frappe.set_user(before["user"])
		session.update(before)
		frappe.local.form_dict = form


def person() -> str | None:
	"""The address of the customer who acts, None outside of ``of``."""
	return frappe.flags.get(_FLAG)


@contextmanager
def rules_of_others(failed: str) -> Iterator[None]:
	"""Raises ``HelpdeskRefused`` for what a rule of Helpdesk or of another app says, and leaves its words to the admin.

	``failed`` says in the Error Log what could not be done.
	"""
	try:
		yield
	except PortalError:
		raise
	except frappe.ValidationError as error:
		frappe.db.rollback()
		frappe.clear_messages()
		frappe.log_error(f"Customer Portal: {failed}", frappe.get_traceback())
		frappe.db.commit()  # the entry alone: the caller's error undoes the rest
		raise HelpdeskRefused from error
