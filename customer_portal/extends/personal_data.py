"""Frappe's Personal Data Deletion Request, at the moment when it begins to erase."""

from customer_portal import personal_data

APPROVED = "Pending Approval"
WAITING = "Pending"


def on_update(doc, method: str | None = None) -> None:
	"""It writes down its steps first, and then takes one after the other: contacts lose their numbers with the first."""
	is_beginning = bool(doc.deletion_steps) and all(step.status == WAITING for step in doc.deletion_steps)
	if doc.status == APPROVED and is_beginning:
		personal_data.erase(doc.email, doc.name)
