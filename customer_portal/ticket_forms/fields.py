"""The fields of a form as one member sees them now: by what the template says, and by what is filled in already.

Only fields of the template that are not hidden from customers are read from a form. Of Helpdesk's own fields these
are what it decides a ticket by (``STANDARD``), and whatever an admin has added: who a ticket is of, its state and its
times are Helpdesk's and this app's, whatever a template lists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import frappe
from frappe.utils import nowdate, nowtime

from customer_portal import customizations
from customer_portal.ticket_forms import choices, dependencies, expressions, kinds
from customer_portal.ticket_forms.choices import Choice, Option
from customer_portal.ticket_forms.dependencies import Dependency
from customer_portal.ticket_forms.expressions import Value
from customer_portal.ticket_forms.kinds import Kind

TICKET = "HD Ticket"
STANDARD = ("priority", "ticket_type", "agent_group")
OWN = frozenset(
	field["fieldname"] for fields in customizations.CUSTOM_FIELDS.values() for field in fields
)  # of this app: an agent's
_DYNAMIC_DEFAULTS = {"Today": nowdate, "now": lambda: f"{nowdate()}T{nowtime()[:5]}", "Now": nowtime}

Typed = Callable[[str], Sequence[str]]  # asked only for fields that the form has


@dataclass(frozen=True)
class Field:
	"""``name`` is the HD Ticket's; ``label``, ``hint`` and ``placeholder`` are an admin's texts.

	``steers``: other fields, or their values, depend on this one. ``waits_for`` is the label of the field that has to be
	chosen before this one offers anything. ``typed`` is what stands in it.
	"""

	name: str
	label: str
	kind: Kind
	column: kinds.Column
	is_required: bool
	placeholder: str = ""
	hint: str = ""
	choice: Choice = choices.NOTHING
	link: str = ""
	steers: bool = False
	waits_for: str = ""
	typed: tuple[str, ...] = ()

	@property
	def options(self) -> tuple[Option, ...]:
		return self.choice.options

	@property
	def text(self) -> str:
		return self.typed[0] if self.typed else ""

	@property
	def longest(self) -> int:
		return self.column.length or self.kind.longest

	@property
	def input(self) -> str:
		own = kinds.INPUTS.get(self.column.options) if self.kind.input == "text" else None
		return own or self.kind.input

	@property
	def stars(self) -> int:
		return kinds.stars(self.column.options)


@dataclass(frozen=True)
class TicketForm:
	"""``texts`` are placeholders of the subject and the description, where the template has such rows."""

	template: str
	fields: tuple[Field, ...]
	placeholders: Mapping[str, str]
	description: str

	@property
	def is_steered(self) -> bool:
		return any(field.steers for field in self.fields)


def read(template: str, typed: Typed | None = None) -> TicketForm:
	"""For the signed-in member. ``typed`` is what a form has sent; None for a new one, which shows the defaults."""
	rows = frappe.get_all(
		"HD Ticket Template Field",
		filters={"parent": template, "parenttype": "HD Ticket Template", "parentfield": "fields"},
		fields=["fieldname", "required", "hide_from_customer", "placeholder", "url_method"],
		order_by="idx",
	)
	shown = [row for row in rows if not row.hide_from_customer]
	usable = {row.fieldname: row for row in shown if _is_usable(row.fieldname)}
	known = {name: _typed(name, typed) for name in usable}
	fields = _visible([_Row(row, known[row.fieldname]) for row in usable.values()], known)
	return TicketForm(
		template=template,
		fields=fields,
		placeholders={row.fieldname: row.placeholder or "" for row in shown},
		description=frappe.db.get_value("HD Ticket Template", template, "description_template") or "",
	)


@dataclass(frozen=True)
class _Row:
	row: frappe._dict
	typed: tuple[str, ...]

	@property
	def df(self):
		return frappe.get_meta(TICKET).get_field(self.row.fieldname)

	@property
	def depends_on(self) -> set[str]:
		"""Fields that say whether this one is shown, must be filled, and what it offers."""
		found = expressions.names(self.df.depends_on) | expressions.names(self.df.mandatory_depends_on)
		filters = str(self.df.get("link_filters") or "")
		dynamic = {self.df.options} if self.df.fieldtype == "Dynamic Link" else set()
		return found | dynamic | (expressions.names(f"eval:{filters}") if "eval:" in filters else set())


def _is_usable(fieldname: str) -> bool:
	df = frappe.get_meta(TICKET).get_field(fieldname or "")
	if not df or df.fieldtype not in kinds.KINDS or df.permlevel or df.get("is_virtual"):
		return False
	return fieldname in STANDARD or (bool(df.get("is_custom_field")) and fieldname not in OWN)


def _typed(fieldname: str, typed: Typed | None) -> tuple[str, ...]:
	if typed is not None:
		return tuple(value for value in typed(fieldname) if value)
	default = str(frappe.get_meta(TICKET).get_field(fieldname).default or "")
	if default.startswith(("__", ":", "eval:")):
		return ()
	value = _DYNAMIC_DEFAULTS[default]() if default in _DYNAMIC_DEFAULTS else default
	return (value,) if value else ()


def _visible(rows: list[_Row], known: dict[str, tuple[str, ...]]) -> tuple[Field, ...]:
	"""What a hidden field holds counts for nothing, so that hiding one may hide or show others."""
	hidden: set[str] = set()
	for _pass in rows:
		values = {name: _value(typed) for name, typed in known.items() if name not in hidden}
		now_hidden = {row.row.fieldname for row in rows if _is_hidden(row, values)}
		if now_hidden == hidden:
			break
		hidden = now_hidden
	shown = [row for row in rows if row.row.fieldname not in hidden]
	narrowing = dependencies.of_tickets()
	steering = _steering(rows, narrowing)
	values = {row.row.fieldname: _value(row.typed) for row in shown}
	return tuple(_field(row, values, narrowing, steering) for row in shown)


def _is_hidden(row: _Row, values: Mapping[str, Value]) -> bool:
	"""As in Helpdesk's page, a condition that cannot be read hides nothing."""
	return expressions.holds(row.df.depends_on, values) is False


