"""What all errors that a person meets have in common."""

from typing import NoReturn

import frappe

from customer_portal.texts import marked as _lt
from customer_portal.texts import translate as _


class PortalError(frappe.ValidationError):
	"""Base of every error that a person may see.

	``http_status_code`` is what Frappe answers with; ``sentence`` is English, ``message`` what the person reads.
	"""

	http_status_code = 400
	sentence = _lt("This request could not be read.")

	@property
	def message(self) -> str:
		return _(self.sentence)

	def __str__(self) -> str:
		return self.message


def refuse(error: PortalError) -> NoReturn:
	"""Raise, and hand the sentence to the Desk and to Helpdesk's pages, which show only such messages.

	Nobody reads the answer of a job, such as Frappe's for many documents: its user's open pages are told.
	"""
	frappe.msgprint(error.message, indicator="red")
	if getattr(frappe.local, "job", None):
		told = {"message": error.message, "indicator": "red"}
		frappe.publish_realtime("msgprint", told, user=frappe.session.user)
	raise error
