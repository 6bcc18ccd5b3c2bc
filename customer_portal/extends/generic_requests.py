"""Keeps customers' generic requests off our doctypes and off the labels for agents.

Several whitelisted functions of Frappe and Helpdesk check no permission on what a request names: ``get_count`` counts
the rows of any doctype, ``get_group_by_count`` does so by assignee, ``get_next`` compares with fields of any document,
``get_link_title``, ``get_group_by_count`` and ``get_list_data`` tell the title of a link's target, and a "link
field.field" joins any table. Who is no agent may therefore name neither our doctypes nor the field ``sub_status``,
whatever the function, its path and the parameter are called. For everybody's documents ``api.generic`` and
``api.sub_status`` stand in the place of these functions.
"""

import json
import re
from collections.abc import Iterator

import frappe

from customer_portal import agents
from customer_portal.customizations import DOCTYPES
from customer_portal.exceptions import AgentsOnly, refuse

FIELD = re.compile(r"\bsub_status\b")
OURS = {doctype.casefold() for doctype in DOCTYPES}
FILTERS = {"filters", "or_filters", "current_filters", "default_filters"}
TEXTS = {"subject", "description", "content", "message", "comment", "text", "txt"}  # what people write
DOCUMENTS = {
	"doc",
	"docs",
}  # to be written: Helpdesk's form sends every field of the template, this one empty
JOINTS = {"and", "or", "not"}


def authenticate() -> None:
	"""An ``auth_hooks`` function, since only these run when keys and tokens have said who asks.

	Raises ``AgentsOnly`` when somebody else names one of our doctypes, or the field with the labels.
	"""
	if not _is_page_of_ours() and (_asks_for_ours() or _groups()) and not agents.is_agent():
		refuse(AgentsOnly())


def _is_page_of_ours() -> bool:
	"""Our pages read what people write as text; ``cmd`` makes Frappe call a function whatever the path."""
	return frappe.request.path.startswith(("/portal/", "/t/")) and "cmd" not in frappe.form_dict


def _asks_for_ours() -> bool:
	try:
		return any(map(_is_ours, _names(_asked())))
	except RecursionError:  # so deep is no honest request, and Frappe's own reader may bear it
		return True


def _groups() -> bool:
	"""Grouping a list, Helpdesk's ``get_list_data`` tells any field of any document that a row of one's own names."""
	view = _parsed(frappe.form_dict.get("view"))
	return isinstance(view, dict) and view.get("view_type") == "group_by"


def _asked() -> list[object]:
	"""Parameters, the parts of the path, and a body that only the endpoint itself will read."""
	request = frappe.request
	parts = request.path.split("/") if request.path.startswith("/api/") else []
	body = request.get_data()
	is_unread_json = not request.is_json and body.lstrip()[:1] in (b"{", b"[")
	return [dict(frappe.form_dict), parts, body.decode(errors="replace") if is_unread_json else None]


def _is_ours(name: str) -> bool:
	folded = name.strip().casefold()  # columns know no case
	return folded in OURS or bool(FIELD.search(folded)) or any(f"tab{doctype}" in folded for doctype in OURS)


def _names(asked: object) -> Iterator[str]:
	"""Every text that may be the name of a field or a doctype: not what people write, not what filters compare."""
	waiting = [asked]
	while waiting:
		value = _parsed(waiting.pop())
		if isinstance(value, str):
			yield value
		elif isinstance(value, dict):
			yield from map(str, value)
			waiting.extend(_named_by(key, value) for key, value in value.items())
		elif isinstance(value, list):
			waiting.extend(value)


def _named_by(key: object, value: object) -> object:
	if key in TEXTS and isinstance(value, str):
		return None
	if key in DOCUMENTS:
		return _without_own_field(_parsed(value))
	return list(_filter_names(value)) if key in FILTERS else value


def _without_own_field(document: object) -> object:
	"""A document may carry the field with a plain value: ``extends.hd_ticket`` decides who may write which."""
	if not isinstance(document, dict) or isinstance(document.get("sub_status"), dict | list):
		return document
	return {key: value for key, value in document.items() if key != "sub_status"}


def _filter_names(filters: object) -> Iterator[str]:
	"""Names of fields and doctypes in Frappe's filters: ``{field: value}``, ``[[doctype, field, operator, value]]``,
	and conditions joined by "and" and "or".
	"""
	waiting = [filters]
	while waiting:
		value = _parsed(waiting.pop())
		if isinstance(value, dict):
			yield from map(str, value)
			waiting.extend(part for key, part in value.items() if _joins(key) or isinstance(part, dict))
		elif isinstance(value, list) and not _is_condition(value):
			waiting.extend(value)
		elif isinstance(value, list):
			yield from (name for name in _operands(value) if isinstance(name, str))


def _is_condition(value: list) -> bool:
	"""It begins with a name; a joined list begins with a condition or with what joins."""
	first = _parsed(value[0]) if value else None
	return isinstance(first, str) and not _joins(first)


def _joins(name: object) -> bool:
	return str(name).casefold() in JOINTS


def _operands(condition: list) -> list:
	"""What a condition names: ``[field, operator, value]``, or four and more with the doctype in front."""
	return condition[:1] if len(condition) == len(("field", "operator", "value")) else condition[:2]


def _parsed(value: object) -> object:
	"""Frappe reads JSON wherever a text holds it. Numbers stay texts: Python refuses very long ones, others do not."""
	if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[", '"'):
		return value
	try:
		return json.loads(value, parse_int=str, parse_float=str)
	except ValueError:
		return value
