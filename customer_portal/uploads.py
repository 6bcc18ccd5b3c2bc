"""Files that a customer sends along: which are taken, under which names, and who else looks at them.

The request is in memory already when any app is asked (``frappe.app.init_request`` reads all bodies, up to the site's
``max_file_size``); sizes are compared before a file's content is taken out of it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import frappe
from frappe.core.doctype.file.utils import get_content_hash
from frappe.utils import cint

from customer_portal import file_kinds, jpeg, settings
from customer_portal.exceptions import (
	FileNotChecked,
	FileRefused,
	FileTooLarge,
	FileTypeRefused,
	PortalError,
	TooManyFiles,
)

STRIPS = "strip_exif_metadata_from_uploaded_images"  # of Frappe's System Settings
HOOK = "customer_portal_scan_file"
MEGABYTE = 1024 * 1024
LONGEST_NAME = 120  # characters; Frappe's column ends at 140, and it adds some to a name that is taken
LONGEST_NAME_BYTES = 200  # in UTF-8; file systems end at 255
SITES_LARGEST = 25 * MEGABYTE  # what Frappe takes where nothing else is configured
FORM_BYTES = 128 * 1024  # the text, the hidden fields and what lies between the files
_UNSAFE = re.compile(r'[<>:"|?*\\/%#&{}$!\'@`=+~^;]+')


@dataclass(frozen=True)
class Upload:
	name: str
	content: bytes


@dataclass(frozen=True)
class Limits:
	"""``file_bytes`` of one file, ``all_bytes`` of all; ``endings`` in small letters, without dots."""

	endings: tuple[str, ...]
	files: int
	file_bytes: int
	all_bytes: int


def limits() -> Limits:
	"""The settings, within what Frappe takes in one request."""
	all_bytes = max(0, _largest_request() - FORM_BYTES)
	endings = re.findall(r"[a-z0-9]+", (settings.get().upload_types or "").lower())
	return Limits(
		endings=tuple(ending for ending in dict.fromkeys(endings) if ending not in file_kinds.NEVER),
		files=settings.number("uploads_per_reply"),
		file_bytes=min(settings.number("upload_megabytes") * MEGABYTE, all_bytes),
		all_bytes=all_bytes,
	)


def largest_body() -> int:
	"""Bytes of a form with as many and as large files as are taken."""
	allowed = limits()
	return min(allowed.files * allowed.file_bytes, allowed.all_bytes) + FORM_BYTES


def take(files: Iterable[tuple[str, BinaryIO]]) -> list[Upload]:
	"""Pairs of name and seekable content, as they were sent.

	Raises ``TooManyFiles``, ``FileTooLarge``, ``FileTypeRefused`` and ``FileRefused``.
	"""
	allowed, named = limits(), [(safe_name(name), stream) for name, stream in files]
	if len(named) > allowed.files:
		raise TooManyFiles(allowed.files)
	for name, stream in named:
		if _size(stream) > allowed.file_bytes:
			raise FileTooLarge(name, allowed.file_bytes // MEGABYTE)
	return [_taken(name, stream, allowed) for name, stream in named]


def without_notes(content: bytes) -> bytes:
	"""A JPEG picture without place and person, where Frappe's setting wants that; anything else as it is."""
	return jpeg.without_notes(content) if frappe.get_system_settings(STRIPS) else content


def scan(uploads: Iterable[Upload]) -> None:
	"""Asks every scanner of the hook ``customer_portal_scan_file``. Raises ``FileRefused`` or ``FileNotChecked``."""
	scanners = [frappe.get_attr(path) for path in frappe.get_hooks(HOOK)]
	for upload in uploads:
		for scanner in scanners:
			_ask(scanner, upload)


def store(upload: Upload, doctype: str, name: str, is_apart: bool = False) -> str:
	"""A private File of this document; returns its name. The caller has checked who may do that, and has taken the notes
	off pictures (``take`` does, or ``without_notes``).

	Frappe stores the same content once, under the name that it had first. ``is_apart`` gives it an address of its own.
	"""
	file = frappe.new_doc("File")
	file.update({"file_name": upload.name, "content": upload.content, "is_private": 1})
	file.update({"attached_to_doctype": doctype, "attached_to_name": name})
	with pictures_as_they_are():
		if is_apart and _is_stored(upload):
			file.save_file(ignore_existing_file_check=True)
		return file.insert(ignore_permissions=True).name


def _is_stored(upload: Upload) -> bool:
	same = {"content_hash": get_content_hash(upload.content), "is_private": 1}
	return bool(frappe.db.exists("File", same))


@contextmanager
def pictures_as_they_are() -> Iterator[None]:
	"""``without_notes`` has done what Frappe would do to each File, at a price that no stranger may set (see ``jpeg``).
	A copy that it changes would be another file.
	"""
	frappe.get_system_settings(STRIPS)  # fills this request's settings
	usual = frappe.local.system_settings
	frappe.local.system_settings = frappe._dict(usual.as_dict(), **{STRIPS: 0})
	try:
		yield
	finally:
		frappe.local.system_settings = usual


def safe_name(name: str) -> str:
	"""The last part of a path, without signs that hide, turn or break a name; never empty."""
	last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
	visible = "".join(
		sign if unicodedata.category(sign)[0] != "Z" else " " for sign in last if _is_visible(sign)
	)
	stem, dot, ending = _UNSAFE.sub("_", visible).strip(" .").rpartition(".")
	if not dot:
		stem, ending = ending, ""
	stem = " ".join(stem.split()).strip(" .") or "file"
	ending = re.sub(r"\W", "", ending)[:10]
	return f"{_cut(stem)}.{ending}" if ending else _cut(stem)


def _taken(name: str, stream: BinaryIO, allowed: Limits) -> Upload:
	ending = name.rpartition(".")[2].lower() if "." in name else ""
	if ending not in allowed.endings:
		raise FileTypeRefused(name, ", ".join(allowed.endings))
	stream.seek(0)
	content = stream.read(allowed.file_bytes + 1)
	if not file_kinds.fits(ending, content):
		raise FileRefused(name)
	return Upload(name, without_notes(content))


def _ask(scanner, upload: Upload) -> None:
	"""A scanner that fails has not said yes."""
	try:
		scanner(upload.name, upload.content)
	except PortalError:
		raise
	except Exception as error:
		frappe.log_error("Customer Portal: a file could not be checked", frappe.get_traceback())
		raise FileNotChecked(upload.name) from error


def _is_visible(sign: str) -> bool:
	"""No control signs, no overrides of the direction, nothing without a shape."""
	return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _cut(text: str) -> str:
	return text[:LONGEST_NAME].encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").rstrip(" .")


def _size(stream: BinaryIO) -> int:
	stream.seek(0, 2)
	return stream.tell()


def _largest_request() -> int:
	"""``max_file_size`` of the site's configuration bounds each request (``frappe.app.init_request``)."""
	return cint(frappe.conf.get("max_file_size")) or SITES_LARGEST
