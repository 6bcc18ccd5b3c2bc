"""``python -m dev.old_tickets SITE``: tickets with a history, on a site that does not have this app yet."""

import sys

import frappe

STATUSES = (("Open",), ("Open", "Replied"), ("Open", "Replied", "Resolved"), ("Open", "Replied", "Closed"))


def file_ticket(number: int, statuses: tuple[str, ...]) -> None:
	contact = frappe.get_doc({"doctype": "Contact", "first_name": f"Old customer {number}"})
	contact.append("email_ids", {"email_id": f"old{number}@example.com", "is_primary": 1})
	contact.insert(ignore_permissions=True)
	ticket = frappe.get_doc(
		{
			"doctype": "HD Ticket",
			"subject": f"A ticket from before {number}",
			"description": "<p>It was here first.</p>",
			"raised_by": f"old{number}@example.com",
			"contact": contact.name,
		}
	).insert(ignore_permissions=True)
	for status in statuses[1:]:
		ticket.reload()
		ticket.status = status
		ticket.save(ignore_permissions=True)


if __name__ == "__main__":
	frappe.init(sys.argv[1])
	frappe.connect()
	frappe.set_user("Administrator")
	for number, statuses in enumerate(STATUSES, 1):
		file_ticket(number, statuses)
	frappe.db.commit()
	frappe.destroy()
