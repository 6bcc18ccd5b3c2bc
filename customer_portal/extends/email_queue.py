"""What this app takes out of Frappe's outgoing mail: who gets an agent's reply from us gets it from nobody else."""

import frappe
from frappe.utils import parse_addr

from customer_portal.mail_addresses import normal_email
from customer_portal.notifications import replies


def before_insert(doc, method: str | None = None) -> None:
	"""A mail without recipients counts as sent. A fault of ours leaves it as it is: twice is better than never."""
	if not doc.communication:
		return
	try:
		taken = replies.taken_over(doc.communication)
	except Exception as error:  # noqa: BLE001
		frappe.log_error("The recipients of a reply could not be read", type(error).__name__)
		return
	if taken:
		doc.set("recipients", [row for row in doc.recipients if _address(row.recipient) not in taken])


def _address(recipient: str) -> str | None:
	"""Of an entry that may have a name beside it."""
	return normal_email(parse_addr(recipient)[1])
