"""Lines of mrkdwn: words with their marks, put together so that Slack shows them as they are meant, and cut."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from customer_portal.slack.mrkdwn import literals, signs
from customer_portal.slack.mrkdwn.literals import Word

END = " …"
# Next to these Slack knows where an emphasis begins or ends. It knows more of them, but not those of all scripts.
_BEFORE = frozenset(" (\"'-" + signs.JOINT)
_AFTER = frozenset(" .,;:!?)\"'-" + signs.JOINT)


@dataclass
class Line:
	"""``gap`` is how many line breaks stand before it. ``is_fenced``: the words are those of a block of code."""

	prefix: str = ""
	gap: int = 1
	is_quoted: bool = False
	is_fenced: bool = False
	words: list[Word] = field(default_factory=list)

	def text(self, words: int | None = None) -> str:
		"""The line, or its first ``words``; empty without any."""
		chosen = self.words[:words]
		if self.is_fenced:
			return literals.fenced(chosen)
		chosen = _trimmed(chosen)
		return self.prefix + _marked(chosen, literals.safe(chosen, not self.prefix)) if chosen else ""


def written(lines: Sequence[Line], longest: int, is_cut: bool) -> str:
	"""All of them, or as much as fits into ``longest`` characters. ``is_cut``: something is missing already."""
	whole = _first(lines, longest)
	if len(whole) == len(lines) and not is_cut:
		return "".join(whole)
	kept = _first(lines, longest - len(END))
	rest = lines[len(kept) : len(kept) + 1]
	room = longest - len(END) - sum(map(len, kept))
	parts = [*kept, *(_start(line, lines[len(kept) - 1] if kept else None, room) for line in rest)]
	return ("".join(parts) + END).strip()


def _first(lines: Sequence[Line], longest: int) -> list[str]:
	"""The first lines, with what parts them, that are no longer than that together."""
	found: list[str] = []
	room = longest
	for before, line in zip([None, *lines], lines, strict=False):
		text = _gap(before, line) + line.text()
		room -= len(text)
		if room < 0:
			break
		found.append(text)
	return found


def _start(line: Line, before: Line | None, room: int) -> str:
	"""As many of its words as fit."""
	gap = _gap(before, line)
	most = range(min(len(line.words), max(room, 0)) + 1)
	words = bisect_right(most, room - len(gap), key=lambda number: len(line.text(number))) - 1
	while words > 0 and len(gap + line.text(words)) > room:
		words -= 1
	return gap + line.text(words) if words > 0 else ""


def _gap(before: Line | None, line: Line) -> str:
	"""A blank line would end a quote."""
	if before is None:
		return ""
	return "\n" * (1 if before.is_quoted and line.is_quoted else line.gap)


def _trimmed(words: Sequence[Word]) -> Sequence[Word]:
	start, end = 0, len(words)
	while start < end and words[start].is_blank:
		start += 1
	while end > start and words[end - 1].is_blank:
		end -= 1
	return words[start:end]


def _marked(words: Sequence[Word], texts: Sequence[str]) -> str:
	"""The texts, between the marks of their words."""
	pieces: list[str] = []
	open_marks, last = "", ""
	for marks, text in zip(_marks(words), texts, strict=True):
		pieces.append(_change(open_marks, marks, last, text[:1]) + text)
		open_marks, last = marks, text[-1:]
	return "".join(pieces) + open_marks[::-1]


def _marks(words: Sequence[Word]) -> list[str]:
	"""Marks stand next to words: a blank has those that the words on both its sides have."""
	found = [word.marks for word in words]
	for place, word in enumerate(words):
		if word.is_blank:
			found[place] = _common(found[place - 1], found[place + 1])
	return found


def _change(old: str, new: str, before: str, after: str) -> str:
	"""What ends the old marks and begins the new ones, with a joint where Slack would not see a boundary."""
	kept = len(_common(old, new))
	closing, opening = old[kept:][::-1], new[kept:]
	if closing and opening:
		return closing + signs.JOINT + opening
	if closing:
		return closing + ("" if after in _AFTER else signs.JOINT)
	return (signs.JOINT if opening and before and before not in _BEFORE else "") + opening


def _common(one: str, other: str) -> str:
	"""The marks with which both begin."""
	pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
	return "".join(mark for mark, _ in pairs)
