"""Reads the conditions of Frappe's fields (``depends_on``, ``mandatory_depends_on``) without a JavaScript engine.

Forms of expression as in ``evaluateDependsOnValue`` of Helpdesk's page: ``eval:`` and JavaScript, ``doc.field``, or
the name of a field. Of JavaScript what such conditions are made of: literals, lists, ``doc.field``, comparisons,
``!``, ``&&``, ``||``, ``.includes()``, ``.length``, ``in_list()`` and ``cint()``. Imports no frappe.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

LONGEST = 2_000  # characters
DEEPEST = 40  # brackets within brackets
_TOKEN = re.compile(
	r"""\s*(?: (?P<number>\d+(?:\.\d+)?) | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
	| (?P<name>[A-Za-z_$][\w$]*) | (?P<sign>===|!==|==|!=|<=|>=|&&|\|\||[!<>()\[\],.]) )""",
	re.VERBOSE,
)
_NUMBER = re.compile(r"-?\d{1,300}(\.\d{1,300})?")  # below the largest float, so that it has an integer
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_LEVELS = (("||",), ("&&",), ("===", "!==", "==", "!="), ("<=", ">=", "<", ">"))

Value = str | float | bool | list | None


class Unreadable(ValueError):
	"""Not one of the expressions that this module knows."""


def holds(condition: str | None, values: Mapping[str, Value]) -> bool | None:
	"""Whether the condition is true of these values; None for one that cannot be read. No condition is true."""
	condition = (condition or "").strip()
	if not condition:
		return True
	if condition.startswith("eval:"):
		condition = condition.removeprefix("eval:")
	elif not condition.startswith("doc."):
		return is_true(values.get(condition)) and values.get(condition) != []
	try:
		return is_true(_Reader(condition, values).read())
	except Unreadable:
		return None


def names(condition: str | None) -> set[str]:
	"""The fields that a condition may depend on."""
	condition = (condition or "").strip()
	if condition.startswith(("eval:", "doc.")):
		return set(re.findall(r"\bdoc\.([A-Za-z_]\w*)", condition))
	return {condition} if condition else set()


def is_true(value: Value) -> bool:
	"""As JavaScript sees it, but for "0", which is what an empty box of a form sends."""
	return isinstance(value, list) or value not in (None, "", "0", 0, False)


class _Reader:
	"""Reads and evaluates in one pass: by precedence, the loosest operator first."""

	def __init__(self, source: str, values: Mapping[str, Value]):
		self.tokens = _tokens(source)
		self.values = values
		self.depth = 0

	def read(self) -> Value:
		value = self._level(0)
		if self.tokens:
			raise Unreadable
		return value

	def _level(self, level: int) -> Value:
		if level == len(_LEVELS):
			return self._unary()
		left = self._level(level + 1)
		while self.tokens and self.tokens[0] in [("sign", sign) for sign in _LEVELS[level]]:
			sign = self.tokens.pop(0)[1]
			left = _OPERATORS[sign](left, self._level(level + 1))
		return left

	def _unary(self) -> Value:
		if self._skips("!"):
			return not is_true(self._unary())
		value = self._primary()
		while self._skips("."):
			value = self._member(value)
		return value

	def _primary(self) -> Value:
		kind, text = self._next()
		if kind == "number":
			return float(text)
		if kind == "text":
			return re.sub(r"\\(.)", r"\1", text[1:-1])
		if kind == "name":
			return self._named(text)
		if text == "[":
			return self._list("]")
		if text == "(":
			(value,) = self._list(")") or [None]
			return value
		raise Unreadable

	def _named(self, name: str) -> Value:
		if name in _CONSTANTS:
			return _CONSTANTS[name]
		if name == "doc":
			self._expect(".")
			return self.values.get(self._next("name")[1])
		if name in _FUNCTIONS:
			self._expect("(")
			with suppress(TypeError):
				return _FUNCTIONS[name](*self._list(")"))
		raise Unreadable

	def _member(self, value: Value) -> Value:
		name = self._next("name")[1]
		if name == "length" and isinstance(value, (str, list)):
			return float(len(value))
		if name == "includes" and isinstance(value, (str, list)):
			self._expect("(")
			(sought,) = self._list(")") or [None]
			return _contains(value, sought)
		raise Unreadable

	def _list(self, end: str) -> list:
		self.depth += 1
		if self.depth > DEEPEST:
			raise Unreadable
		values: list = []
		while not self._skips(end):
			if values:
				self._expect(",")
			values.append(self._level(0))
		self.depth -= 1
		if end == ")" and len(values) > 2:
			raise Unreadable
		return values

	def _next(self, kind: str = "") -> tuple[str, str]:
		if not self.tokens or (kind and self.tokens[0][0] != kind):
			raise Unreadable
		return self.tokens.pop(0)

	def _skips(self, sign: str) -> bool:
		is_next = bool(self.tokens) and self.tokens[0] == ("sign", sign)
		if is_next:
			self.tokens.pop(0)
		return is_next

	def _expect(self, sign: str) -> None:
		if not self._skips(sign):
			raise Unreadable


def _tokens(source: str) -> list[tuple[str, str]]:
	found, at, source = [], 0, source.strip().rstrip(";").strip()
	if len(source) > LONGEST:
		raise Unreadable
	while at < len(source):
		match = _TOKEN.match(source, at)
		if not match:
			raise Unreadable
		found.append((match.lastgroup, match[match.lastgroup]))
		at = match.end()
	return found


def _contains(values: str | list, sought: Value) -> bool:
	if isinstance(values, str):
		return str(sought or "") in values
	return any(_equal(one, sought) for one in values)


def _equal(one: Value, other: Value) -> bool:
	"""A form knows texts alone: "1" is 1, and what is empty is nothing."""
	numbers = _number(one), _number(other)
	if None not in numbers:
		return numbers[0] == numbers[1]
	return one == other or (one in (None, "") and other in (None, ""))


def _number(value: Value) -> float | None:
	if isinstance(value, (bool, int, float)):
		return float(value)
	return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Value, Value], bool]:
	def operate(one: Value, other: Value) -> bool:
		numbers = _number(one), _number(other)
		if None not in numbers:
			return compare(*numbers)
		return isinstance(one, str) and isinstance(other, str) and compare(one, other)

	return operate


_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
	"||": lambda one, other: one if is_true(one) else other,
	"&&": lambda one, other: other if is_true(one) else one,
	"==": _equal,
	"===": _equal,
	"!=": lambda one, other: not _equal(one, other),
	"!==": lambda one, other: not _equal(one, other),
	"<": _compared(lambda one, other: one < other),
	">": _compared(lambda one, other: one > other),
	"<=": _compared(lambda one, other: one <= other),
	">=": _compared(lambda one, other: one >= other),
}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
	"in_list": lambda values, sought: _contains(values or [], sought),
	"cint": lambda value: float(int(_number(value) or 0)),
	"flt": lambda value: _number(value) or 0.0,
}
