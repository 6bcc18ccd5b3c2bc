"""A channel under another ID: whatever is there stays where it is, and what waits goes there."""

import frappe

from customer_portal.slack.outbox.table import DOCTYPE, SENDING

BATCH = 1_000  # rows in one statement
# What is known under the new ID already, as of a channel that somebody has entered by hand, stays as it is.
_MOVE = f"""UPDATE IGNORE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
	SET channel = %(new)s, `key` = REPLACE(`key`, %(before)s, %(after)s) WHERE name IN %(names)s"""


def is_in(channel: str) -> bool:
	return bool(frappe.db.exists(DOCTYPE, {"channel": channel}))


def move(old: str, new: str) -> bool:
	"""False while a worker is about one of them, who would add to the old channel. The caller commits."""
	names = frappe.get_all(DOCTYPE, {"channel": old}, pluck="name", order_by="name")
	values = {"new": new, "before": f"{old}:", "after": f"{new}:"}
	for start in range(0, len(names), BATCH):
		frappe.db.sql(_MOVE, {**values, "names": names[start : start + BATCH]})
	return not frappe.db.exists(DOCTYPE, {"channel": new, "state": SENDING})
