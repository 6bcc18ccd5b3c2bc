"""Where words go: lines, with the blank lines, bullets, quotes and separators that stand between them."""

from collections.abc import Iterable

from customer_portal.slack.mrkdwn import signs
from customer_portal.slack.mrkdwn.lines import Line
from customer_portal.slack.mrkdwn.literals import Word

DEEPEST = 5  # levels by which lists are indented
_BULLETS = "•◦▪"
_BESIDE_BULLET = "   "
_SEPARATOR = (Word(" "), Word("|"), Word(" "))


class Page:
	"""``is_full`` when it has more than ``longest`` characters: further words are left out."""

	def __init__(self, longest: int):
		self._room = longest
		self.lines: list[Line] = []
		self._gap = 0
		self._quotes = 0
		self._lists: list[int] = []  # from the outermost: the number of its next item, zero without numbers
		self._marker = ""  # of the item whose words are still to come
		self._cells = 0  # that the row has begun
		self._separators = 0  # that are still to come
		self._row_gap: int | None = None  # before the words of a row that has none yet

	@property
	def is_full(self) -> bool:
		return self._room < 0

	def part(self, gap: int) -> None:
		"""The next words are on another line: 1, or behind a blank line: 2."""
		self._gap = max(self._gap, min(gap, 1) if self._lists else gap)

	def break_line(self) -> None:
		self._gap = max(self._gap, min(self._gap + 1, 2))

	def begin_quote(self) -> None:
		self._quotes += 1

	def end_quote(self) -> None:
		self._quotes -= 1

	def begin_list(self, first_number: int) -> None:
		"""``first_number`` is zero for a list without numbers."""
		self._lists.append(first_number)

	def end_list(self) -> None:
		self._lists.pop()
		self._marker = ""

	def begin_item(self) -> None:
		number = self._lists[-1] if self._lists else 0
		if number:
			self._lists[-1] += 1
		bullets = _BULLETS[max(len(self._lists) - 1, 0) % len(_BULLETS)]
		self._marker = f"{number}. " if number else f"{bullets} "

	def begin_row(self) -> None:
		self._cells = self._separators = 0
		self._row_gap = self._gap

	def end_row(self) -> None:
		self._cells = self._separators = 0
		self._row_gap = None
		self._gap = min(self._gap, 1)

	def begin_cell(self) -> None:
		self._separators += self._cells > 0
		self._cells += 1

	def add(self, words: Iterable[Word]) -> None:
		for word in words:
			if self.is_full:
				return
			if word.is_blank:
				self._add_blank(word)
			elif self._has_room(word):
				self._line().words.append(word)

	def fence(self, code: list[Word]) -> None:
		"""A block of code. Slack knows none in a quote or a list."""
		words = [word for word in code if self._has_room(word)]
		if words:
			self.lines.append(Line(gap=max(self._gap, 1), is_fenced=True, words=words))
			self._gap = max(self._gap, 1)

	def _has_room(self, word: Word) -> bool:
		"""Written, no word is shorter."""
		self._room -= 0 if self.is_full else len(word.text)
		return not self.is_full

	def _add_blank(self, word: Word) -> None:
		"""Several blanks are one, and none where a line begins."""
		is_inside = self.lines and not self._gap and not self._separators and not self._marker
		if is_inside and not self.lines[-1].words[-1].is_blank:
			self.lines[-1].words.append(word)

	def _line(self) -> Line:
		"""The one to which the next word belongs."""
		is_first_of_row = self._row_gap is not None
		if self._separators and not is_first_of_row:
			self.lines[-1].words.extend(_SEPARATOR * self._separators)
		elif self._gap or self._marker or not self.lines:
			gap = self._row_gap if is_first_of_row else self._gap
			self.lines.append(Line(self._prefix(), max(gap, 1), self._quotes > 0))
		self._gap = self._separators = 0
		self._marker, self._row_gap = "", None
		return self.lines[-1]

	def _prefix(self) -> str:
		quote = f"{signs.QUOTE} " if self._quotes else ""
		indent = signs.INDENT * min(max(len(self._lists) - 1, 0), DEEPEST)
		return quote + indent + (self._marker or (_BESIDE_BULLET if self._lists else ""))
