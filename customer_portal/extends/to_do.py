"""Whom a ticket is assigned to: Frappe keeps it as ToDo, and writes the ticket past its hooks."""

from customer_portal.extends.guard import tell_slack
from customer_portal.slack import news


def on_change(doc, method: str | None = None) -> None:
	if doc.reference_type == "HD Ticket" and doc.reference_name:
		ticket = str(doc.reference_name)
		tell_slack(
			"An assignment could not be queued for Slack", doc, lambda: news.assignment_changed(ticket)
		)
