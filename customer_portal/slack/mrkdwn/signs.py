"""The signs of mrkdwn, for both directions."""

import re
import unicodedata

TAGS = {"*": "strong", "_": "em", "~": "s"}
CODE = "`"
FENCE = "```"
QUOTE = ">"
INDENT = "    "  # by which Slack's clients indent each level of a list
JOINT = "\u200b"  # a zero-width space: a boundary for Slack where the text has none

LONGEST_ADDRESS = 2_048
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\x00-\x1f]+", re.IGNORECASE)


def opens(before: str, after: str) -> bool:
	"""May a mark between these two signs begin an emphasis? Either may be empty, at the end of a line."""
	return not _is_word(before) and bool(after.strip())


def closes(before: str, after: str) -> bool:
	return not _is_word(after) and bool(before.strip())


def is_address(text: str) -> bool:
	"""One that may be linked: http, https, mailto or tel."""
	return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def escape(text: str) -> str:
	"""The three signs that Slack wants as entities, and no others."""
	return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
	return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _is_word(sign: str) -> bool:
	"""A letter, with the marks that stand on it, or a digit."""
	return bool(sign) and unicodedata.category(sign)[0] in "LMN"
