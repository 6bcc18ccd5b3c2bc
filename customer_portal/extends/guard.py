"""For what this app adds to a save of somebody else's document: their document is worth more than our part of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe

from customer_portal.slack import channels


@contextmanager
def guarded(failed: str, doc) -> Iterator[None]:
	"""What fails inside is undone and logged, and the save goes on. ``failed`` is the title of the log's entry."""
	savepoint = f"portal_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(savepoint)
	try:
		yield
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
		raise  # the database has undone the document itself
	except Exception as error:  # noqa: BLE001
		frappe.db.rollback(save_point=savepoint)
		frappe.log_error(failed, type(error).__name__, doc.doctype, doc.name)


def tell_slack(failed: str, doc, tell: Callable[[], None]) -> None:
	"""The same for news of Slack. A site that has not set it up pays for nothing, not even a savepoint."""
	if channels.is_set_up():
		with guarded(failed, doc):
			tell()
