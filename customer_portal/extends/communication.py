"""What this app adds to the messages of HD Tickets."""

import frappe

from customer_portal import archive, on_behalf
from customer_portal.notifications import replies

SAVEPOINT = "portal_replies"


def before_insert(doc, method: str | None = None) -> None:
	archive.refuse_reply(doc)
	if on_behalf.person():
		doc.sender = on_behalf.person()


def after_insert(doc, method: str | None = None) -> None:
	"""The message is worth more than our part of it: what fails here is undone, and Helpdesk's own mail goes out."""
	if doc.reference_doctype != replies.TICKET:
		return
	frappe.db.savepoint(SAVEPOINT)
	try:
		replies.queue(doc)
		replies.note_answer(doc)
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
		raise  # the database has undone the message itself
	except Exception as error:  # noqa: BLE001
		frappe.db.rollback(save_point=SAVEPOINT)
		frappe.log_error("A reply could not be queued", type(error).__name__, doc.doctype, doc.name)
