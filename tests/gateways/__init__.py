"""Loopback providers that misbehave on demand: an SMS gateway, Twilio, Slack, and a mail server.

Each is a module with its fixtures for conftest, and records what it really received. ``server.sent_texts`` and
``mail.sent_mails`` of the whole run feed ``tests/secrets.py``.
"""

import frappe

from customer_portal import settings


def configure(**values) -> None:
	"""Changes Customer Portal Settings past its validation, for all processes."""
	frappe.db.set_single_value(settings.DOCTYPE, values)
	publish(settings.DOCTYPE, settings.DOCTYPE)


def save(**values) -> None:
	"""The same through its validation, but for that of links."""
	document = frappe.get_doc(settings.DOCTYPE)
	document.update(values)
	document.flags.ignore_links = True
	document.save(ignore_permissions=True)
	publish(settings.DOCTYPE, settings.DOCTYPE)


def publish(doctype: str, name: str) -> None:
	frappe.clear_document_cache(doctype, name)
	frappe.local.outgoing_email_account = {}  # Frappe's memory for one request
	frappe.db.commit()
