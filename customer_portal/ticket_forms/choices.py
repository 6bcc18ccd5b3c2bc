"""What a field that takes one of several values offers to a member, and whether a value is one of them.

Nothing is offered that Helpdesk's own portal would not show to the same person. Records of a Link field are those that
the member may read or select. Members whom this app let in have no role of Helpdesk's; they are offered what its role
for customers may choose, unless the records differ from person to person: then the member's own permissions decide.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import frappe

from customer_portal.ticket_forms import expressions
from customer_portal.ticket_forms.expressions import Value

CUSTOMERS_ROLE = "HD Customer"
MOST = 300  # records in a list to choose from; with more, one types the name
_PERSONAL = ("permission_query_conditions", "has_permission")


@dataclass(frozen=True)
class Option:
	value: str
	label: str


@dataclass(frozen=True)
class Choice:
	"""``is_cut``: there are more than these; ``source`` is what ``is_offered`` asks then."""

	options: tuple[Option, ...] = ()
	source: tuple[str, tuple] | None = None
	is_cut: bool = False

	def offers(self, value: str) -> bool:
		if any(option.value == value for option in self.options):
			return True
		return self.is_cut and bool(_records(*self.source, (["name", "=", value],)))

	def among(self, values: tuple[str, ...]) -> "Choice":
		"""Those that another field allows (``dependencies``)."""
		options = (
			_records(*self.source, (["name", "in", values],)) if self.is_cut and values else self.options
		)
		return Choice(tuple(option for option in options if option.value in values))


NOTHING = Choice()


def of_lines(options: str | None) -> Choice:
	"""A Select's: one value a line, and the empty one is no choice."""
	lines = dict.fromkeys(line.strip() for line in (options or "").split("\n"))
	return Choice(tuple(Option(line, line) for line in lines if line))


def of_method(path: str) -> Choice | None:
	"""What a template row's ``url_method`` answers to this member: a list of texts, or of label and value.

	None for what is no function of this site that a signed-in person may call: an address elsewhere is for browsers
	of Helpdesk's own page, and a function that fails is for the admin to mend.
	"""
	path = path.strip().removeprefix("/api/method/")
	try:
		function = frappe.get_attr(path)
		frappe.is_whitelisted(function)
		found = frappe.call(function)
	except Exception:  # noqa: BLE001  whatever the function raises
		frappe.clear_messages()
		frappe.log_error(f"Customer Portal: no options from {path[:80]}", frappe.get_traceback())
		return None
	return Choice(tuple(_option(one) for one in found or () if one)[:MOST])


def of_records(doctype: str, filters: str | None, values: Mapping[str, Value]) -> Choice:
	"""Records that this member may choose; ``filters`` are the field's ``link_filters``."""
	if not doctype or not frappe.db.exists("DocType", doctype) or frappe.get_meta(doctype).istable:
		return NOTHING
	source = (doctype, _filters(filters, values))
	found = _records(*source)
	return Choice(tuple(found[:MOST]), source, len(found) > MOST)


def target_of(table: str) -> tuple[str, str] | None:
	"""The link of a Table MultiSelect's rows: field and DocType."""
	fields = frappe.get_meta(table).fields if table and frappe.db.exists("DocType", table) else ()
	return next(((one.fieldname, one.options) for one in fields if one.fieldtype == "Link"), None)


def labels_of(doctype: str, names: Sequence[str]) -> list[str]:
	"""What records that were chosen are called in such a list. Where what is offered differs from person to person, not
	everybody may read the titles: there, and of records that are gone, it is their names.
	"""
	title = _title_field(doctype) if _is_for_all(doctype) else "name"
	fields = ["name", f"{title} as title"]
	found = frappe.get_all(doctype, {"name": ("in", names)}, fields) if names else ()
	titles = {str(row.name): str(row.title or row.name) for row in found}
	return [titles.get(name, name) for name in names]


def _option(one: object) -> Option:
	if isinstance(one, Mapping) and "value" in one:
		return Option(str(one["value"]), str(one.get("label") or one["value"]))
	return Option(str(one), str(one))


def _records(doctype: str, filters: tuple, more: tuple = ()) -> list[Option]:
	"""One more than ``MOST`` where there are more."""
	reads = _reader(doctype)
	if reads is None:
		return []
	title = _title_field(doctype)
	fields = ["name", f"{title} as title"]
	order = "integer_value" if frappe.get_meta(doctype).has_field("integer_value") else title
	rows = reads(
		doctype, filters=[*filters, *more], fields=fields, order_by=f"{order} asc", limit_page_length=MOST + 1
	)
	return [Option(str(row.name), str(row.title or row.name)) for row in rows]


def _reader(doctype: str):
	"""How this member may read records to choose from; None for not at all."""
	if any(frappe.has_permission(doctype, right) for right in ("select", "read")):
		return frappe.get_list
	return frappe.get_all if _is_for_all(doctype) else None


def _is_for_all(doctype: str) -> bool:
	"""Whether every customer may choose every record."""
	is_personal = any(frappe.get_hooks(hook).get(doctype) for hook in _PERSONAL)
	return not is_personal and any(
		rule.role == CUSTOMERS_ROLE
		and (rule.read or rule.select)
		and not rule.permlevel
		and not rule.if_owner
		for rule in frappe.get_meta(doctype).permissions
	)


def _title_field(doctype: str) -> str:
	meta = frappe.get_meta(doctype)
	is_shown = meta.show_title_field_in_link and meta.title_field
	return meta.title_field if is_shown and meta.has_field(meta.title_field) else "name"


def _filters(filters: str | None, values: Mapping[str, Value]) -> tuple:
	"""``[[doctype, field, operator, value], …]``; a value may be an expression of the form's other fields.

	Filters that cannot be read leave nothing to choose: they may have been made to hide.
	"""
	if not filters:
		return ()
	with suppress(ValueError, TypeError):
		read = json.loads(filters)
		if all(len(one) in (3, 4) for one in read):
			return tuple([*one[-3:-1], _filter_value(one[-1], values)] for one in read)
	return (["name", "is", "not set"],)


def _filter_value(value: object, values: Mapping[str, Value]) -> object:
	if isinstance(value, str) and value.startswith("eval:"):
		name = next(iter(expressions.names(value)), "")
		return values.get(name) or ""
	return value
