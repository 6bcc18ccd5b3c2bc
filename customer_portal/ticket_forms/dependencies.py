"""Which values of a field go with which of another: Helpdesk's "Field Dependency", which it keeps as an HD Form Script.

Its script is JavaScript for Helpdesk's own page; the same mapping stands below it as JSON
(``helpdesk.api.settings.field_dependency.create_update_field_dependency``), and that is what is read here. Form
scripts that an admin wrote by hand are programs of Helpdesk's page, and run nowhere else.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import frappe

NAME = "Field Dependency"
_MARK = "//JSON: "


@dataclass(frozen=True)
class Dependency:
	"""``values`` holds the child's values that go with each of the parent's; with no other one may the child be set."""

	parent: str
	child: str
	values: Mapping[str, tuple[str, ...]]

	def allowed(self, parent_value: str) -> tuple[str, ...]:
		return self.values.get(parent_value, ())


def of_tickets() -> tuple[Dependency, ...]:
	"""All that are enabled. One SELECT."""
	scripts = frappe.get_all(
		"HD Form Script",
		filters={"dt": "HD Ticket", "enabled": 1, "name": ("like", f"{NAME}-%")},
		fields=["name", "script"],
		order_by="name",
	)
	return tuple(one for one in map(_read, scripts) if one)


def _read(row: frappe._dict) -> Dependency | None:
	"""None for one that was changed by hand and cannot be read any more: it narrows nothing."""
	parts = row.name.split("-")
	if len(parts) != 3:
		return None
	with suppress(ValueError, AttributeError, TypeError):
		values = json.loads((row.script or "").rpartition(_MARK)[2])
		values = json.loads(values) if isinstance(values, str) else values
		known = {parent: tuple(map(str, children)) for parent, children in values.items()}
		return Dependency(parts[1], parts[2], known)
	return None
