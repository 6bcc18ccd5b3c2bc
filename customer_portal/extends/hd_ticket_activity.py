"""What this app adds to the activities that agents see on an HD Ticket."""

from customer_portal import on_behalf


def before_insert(doc, method: str | None = None) -> None:
	"""Helpdesk shows the owner as who did it; an address without an account is shown as it is."""
	if on_behalf.person():
		doc.owner = on_behalf.person()
