"""The files of an answer that is taken back, or that are taken off it.

Each upload is a File of the ticket of its own, which the ledger knows by its name; Helpdesk makes one more for the
message, and names it in its mail.
"""

import json
from collections.abc import Iterable

import frappe


def delete(files: Iterable[str]) -> None:
	for file in files:
		frappe.delete_doc("File", file, ignore_permissions=True)


def of_message(doctype: str, message: str, address: str) -> list[str]:
	"""The column knows no case, the disk does."""
	own = {"attached_to_doctype": doctype, "attached_to_name": message, "file_url": address}
	found = frappe.get_all("File", own, ["name", "file_url"])
	return [one.name for one in found if one.file_url == address]


def take_off_mails(message: str, address: str) -> None:
	"""Of Helpdesk that have not left: one that names a file that is not there would never leave."""
	waiting = {"communication": message, "status": "Not Sent"}
	for mail in frappe.get_all("Email Queue", waiting, ["name", "attachments"]):
		kept = [one for one in json.loads(mail.attachments or "[]") if one.get("file_url") != address]
		frappe.db.set_value("Email Queue", mail.name, "attachments", json.dumps(kept), update_modified=False)
