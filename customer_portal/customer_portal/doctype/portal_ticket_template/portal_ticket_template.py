import re
from collections import Counter
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document

from customer_portal.constants import DEFAULT_TEMPLATE, MAIN_STATUSES

CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")  # https://www.twilio.com/docs/glossary/what-is-a-sid


class PortalTicketTemplate(Document):
	"""What customers of one HD Ticket Template see; the Default one serves those that have none."""

	def validate(self) -> None:
		self._check_main_statuses()
		self._complete_fits()
		self._check_fits()
		self._check_sub_statuses()
		self._check_defaults()
		self._check_labels()
		self._check_whatsapp_templates()

	def on_trash(self) -> None:
		if self.ticket_template == DEFAULT_TEMPLATE:
			frappe.throw(
				_("The Default template cannot be deleted: all other templates fall back to it."),
				frappe.PermissionError,
			)

	def _check_main_statuses(self) -> None:
		if len(self.main_statuses) != MAIN_STATUSES:
			frappe.throw(_("There must be exactly {0} main statuses.").format(MAIN_STATUSES))

	def _complete_fits(self) -> None:
		known = {(row.main_status, row.ticket_status) for row in self.fits}
		for row in self.main_statuses:
			if (str(row.idx), row.sets_status) not in known:
				self.append("fits", {"main_status": str(row.idx), "ticket_status": row.sets_status})

	def _check_fits(self) -> None:
		double = _first_double((row.main_status, row.ticket_status) for row in self.fits)
		if double:
			frappe.throw(
				_("The ticket status {1} is listed twice for main status {0}.").format(
					*map(frappe.bold, double)
				)
			)

	def _check_sub_statuses(self) -> None:
		double = _first_double(row.sub_status for row in self.sub_statuses)
		if double:
			frappe.throw(_("The sub-status {0} is listed twice.").format(_bold_label(double)))

	def _check_defaults(self) -> None:
		"""A ticket enters a main status by its default sub-status: there must be one that can be set."""
		for main in self.main_statuses:
			defaults = [
				row.sub_status
				for row in self.sub_statuses
				if row.is_default and int(row.main_status) == main.idx
			]
			if len(defaults) != 1:
				frappe.throw(
					_("The main status {0} needs exactly one default sub-status.").format(
						frappe.bold(main.label)
					)
				)
			self._check_enabled(defaults[0])

	def _check_enabled(self, sub_status: str) -> None:
		if not frappe.db.get_value("Portal Sub-Status", sub_status, "enabled"):
			frappe.throw(
				_("The sub-status {0} is disabled and cannot be a default.").format(_bold_label(sub_status))
			)

	def _check_labels(self) -> None:
		offered = {row.sub_status for row in self.sub_statuses}
		for row in self.labels:
			if row.sub_status:
				row.main_status = ""
			elif not row.main_status:
				frappe.throw(
					_("Row {0} of the labels names no sub-status and no main status.").format(row.idx)
				)
			if row.sub_status and row.sub_status not in offered:
				frappe.throw(
					_("Row {0} of the labels names a sub-status that is not listed above.").format(row.idx)
				)
		double = _first_double((row.language, row.sub_status or row.main_status) for row in self.labels)
		if double:
			frappe.throw(
				_("There are two label rows for the same status in the language {0}.").format(double[0])
			)

	def _check_whatsapp_templates(self) -> None:
		offered = {row.sub_status for row in self.sub_statuses}
		for row in self.whatsapp_templates:
			row.content_sid = (row.content_sid or "").strip()
			if not CONTENT_SID.fullmatch(row.content_sid):
				frappe.throw(
					_(
						"Row {0} of the WhatsApp templates: a Content SID is HX and 32 hexadecimal digits."
					).format(row.idx)
				)
			if row.sub_status and row.sub_status not in offered:
				frappe.throw(
					_(
						"Row {0} of the WhatsApp templates names a sub-status that is not listed above."
					).format(row.idx)
				)
		double = _first_double((row.language, row.sub_status or "") for row in self.whatsapp_templates)
		if double:
			frappe.throw(
				_("There are two WhatsApp templates for the same status in the language {0}.").format(
					double[0]
				)
			)


def _first_double(values: Iterable):
	return next((value for value, count in Counter(values).items() if count > 1), None)


def _bold_label(sub_status: str) -> str:
	return frappe.bold(frappe.db.get_value("Portal Sub-Status", sub_status, "label") or sub_status)
