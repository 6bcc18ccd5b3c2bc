"""What a customer may type into a field of each type, and the value that is stored for it.

A type that is not here cannot be filled in by a form without JavaScript (a table, a map, a signature) or takes no
value at all (a heading, a button): such a field is not shown, and nothing is taken for it.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlsplit

from frappe.utils import validate_name

from customer_portal import acting, mail_addresses, phones, settings
from customer_portal.exceptions import BadFieldValue
from customer_portal.texts import marked as _lt

SHORT, LONG = 140, 10_000  # characters of a column for one line, and of a text area
INT = 2**31  # MariaDB's int
LONG_INT = 2**63
DIGITS = 12  # before the point of decimal(21,9)
STARS = 5
_NUMBER = re.compile(rf"[+-]?\d{{1,{DIGITS}}}(?:\.\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_DURATION = re.compile(r"(?:(\d{1,4})d ?)?(?:(\d{1,5})h ?)?(?:(\d{1,6})m ?)?(?:(\d{1,7})s)?")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_YEARS = range(1000, 10_000)

Value = str | int | float | list


@dataclass(frozen=True)
class Column:
	"""What the reading of a value needs to know of its field."""

	options: str = ""
	length: int = 0
	is_positive: bool = False


@dataclass(frozen=True)
class Kind:
	"""``widget`` is the part of the page: line, area, choice, check, stars, file or many. ``input`` is the type of a
	line's input (HTML 4.10.5.1); ``longest`` in characters, and ``hint`` says how to write a value. ``empty`` is stored
	when nothing is given; None leaves it to Frappe, whose columns for numbers and times take no empty text.
	"""

	widget: str
	read: Callable[[str, Column], Value] | None = None
	input: str = "text"
	longest: int = SHORT
	hint: str = ""
	step: str = ""
	empty: Value | None = ""


def _line(text: str, column: Column) -> str:
	text = " ".join(text.split())
	longest = column.length or SHORT
	if len(text) > longest:
		raise BadFieldValue(_lt("Keep it below {0} characters."), longest)
	check = _CHECKS.get(column.options)
	return check(text) if check else text


def _mail(text: str) -> str:
	address = mail_addresses.normal_email(text)
	if address is None or "." not in mail_addresses.domain_of(address):
		raise BadFieldValue(_lt("Enter an e-mail address, such as name@example.com."))
	return address


def _telephone(text: str, _column: Column = Column()) -> str:
	number = phones.normalise(text, settings.get().default_region)
	if number is None:
		raise BadFieldValue(_lt("Enter a phone number, with its country code if it is a foreign one."))
	return number


def _web_address(text: str) -> str:
	try:
		parts = urlsplit(text)
		is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
	except ValueError:
		is_good = False
	if not is_good:
		raise BadFieldValue(_lt("Enter a web address that begins with https:// or http://."))
	return text


def _name(text: str) -> str:
	if not validate_name(text):
		raise BadFieldValue(_lt("Enter a name."))
	return text


_CHECKS: dict[str, Callable[[str], str]] = {
	"Email": _mail,
	"Phone": _telephone,
	"URL": _web_address,
	"Name": _name,
}


def _text(text: str, _column: Column) -> str:
	if len(text) > LONG:
		raise BadFieldValue(_lt("Keep it below {0} characters."), LONG)
	return text


def _html(text: str, column: Column) -> str:
	return acting.paragraphs(_text(text, column))


def _json(text: str, column: Column) -> str:
	try:
		json.loads(_text(text, column), parse_constant=_refuse_constant)
	except (ValueError, RecursionError):
		raise BadFieldValue(_lt("This is no valid JSON.")) from None
	return text


def _refuse_constant(name: str) -> None:
	"""NaN and the infinities are no JSON (RFC 8259, section 6)."""
	raise ValueError(name)


def _whole(most: int) -> Callable[[str, Column], int]:
	def read(text: str, column: Column) -> int:
		plain = _plain_digits(text)
		if not _WHOLE.fullmatch(plain) or not -most <= int(plain) < most:
			raise BadFieldValue(_lt("Enter a whole number."))
		return _signed(int(plain), column)

	return read


def _decimal(text: str, column: Column) -> float:
	plain = _plain_digits(text)
	if not _NUMBER.fullmatch(plain):
		raise BadFieldValue(_lt("Enter a number, such as 12.5."))
	return _signed(float(plain), column)


def _signed(number: float, column: Column) -> float:
	if column.is_positive and number < 0:
		raise BadFieldValue(_lt("Enter a number that is not below zero."))
	return number


def _plain_digits(text: str) -> str:
	"""Digits of any script as ASCII, and the Arabic decimal point (U+066B) as a point."""
	signs = (str(unicodedata.decimal(sign, sign)) for sign in text)
	return "".join(signs).replace("\u066b", ".").replace("\u2212", "-")


def _moment(read: Callable[[str], date | datetime | time], sentence: str) -> Callable:
	"""As the inputs of HTML send them (2.3.5): always ISO 8601, in whatever form the browser shows them."""

	def read_moment(text: str, _column: Column) -> str:
		try:
			value = read(_plain_digits(text))
		except ValueError:
			raise BadFieldValue(sentence) from None
		if getattr(value, "tzinfo", None) or getattr(value, "year", _YEARS[0]) not in _YEARS:
			raise BadFieldValue(sentence)
		return str(value)

	return read_moment


def _duration(text: str, _column: Column) -> int:
	"""Seconds, of Frappe's own way to write them."""
	match = _DURATION.fullmatch(" ".join(_plain_digits(text).lower().split()))
	if not match or not any(match.groups()):
		raise BadFieldValue(_lt("Write it in days, hours and minutes, such as 1d 2h 30m."))
	days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
	return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _stars(text: str, column: Column) -> float:
	most = stars(column.options)
	if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= most:
		raise BadFieldValue(_lt("Choose one of the stars."))
	return int(text) / most


