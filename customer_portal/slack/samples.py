"""The post of a ticket that does not exist, made as those of real ones are: for the preview of a template."""

import frappe
from frappe import _

from customer_portal import samples
from customer_portal.channels.base import EMAIL
from customer_portal.slack import posts
from customer_portal.slack.channels import TWO_WAY, Place
from customer_portal.slack.posts import Post
from customer_portal.statuses import TicketTemplate


def post(template: TicketTemplate, sub_status: str, is_customers: bool) -> Post:
	"""In the language of the moment, as in the triage channel or as in the channel of a customer."""
	customer = _("Customer")
	main_status = template.sub_status(sub_status).main_status
	row = {
		"name": samples.TICKET,
		"subject": _("Subject"),
		"description": samples.description().html,
		"raised_by": samples.ADDRESSES[EMAIL],
		"customer": customer,
		"status": template.main(main_status).sets_status,
		"sub_status": sub_status,
		"template": template.name,
	}
	place = Place("", TWO_WAY, customer if is_customers else "")
	return posts.of_row(frappe._dict(dict.fromkeys(posts.FIELDS), **row), place)
