"""From which message in Slack the document comes that is being written."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from customer_portal.slack.outbox import NOTE, REPLY, ledger

KINDS = {"Communication": REPLY, "HD Ticket Comment": NOTE}
_FLAG = "customer_portal_slack_message"


@contextmanager
def of(key: str) -> Iterator[None]:
	frappe.flags[_FLAG] = key
	try:
		yield
	finally:
		frappe.flags.pop(_FLAG, None)


def document() -> str:
	"""What the message has become so far; empty for nothing, or when none is being written."""
	key = frappe.flags.get(_FLAG)
	return (ledger.source_of(key) or "") if key else ""


def note(document) -> None:
	"""With the document in one transaction: Helpdesk may commit before it has sent its mail. Whatever else the site makes
	of it, such as an automation's comment below a reply, is not what was written.
	"""
	key = frappe.flags.get(_FLAG)
	if key:
		ledger.note_source(key, KINDS[document.doctype], document.name)
