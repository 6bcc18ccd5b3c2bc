import re

import frappe
from frappe import _
from frappe.model.document import Document

MEMBER = re.compile(r"[UW][A-Z0-9]{2,38}")


class PortalSlackUser(Document):
	"""Who somebody in Slack is in Helpdesk. An admin corrects it; ``slack.people`` fills in what Slack says."""

	def validate(self) -> None:
		self.slack_user = (self.slack_user or "").strip()
		if not MEMBER.fullmatch(self.slack_user):
			frappe.throw(_("The Slack member ID begins with U or W, such as U0123456789."))
		if self.is_new() or self.has_value_changed("user"):
			self.is_fixed = 1
