"""Text that means nothing to Slack: it has no way to escape its marks, so those that it would take for an emphasis
are written as signs that look the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from customer_portal.slack.mrkdwn import emoji, signs

# Slack takes the wide forms of East Asian keyboards for marks, too.
_KINDS = {"*": "*", "＊": "*", "_": "_", "＿": "_", "~": "~", "`": "`", "｀": "`"}
_LOOKALIKES = {"*": "∗", "＊": "﹡", "_": "ˍ", "＿": "ˍ", "~": "∼", "`": "ˋ", "｀": "ˋ"}
_MARK = re.compile("[*＊_＿~`｀]")
_CALL = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_NAME = re.compile(r":(?=([0-9a-f]{1,4}):)")
_BACKTICKS = re.compile("`{3,}")


@dataclass(frozen=True)
class Word:
	"""A word, or a blank. ``marks`` are those around it, from the outermost. ``is_markup``: ``text`` is Slack's own."""

	text: str
	marks: str = ""
	is_markup: bool = False

	@property
	def is_blank(self) -> bool:
		return self.text == " "

	@property
	def is_literal(self) -> bool:
		return not self.is_markup and signs.CODE not in self.marks


@dataclass(frozen=True)
class _Mark:
	word: int
	place: int
	sign: str
	opens: bool
	closes: bool


def safe(words: Sequence[Word], is_at_start: bool) -> list[str]:
	"""The text of each word of a line. ``is_at_start``: nothing stands before them on the line."""
	disguised = _disguised(words)
	texts = [_safe(word, disguised[place]) for place, word in enumerate(words)]
	if is_at_start and words[0].is_literal and words[0].text[0] in (">", "＞"):
		texts[0] = signs.JOINT + texts[0]
	return texts


def fenced(words: Sequence[Word]) -> str:
	"""Code on lines of its own."""
	code = "".join(word.text for word in words).rstrip("\n")
	code = _BACKTICKS.sub(lambda found: _LOOKALIKES["`"] * len(found[0]), code)
	return f"{signs.FENCE}\n{signs.escape(code)}\n{signs.FENCE}" if words else ""


def label(text: str) -> str:
	"""The text of a link."""
	return signs.escape(_MARK.sub(lambda found: _LOOKALIKES[found[0]], text))


def _safe(word: Word, disguised: set[int]) -> str:
	if word.is_markup:
		return word.text
	if signs.CODE in word.marks:
		return signs.escape(word.text.replace("`", _LOOKALIKES["`"]))
	text = "".join(_LOOKALIKES[sign] if at in disguised else sign for at, sign in enumerate(word.text))
	return signs.escape(_without_emoji(_CALL.sub("@" + signs.JOINT, text)))


def _without_emoji(text: str) -> str:
	"""A part of an address or a time that bears the name of an emoji is none."""

	def parted(found: re.Match) -> str:
		is_hidden = emoji.is_known(found[1]) and emoji.is_in_number(text, found.start())
		return ":" + signs.JOINT if is_hidden else ":"

	return _NAME.sub(parted, text)


def _disguised(words: Sequence[Word]) -> dict[int, set[int]]:
	"""The places in each word of marks that could pair with another one, or with one of our own."""
	marks = list(_found(words))
	own = {mark for word in words for mark in word.marks}
	first, last = {}, {}
	for at, mark in enumerate(marks):
		if mark.opens:
			first.setdefault(_KINDS[mark.sign], at)
		if mark.closes:
			last[_KINDS[mark.sign]] = at
	paired = own | {kind for kind, at in first.items() if last.get(kind, -1) > at}
	places: dict[int, set[int]] = defaultdict(set)
	for mark in marks:
		if _KINDS[mark.sign] in paired:
			places[mark.word].add(mark.place)
	return places


def _found(words: Sequence[Word]) -> Iterator[_Mark]:
	"""The marks of a line's literal words that could begin or end an emphasis."""
	for number, word in enumerate(words):
		if not word.is_literal:
			continue
		text = _edge(words, number, -1) + word.text + _edge(words, number, 1)
		for found in _MARK.finditer(text, 1, len(text) - 1):
			yield from _mark(text, number, found.start())


def _mark(text: str, number: int, at: int) -> Iterator[_Mark]:
	sign, around = text[at], (text[at - 1], text[at + 1])
	is_code = _KINDS[sign] == signs.CODE  # which needs no boundary
	mark = _Mark(number, at - 1, sign, is_code or signs.opens(*around), is_code or signs.closes(*around))
	if mark.opens or mark.closes:
		yield mark


def _edge(words: Sequence[Word], number: int, step: int) -> str:
	"""What a mark at the edge of a word has next to it: a blank, or what is none."""
	is_last = not 0 <= number + step < len(words)
	is_alone = is_last or words[number + step].is_blank
	return " " if is_alone and not words[number].marks else signs.JOINT
