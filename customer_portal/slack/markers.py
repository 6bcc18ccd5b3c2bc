"""Words with which a message says what it is: a reply to the customer, or a private note.

A note whose marker is not seen would go to the customer. So it is seen through all that people and Slack's editor put
around it and into it: emphasis, a quote, an item of a list, emoji, mentions, blanks, signs without a shape, full-width letters.
A marker of replies is not seen in a quote or a list: somebody quotes it.
"""

import re
from bisect import bisect_left
from collections import Counter
from itertools import accumulate, takewhile
from unicodedata import normalize

from customer_portal import names
from customer_portal.slack import channels, mrkdwn
from customer_portal.slack.channels import MARKED, Place
from customer_portal.slack.outbox import IGNORED, NOTE, REPLY
from customer_portal.slack.posts import escape

_FORMATS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_BLANKS = rf"\s{_FORMATS}{names.SHAPELESS}"
_EMPHASIS = "*_~`"
_QUOTE = "&gt;|>"
# Bullets, also typed ones, and what opens a bracket or a quotation; of ordered lists Slack has 1., a. and i.
_BULLETS = re.escape("•◦●○▪▫■□‣⁃‐–—-([{\"'“‘„«")
_NUMBER = r"(?:\d{1,9}|[a-z]|[ivxlc]{2,6})[.)]"
_EMOJI = r":[^\s:]{1,100}:|[0-9#](?=\ufe0f?\u20e3)"  # by name, and the keys; other signs are ``_SIGNS``
# Arrows, stars, ticks and the like too.
_SIGNS = "\u2190-\u2bff\U0001f000-\U0001faff" + "".join(sorted(mrkdwn.SIGNS))
_MENTION = r"<[@#!][^<>\n]{1,100}>"


def meaning(text: str, place: Place) -> tuple[str, str, bool]:
	"""``REPLY``, ``NOTE`` or ``IGNORED``; the text without the marker; and whether there was one."""
	for kind, marker in ((NOTE, channels.note_marker()), (REPLY, channels.reply_marker())):
		rest = _behind(marker, text, is_seen_anywhere=kind == NOTE)
		if rest is not None:
			return kind, rest, True
	return (IGNORED if place.mode == MARKED else REPLY), text, False


def _behind(marker: str, text: str, is_seen_anywhere: bool) -> str | None:
	"""What follows the marker; None where the text does not begin with it. Emoji have names in Slack."""
	if not marker.isascii():
		marker = mrkdwn.as_signs(marker)
		text = mrkdwn.as_signs(text, alike=marker)
	pieces = [_compared(sign) for sign in text]
	found = _pattern(marker, is_seen_anywhere).match("".join(pieces))
	if found is None:
		return None
	signs = bisect_left(list(accumulate(map(len, pieces))), found.end()) + 1
	return _with_emphasis(text[signs:], _unclosed(found["before"], found["marker"]))


def _pattern(marker: str, is_seen_anywhere: bool) -> re.Pattern:
	"""What can be read in two ways could take for ever: so there is one class of single signs in front of the marker, which
	nothing else there begins with, and no emphasis inside the marker that is a sign of its own.
	"""
	signs = re.sub(f"[{_BLANKS}]", "", "".join(_compared(sign) for sign in escape(marker)))
	gap = _BLANKS + "".join(sign for sign in _EMPHASIS if sign not in signs)
	around = f"{_QUOTE}|{_NUMBER}|{_EMOJI}|{_MENTION}|" if is_seen_anywhere else ""
	singles = _BULLETS + _SIGNS if is_seen_anywhere else ""
	before = f"(?:{around}[{_BLANKS}{_EMPHASIS}{singles}])*"
	return re.compile(
		f"(?P<before>{before})(?P<marker>{f'[{gap}]*'.join(map(re.escape, signs))})", re.IGNORECASE
	)


def _compared(sign: str) -> str:
	"""Full-width and other forms of a sign count as the sign, as Slack escapes it."""
	return sign if sign.isascii() or sign in mrkdwn.SIGNS else escape(normalize("NFKD", sign))


def _unclosed(opening: str, closing: str) -> str:
	"""The emphasis that begins in the one and does not end in the other."""
	ends, unclosed = Counter(closing), []
	for sign in opening:
		if sign in _EMPHASIS and not ends[sign]:
			unclosed.append(sign)
		ends[sign] -= ends[sign] > 0
	return "".join(unclosed)


def _with_emphasis(rest: str, opened: str) -> str:
	"""What was emphasised together with the marker stays so; not so what ends right behind it."""
	rest = _without_blanks(rest)
	ends = "".join(takewhile(opened.__contains__, rest))[: len(opened)]
	rest = _without_blanks(rest[len(ends) :])
	return "".join(sign for sign in _unclosed(opened, ends) if sign in rest) + rest


def _without_blanks(text: str) -> str:
	return re.sub(f"^[{_BLANKS}]+", "", text)
