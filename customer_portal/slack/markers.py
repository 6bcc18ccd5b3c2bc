"""Words with which a message says what it is: a reply to the customer, or a private note.

A note whose marker is not seen would go to the customer. So it is seen through all that Slack's editor puts around it:
emphasis, a quote, blanks, signs without a shape. A marker of replies is not seen in a quote: somebody quotes it.
"""

import re

from customer_portal.slack import channels, mrkdwn, names
from customer_portal.slack.channels import MARKED, Place
from customer_portal.slack.outbox import IGNORED, NOTE, REPLY
from customer_portal.slack.posts import escape

_FORMATS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_BLANK = rf"[\s{_FORMATS}{names.SHAPELESS}]"
_EMPHASIS = "*_~`"
_QUOTE = r"&gt;|>"


def meaning(text: str, place: Place) -> tuple[str, str, bool]:
	"""``REPLY``, ``NOTE`` or ``IGNORED``; the text without the marker; and whether there was one."""
	for kind, marker in ((NOTE, channels.note_marker()), (REPLY, channels.reply_marker())):
		rest = _behind(marker, text, is_seen_in_quotes=kind == NOTE)
		if rest is not None:
			return kind, rest, True
	return (IGNORED if place.mode == MARKED else REPLY), text, False


def _behind(marker: str, text: str, is_seen_in_quotes: bool) -> str | None:
	"""What follows the marker; None where the text does not begin with it. Emoji have names in Slack."""
	if not marker.isascii():
		marker, text = mrkdwn.as_signs(marker), mrkdwn.as_signs(text)
	before = (
		rf"(?:{_BLANK}|[{_EMPHASIS}]|{_QUOTE})*" if is_seen_in_quotes else rf"(?:{_BLANK}|[{_EMPHASIS}])*"
	)
	signs = f"{_BLANK}*".join(map(re.escape, _plain(marker)))
	found = re.match(f"({before}){signs}", text, re.IGNORECASE)
	return _without_ends(text[found.end() :], found[1]) if found else None


def _without_ends(rest: str, before: str) -> str:
	"""Without the ends of the emphasis that began in front of the marker."""
	opened = sum(before.count(mark) for mark in _EMPHASIS)
	return re.sub(f"^{_BLANK}*[{_EMPHASIS}]{{0,{opened}}}{_BLANK}*", "", rest, count=1)


def _plain(marker: str) -> list[str]:
	"""Its signs as Slack escapes them, without those that do not count."""
	return [escape(sign) for sign in re.sub(_BLANK, "", marker)]