def stars(options: str) -> int:
	"""How many a field of type Rating has: 3 to 10, by default 5 (``frappe.model.meta``)."""
	return int(options) if re.fullmatch(r"[3-9]|10", options or "") else STARS


def _tick(text: str, _column: Column) -> int:
	if text not in ("0", "1"):
		raise BadFieldValue(_lt("Choose one of the offered values."))
	return int(text)


def _colour(text: str, _column: Column) -> str:
	if not _COLOUR.fullmatch(text):
		raise BadFieldValue(_lt("Write the colour as # and six hexadecimal digits."))
	return text


_DATE = _moment(date.fromisoformat, _lt("Enter a date, such as 2026-01-31."))
_TIME = _moment(time.fromisoformat, _lt("Enter a time, such as 14:30."))
_DATE_TIME = _moment(datetime.fromisoformat, _lt("Enter a date and a time, such as 2026-01-31T14:30."))
_LONG_TEXT = Kind("area", _text, longest=LONG)
_HTML = Kind("area", _html, longest=LONG)
_NUMBER_LINE = Kind("line", _decimal, "number", step="any", empty=None)

KINDS: dict[str, Kind] = {
	"Data": Kind("line", _line),
	"Barcode": Kind("line", _line),
	"Password": Kind("line", _line, "password"),
	"Phone": Kind("line", _telephone, "tel", 64),
	"Color": Kind("line", _colour, longest=7, hint=_lt("Write the colour as # and six hexadecimal digits.")),
	"Small Text": _LONG_TEXT,
	"Text": _LONG_TEXT,
	"Long Text": _LONG_TEXT,
	"Code": _LONG_TEXT,
	"Markdown Editor": _LONG_TEXT,
	"JSON": Kind("area", _json, longest=LONG, empty=None),
	"Text Editor": _HTML,
	"HTML Editor": _HTML,
	"Int": Kind("line", _whole(INT), "number", step="1", empty=None),
	"Long Int": Kind("line", _whole(LONG_INT), "number", step="1", empty=None),
	"Float": _NUMBER_LINE,
	"Currency": _NUMBER_LINE,
	"Percent": _NUMBER_LINE,
	"Date": Kind("line", _DATE, "date", empty=None),
	"Datetime": Kind("line", _DATE_TIME, "datetime-local", empty=None),
	"Time": Kind("line", _TIME, "time", empty=None),
	"Duration": Kind(
		"line",
		_duration,
		longest=30,
		hint=_lt("Write it in days, hours and minutes, such as 1d 2h 30m."),
		empty=None,
	),
	"Rating": Kind("stars", _stars, empty=None),
	"Check": Kind("check", _tick, empty=0),
	"Select": Kind("choice"),
	"Autocomplete": Kind("choice"),
	"Link": Kind("choice"),
	"Dynamic Link": Kind("choice"),
	"Table MultiSelect": Kind("many", empty=None),
	"Attach": Kind("file"),
	"Attach Image": Kind("file"),
}
INPUTS = {"Email": "email", "Phone": "tel", "URL": "url"}  # of a line, by the field's options
