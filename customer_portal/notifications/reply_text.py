"""The messages of a conversation as they stand in a mail: harmless HTML with embedded pictures, and plain text."""

import re
from html import escape, unescape

from customer_portal import html
from customer_portal.html import CleanHtml

PICTURE = "cid:"
PICTURES_HOST = "@customer-portal"
LONGEST_CONTEXT = 4_000  # characters of an earlier message; what is longer is in the portal
_BREAK = re.compile(
	r"<(?:br|hr|p|pre|blockquote|table|ul|ol)\b[^>]*>|</(?:p|div|li|tr|blockquote|pre|h[3-6]|dt|dd)>"
)
_CELL = re.compile(r"</t[dh]>")
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\s*\n\s*\n\s*")
# nh3 writes every attribute in double quotes and escapes those inside, so this matches whole tags.
_IMAGE = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_SOURCE = re.compile(rf' src="{PICTURE}([A-Za-z0-9_-]+){PICTURES_HOST}"')


def picture(file: str) -> str:
	"""The address (RFC 2392) under which a File stands in the mail."""
	return f"{PICTURE}{file}{PICTURES_HOST}"


def pictures(body: str) -> list[str]:
	"""The Files whose pictures a message shows, each once."""
	return list(dict.fromkeys(_SOURCE.findall(body)))


def with_pictures(body: str, kept: set[str]) -> str:
	"""Without the pictures that are not in the mail. One without a description gets an empty one, or screen readers
	would read its address.
	"""

	def keep(image: re.Match) -> str:
		found = _SOURCE.search(image[0])
		if not found or found[1] not in kept:
			return ""
		tag = image[0].replace(' loading="lazy"', "")
		return tag if " alt=" in tag else tag.replace("<img", '<img alt=""', 1)

	return _IMAGE.sub(keep, body)


def context(body: CleanHtml) -> str:
	"""An earlier message, short: without pictures and without what its mail program has quoted."""
	answer = html.without_quotes(body.html)
	own = answer if html.plain_text(answer) else body.html
	text = with_pictures(own, set())
	if len(text) <= LONGEST_CONTEXT and not body.is_cut:
		return text
	return f'<p dir="auto">{escape(plain(text)[:LONGEST_CONTEXT])} …</p>'.replace("\n", "<br>")


def plain(body: str) -> str:
	"""Cleaned HTML as text; blocks become lines."""
	one_line = _BLANKS.sub(" ", body.replace("\n", " "))
	lines = _CELL.sub(r" \g<0>", _BREAK.sub(r"\n\g<0>", one_line))
	text = _BLANKS.sub(" ", unescape(html.plain_text(lines)))
	return _GAPS.sub("\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