def _steering(rows: list[_Row], narrowing: Sequence[Dependency]) -> set[str]:
	names = {row.row.fieldname for row in rows}
	parents = {one.parent for one in narrowing if one.child in names}
	return parents.union(*(row.depends_on for row in rows))


def _value(typed: tuple[str, ...]) -> Value:
	return list(typed) if len(typed) > 1 else next(iter(typed), "")


def _field(
	row: _Row, values: Mapping[str, Value], narrowing: Sequence[Dependency], steering: set[str]
) -> Field:
	df, own = row.df, row.row
	kind, choice, link = _kind(row, values)
	needs = _is_required(row, values)
	limits = [one for one in narrowing if one.child == own.fieldname and one.parent in values]
	for limit in limits if choice else ():
		choice = choice.among(limit.allowed(str(values[limit.parent] or "")))
	if limits and choice is not None and not choice.options:
		needs = False  # nothing goes with what is chosen there
	return Field(
		name=own.fieldname,
		label=_label(own.fieldname),
		kind=kind,
		column=kinds.Column(
			df.options or "" if kind.widget in ("line", "stars") else "",
			int(df.length or 0),
			bool(df.non_negative),
		),
		is_required=needs,
		placeholder=own.placeholder or df.get("placeholder") or "",
		hint=df.description or "",
		choice=choice or choices.NOTHING,
		link=link,
		steers=own.fieldname in steering,
		waits_for=next((_label(one.parent) for one in limits if not values[one.parent]), ""),
		typed=row.typed,
	)


def _label(fieldname: str) -> str:
	return frappe.get_meta(TICKET).get_field(fieldname).label or fieldname


def _is_required(row: _Row, values: Mapping[str, Value]) -> bool:
	"""A condition that cannot be read asks for nothing: nobody could file a ticket any more."""
	condition = row.df.mandatory_depends_on
	return bool(row.row.required or row.df.reqd or (condition and expressions.holds(condition, values)))


def _kind(row: _Row, values: Mapping[str, Value]) -> tuple[Kind, Choice | None, str]:
	"""How the field is filled in, what it offers, and the link of a Table MultiSelect's rows."""
	df, kind, link = row.df, kinds.KINDS[row.df.fieldtype], ""
	choice = None
	if row.row.url_method and kind.widget in ("line", "choice"):
		choice = choices.of_method(row.row.url_method)
		kind = kind if choice is None else kinds.KINDS["Select"]
	if choice is None and kind.widget in ("choice", "many"):
		choice, link = _choice(df, values)
	if choice is not None and not choice.options and df.fieldtype == "Autocomplete":
		return kinds.KINDS["Data"], None, ""
	return kind, choice, link


def _choice(df, values: Mapping[str, Value]) -> tuple[Choice, str]:
	if df.fieldtype in ("Select", "Autocomplete"):
		return choices.of_lines(df.options), ""
	if df.fieldtype == "Table MultiSelect":
		field, doctype = choices.target_of(df.options) or ("", "")
		return choices.of_records(doctype, df.get("link_filters"), values), field
	doctype = str(values.get(df.options) or "") if df.fieldtype == "Dynamic Link" else df.options
	return choices.of_records(doctype, df.get("link_filters"), values), ""
