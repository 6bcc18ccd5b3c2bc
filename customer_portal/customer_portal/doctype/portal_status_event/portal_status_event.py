from typing import NoReturn

import frappe
from frappe.model.document import Document

from customer_portal.exceptions import LedgerIsAppendOnly, refuse


class PortalStatusEvent(Document):
	"""One row of the ledger. ``timeline`` appends rows and, when a ticket is deleted, takes away all of them."""

	def before_validate(self) -> None:
		if not self.is_new():
			self._refuse()

	def before_change(self) -> NoReturn:
		self._refuse()

	def on_trash(self) -> NoReturn:
		self._refuse()

	def _refuse(self) -> NoReturn:
		refuse(LedgerIsAppendOnly())


def on_doctype_update() -> None:
	"""The delivery job asks for the oldest event without messages, once for each message; each save of a ticket for the
	ticket's last one.
	"""
	frappe.db.add_index("Portal Status Event", ["awaits_messages", "occurred_at"])
	frappe.db.add_index("Portal Status Event", ["ticket", "occurred_at"])
