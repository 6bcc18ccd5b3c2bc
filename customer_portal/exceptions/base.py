"""What all errors that a person meets have in common."""

from math import ceil
from typing import NoReturn

import frappe

from customer_portal.texts import marked as _lt
from customer_portal.texts import translate as _


class PortalError(frappe.ValidationError):
	"""Base of every error that a person may see.

	``http_status_code`` is what Frappe answers with; ``sentence`` is English, ``message`` what the person reads, with
	``details`` in the places of the sentence; ``retry_after`` is in seconds, 0 where waiting does not help.
	"""

	http_status_code = 400
	retry_after: float = 0
	sentence = _lt("This request could not be read.")

	def __init__(self, *details: object) -> None:
		super().__init__(*details)
		self.details = details

	@property
	def message(self) -> str:
		return _(self.sentence).format(*self.details)

	def __str__(self) -> str:
		return self.message


class TooOften(PortalError):
	"""The sentence tells minutes."""

	http_status_code = 429

	def __init__(self, retry_after: float = 0) -> None:
		super().__init__(max(1, ceil(retry_after / 60)))
		self.retry_after = retry_after


def refuse(error: PortalError) -> NoReturn:
	"""Raise, and hand the sentence to the Desk and to Helpdesk's pages, which show only such messages.

	Nobody reads the answer of a job, such as Frappe's for many documents: its user's open pages are told.
	"""
	frappe.msgprint(error.message, indicator="red")
	if getattr(frappe.local, "job", None):
		told = {"message": error.message, "indicator": "red"}
		frappe.publish_realtime("msgprint", told, user=frappe.session.user)
	raise error
