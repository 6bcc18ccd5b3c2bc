"""When an admin says who somebody in Slack is."""

import frappe
from frappe import _

from customer_portal.slack import people


def validate(doc, method: str | None = None) -> None:
	"""Whose voice somebody is given; an agent who has left since keeps their row, which gives no voice any more."""
	is_chosen = doc.user and (doc.is_new() or doc.has_value_changed("user"))
	if is_chosen and not people.is_at_work(doc.user):
		frappe.throw(_("{0} is no active agent of this helpdesk.").format(doc.user))
