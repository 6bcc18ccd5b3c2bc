import frappe
from frappe import _
from frappe.model.document import Document


class PortalSubStatus(Document):
	"""The label that agents see; what customers see is in the Portal Ticket Templates."""

	def validate(self) -> None:
		self.label = " ".join((self.label or "").split())
		if not self.enabled and self.has_value_changed("enabled"):
			self._refuse_while_default()

	def _refuse_while_default(self) -> None:
		"""Tickets enter a main status by its default sub-status, so that one must stay usable."""
		filters = {"sub_status": self.name, "is_default": 1, "parenttype": "Portal Ticket Template"}
		template = frappe.db.get_value("Portal Template Sub-Status", filters, "parent")
		if template:
			frappe.throw(
				_("{0} is a default of the template {1}. Choose another default there first.").format(
					frappe.bold(self.label), frappe.bold(template)
				)
			)

	def on_trash(self) -> None:
		"""The ledger is no obstacle to Frappe's own check of links, yet it must stay readable."""
		for fieldname in ("to_sub_status", "from_sub_status"):
			if frappe.db.exists("Portal Status Event", {fieldname: self.name}):
				frappe.throw(
					_("{0} is part of the history of tickets. Disable it instead.").format(
						frappe.bold(self.label)
					),
					frappe.LinkExistsError,
				)
