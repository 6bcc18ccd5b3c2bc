"""Reads what a form sends, strictly: what no page of ours could have sent is refused before anything else."""

import unicodedata
from collections.abc import Collection
from typing import BinaryIO

from werkzeug.wrappers import Request

from customer_portal.exceptions import FormKindUnknown, FormTooLarge, PortalError, TextTooLong

LARGEST_BODY = 16 * 1024  # bytes
LONGEST_FIELD = 320  # characters; an e-mail address has at most 254 (RFC 5321)
LONGEST_TEXT = 10_000  # characters of a message
MIME_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
REPLACEMENT = "\ufffd"  # stands where bytes were no UTF-8


def check_body(request: Request, largest: int = LARGEST_BODY) -> None:
	"""Raises ``FormKindUnknown`` for anything but a form and ``FormTooLarge`` beyond ``largest`` bytes."""
	if len(request.get_data()) > largest:
		raise FormTooLarge
	if request.mimetype not in MIME_TYPES:
		raise FormKindUnknown


def field(request: Request, name: str) -> str:
	"""The one value of a field, without spaces around it.

	Raises ``PortalError`` when it is missing, repeated, too long, or holds control characters or broken UTF-8.
	"""
	return _one(request.form.getlist(name))


def optional_field(request: Request, name: str) -> str:
	"""The same, and empty when the form does not have it."""
	return field(request, name) if name in request.form else ""


def text(request: Request, name: str) -> str:
	"""What stands in a text area, in lines, without spaces around it; empty when it is missing.

	Raises ``TextTooLong`` past LONGEST_TEXT, and ``PortalError`` for what no text area sends.
	"""
	values = request.form.getlist(name) or [""]
	value = values[0].strip()
	if len(value) > LONGEST_TEXT:
		raise TextTooLong(LONGEST_TEXT)
	if len(values) != 1 or any(_is_unreadable(sign) for sign in value if sign not in "\r\n\t"):
		raise PortalError
	return value


def readable(value: str, longest: int) -> str:
	"""The same rules for a value of a field whose name a page of ours does not know beforehand."""
	if len(value) > longest or any(_is_unreadable(sign) for sign in value if sign not in "\r\n\t"):
		raise PortalError
	return value.strip()


def files(request: Request, name: str, others: Collection[str] = ()) -> list[tuple[str, BinaryIO]]:
	"""Names and contents of the files of a field that has any number of them.

	Raises ``PortalError`` when files come in a field of another name, but for those in ``others``.
	"""
	if set(request.files) - {name, *others}:
		raise PortalError
	return [(file.filename, file.stream) for file in request.files.getlist(name) if file.filename]


def values(request: Request, name: str) -> set[str]:
	"""All values of a field that may be repeated; none when the form does not have it. The same rules for each."""
	return {_one([value]) for value in request.form.getlist(name)}


def query(request: Request, name: str) -> str:
	"""A parameter of the address, empty when it is not there; the same rules."""
	return _one(request.args.getlist(name)) if name in request.args else ""


def _one(values: list[str]) -> str:
	if len(values) != 1:
		raise PortalError
	value = values[0].strip()
	if len(value) > LONGEST_FIELD or any(_is_unreadable(sign) for sign in value):
		raise PortalError
	return value


def _is_unreadable(sign: str) -> bool:
	return sign == REPLACEMENT or unicodedata.category(sign) in ("Cc", "Cs")
