import frappe
from frappe.model.document import Document


class PortalSlackMessage(Document):
	"""What of a ticket stands where in Slack, and what still has to go there. ``slack.outbox`` alone writes it."""


def on_doctype_update() -> None:
	"""The next of each channel, and when it was written to last: each without a look at other rows."""
	frappe.db.add_index(
		"Portal Slack Message", ["state", "is_follow_up", "channel", "queued_at"], "slack_queue"
	)
	frappe.db.add_index("Portal Slack Message", ["channel", "sent_at"])
	frappe.db.add_index("Portal Slack Message", ["channel", "thread_ts"])
