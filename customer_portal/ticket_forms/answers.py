"""Checks what was filled in against the form as it is now: values to store, or a sentence for each field."""

from collections.abc import Mapping
from dataclasses import dataclass

from customer_portal.exceptions import BadFieldValue, PortalError
from customer_portal.texts import marked as _lt
from customer_portal.ticket_forms.fields import Field, TicketForm
from customer_portal.ticket_forms.kinds import Value
from customer_portal.uploads import Upload

MISSING = _lt("This is needed.")
NOT_OFFERED = _lt("Choose one of the offered values.")
TOO_LONG = _lt("Keep it below {0} characters.")


@dataclass(frozen=True)
class Answers:
	"""``values`` by fieldname; ``problems`` by fieldname, in the order of the form."""

	values: Mapping[str, Value]
	problems: Mapping[str, PortalError]


def read(form: TicketForm, files: Mapping[str, Upload]) -> Answers:
	"""``files`` are what was sent for fields of type Attach; their values are set once they are stored."""
	values: dict[str, Value] = {}
	problems: dict[str, PortalError] = {}
	for field in form.fields:
		try:
			value = _value(field, files)
		except PortalError as problem:
			problems[field.name] = problem
		else:
			if value is not None:
				values[field.name] = value
	return Answers(values, problems)


def _value(field: Field, files: Mapping[str, Upload]) -> Value | None:
	"""None for a file, and where Frappe's own default is as good."""
	is_given = bool(files.get(field.name)) if field.kind.widget == "file" else _is_given(field)
	if field.is_required and not is_given:
		raise BadFieldValue(MISSING)
	if field.kind.widget == "file":
		return None
	if not is_given:
		return field.kind.empty
	if field.kind.widget == "many":
		return [{field.link: _chosen(field, value)} for value in dict.fromkeys(field.typed)]
	if len(field.typed) != 1:
		raise BadFieldValue(NOT_OFFERED)
	return _typed(field) if field.kind.read else _chosen(field, field.text)


def _typed(field: Field) -> Value:
	"""What is too long for its kind is not even read: no kind's rules take longer the longer a text is."""
	longest = max(field.longest, field.kind.longest)
	if len(field.text) > longest:
		raise BadFieldValue(TOO_LONG, longest)
	return field.kind.read(field.text, field.column)


def _is_given(field: Field) -> bool:
	return field.text not in ("", "0") if field.kind.widget == "check" else bool(field.typed)


def _chosen(field: Field, value: str) -> str:
	if not field.choice.offers(value):
		raise BadFieldValue(NOT_OFFERED)
	return value
