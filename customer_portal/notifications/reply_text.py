"""The messages of a conversation as they stand in a mail: harmless HTML with embedded pictures, and plain text."""

import re
from html import escape, unescape
from unicodedata import bidirectional

from customer_portal import html
from customer_portal.html import CleanHtml

PICTURE = "cid:"
PICTURES_HOST = "@customer-portal"
# Characters of cleaned HTML in a mail, so that neither many nor deeply nested tags make it large or slow to write.
# What is longer becomes plain text and is cut: all of it is in the portal.
LONGEST_REPLY = 90_000  # Gmail clips mails of more than 102 KB
LONGEST_CONTEXT = 4_000  # of an earlier message
LONGEST_READ = 50_000  # of an earlier message, in search of what is no quote
_UNFINISHED = re.compile(r"[&<][^;>]{0,9}$")
_BREAK = re.compile(
	r"<(?:br|hr|p|pre|blockquote|table|ul|ol)\b[^>]*>|</(?:p|div|li|tr|blockquote|pre|h[3-6]|dt|dd)>"
)
_CELL = re.compile(r"</t[dh]>")
_BLANKS = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n{2,}")
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


def reply(body: CleanHtml, kept: set[str]) -> str:
	"""A new message, with those of its pictures that are in the mail."""
	return _short(with_pictures(body.html, kept), LONGEST_REPLY, body.is_cut)


def context(body: CleanHtml) -> str:
	"""An earlier message, short: without pictures and without what its mail program has quoted."""
	start = body.html[:LONGEST_READ]
	answer = html.without_quotes(start)
	own = answer if html.plain_text(answer) else start
	return _short(with_pictures(own, set()), LONGEST_CONTEXT, body.is_cut or len(body.html) > LONGEST_READ)


def _short(text: str, most: int, is_cut: bool) -> str:
	if len(text) <= most and not is_cut:
		return text
	lines = escape(plain(text)).replace("\n", "<br>")[:most]
	return f'<p dir="auto">{_UNFINISHED.sub("", lines)} …</p>'


def direction(text: str, otherwise: str) -> str:
	"""As the attribute ``dir``, by the first letter that has one. ``auto`` would skip paragraphs, which have their own
	(HTML, the dir attribute), and so put tables of Arabic messages in the order of English ones.
	"""
	strong = (bidirectional(sign) for sign in text)
	first = next((one for one in strong if one in ("L", "R", "AL")), "")
	return {"L": "ltr", "R": "rtl", "AL": "rtl"}.get(first, otherwise)


def plain(body: str) -> str:
	"""Cleaned HTML as text; blocks become lines."""
	one_line = _BLANKS.sub(" ", body.replace("\n", " "))
	lines = _CELL.sub(r" \g<0>", _BREAK.sub(r"\n\g<0>", one_line))
	text = _BLANKS.sub(" ", unescape(html.plain_text(lines)))
	return _GAPS.sub("\n\n", re.sub(r" ?\n ?", "\n", text)).strip()
