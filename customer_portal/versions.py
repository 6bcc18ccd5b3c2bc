"""What Frappe keeps of documents: their changes (Version), and what they were when somebody deleted them."""

import json
from collections.abc import Iterable

import frappe


def erase(doctype: str, words: Iterable[str], mark: str, name: str | None = None) -> None:
	"""Puts ``mark`` where a value is one of the words, in small or capital letters; of one document, or of all.

	The caller commits.
	"""
	wanted = {word.casefold() for word in words}
	for keeper, kind, subject in (
		("Version", "ref_doctype", "docname"),
		("Deleted Document", "deleted_doctype", "deleted_name"),
	):
		filters = {kind: doctype, **({subject: name} if name else {})}
		for row in frappe.get_all(keeper, filters=filters, fields=["name", "data"]):
			_erase_from(keeper, row, wanted, mark)


def _erase_from(keeper: str, row: frappe._dict, wanted: set[str], mark: str) -> None:
	data = json.loads(row.data or "{}")
	clean = _without(data, wanted, mark)
	if clean != data:
		frappe.db.set_value(keeper, row.name, "data", json.dumps(clean), update_modified=False)


def _without(value: object, wanted: set[str], mark: str) -> object:
	if isinstance(value, dict):
		return {key: _without(one, wanted, mark) for key, one in value.items()}
	if isinstance(value, list):
		return [_without(one, wanted, mark) for one in value]
	is_wanted = isinstance(value, str) and value.strip().casefold() in wanted
	return mark if is_wanted else value
