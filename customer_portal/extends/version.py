"""What this app takes out of Frappe's own record of changes."""

import json

FIELDNAME = "sub_status"


def before_insert(doc, method: str | None = None) -> None:
	"""Frappe 16 writes the label for agents into a ticket's versions, and sends those to whoever may read the
	ticket. The ledger has the same change, for agents only.
	"""
	if doc.ref_doctype != "HD Ticket" or FIELDNAME not in (doc.data or ""):
		return
	data = json.loads(doc.data)
	data["changed"] = [change for change in data.get("changed", []) if change[0] != FIELDNAME]
	doc.data = json.dumps(data)
