"""Images and files of a ticket's description, for a verified browser only."""

import re

import frappe
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from customer_portal import tickets
from customer_portal.exceptions import FileNotShown
from customer_portal.pages import headers
from customer_portal.pages.caller import Caller

# By their first bytes, never by their name. SVG is left out: it can hold scripts.
IMAGES = {
	b"\x89PNG\r\n\x1a\n": "image/png",
	b"\xff\xd8\xff": "image/jpeg",
	b"GIF87a": "image/gif",
	b"GIF89a": "image/gif",
}
NAMELESS = "file"
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # "gpj.exe" shown as "exe.jpg"
_NOT_IN_A_NAME = re.compile('[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff/\\\\<>:"|?*]')


def send(visitor: Caller) -> Response:
	"""Raises ``FileNotShown``: also without a session, so that nothing tells which files there are."""
	row = tickets.visible_row(visitor.session) if visitor.session else None
	file = tickets.shown_file(row, visitor.session, visitor.rest[1]) if row else None
	if file is None:
		raise FileNotShown
	return download(visitor.request, file.name)


def download(request: Request, name: str) -> Response:
	"""Raster images may stand in the page; all else is offered for saving."""
	document = frappe.get_doc("File", name)
	document.file_name = _safe_name(document.file_name)  # Frappe refuses some names, and fails at others
	path = document.get_full_path()
	image = _image_type(path)
	response = send_file(
		path,
		request.environ,
		mimetype=image or "application/octet-stream",
		as_attachment=image is None,
		download_name=document.file_name,
		conditional=False,
		etag=False,
	)
	del response.headers["Last-Modified"]
	response.headers.extend({"Content-Security-Policy": headers.FILE_POLICY})
	for name, value in headers.SECURITY.items():
		response.headers[name] = value
	return response


def _safe_name(name: str | None) -> str:
	"""Without what ends a header, leads out of a folder, or shows another ending than the real one."""
	words = _NOT_IN_A_NAME.sub(" ", _DIRECTIONS.sub("", name or "")).split()
	return " ".join(words).strip(" .") or NAMELESS


def _image_type(path: str) -> str | None:
	"""Raises ``FileNotShown`` when the file is no longer on the disk."""
	try:
		with open(path, "rb") as content:
			start = content.read(16)
	except (OSError, ValueError):  # a path may hold a null byte
		raise FileNotShown from None
	if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
		return "image/webp"
	return next((kind for magic, kind in IMAGES.items() if start.startswith(magic)), None)
