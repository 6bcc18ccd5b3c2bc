"""One line of mrkdwn as HTML."""

import re
from html import escape

from customer_portal.slack.mrkdwn import emoji, signs
from customer_portal.slack.mrkdwn.references import References

# No part can look further than the next sign of its kind, so the time is in proportion to the length. A mark that is
# doubled is none: Slack shows "**" as it is.
_TOKEN = re.compile(
	rf"<(?P<reference>[^<>\n]*)>|(?<!`)`(?!\s*`)(?P<code>[^`\n]+)`(?!`)|(?P<emoji>{emoji.PATTERN})|(?P<marks>\*+|_+|~+)"
)


def html(line: str, references: References) -> str:
	return _Line(line, references).html()


class _Line:
	"""Pieces of HTML. A mark stands as itself until the one that closes it comes."""

	def __init__(self, line: str, references: References):
		self._line = line
		self._references = references
		self._pieces: list[str] = []
		self._open: dict[str, int] = {}  # the mark → its piece, in the order of the line

	def html(self) -> str:
		end = 0
		for token in _TOKEN.finditer(self._line):
			self._pieces.append(_text(self._line[end : token.start()]))
			self._take(token)
			end = token.end()
		self._pieces.append(_text(self._line[end:]))
		return "".join(self._pieces)

	def _take(self, token: re.Match) -> None:
		if token.lastgroup == "reference":
			self._pieces.append(self._references.html(token["reference"]))
		elif token.lastgroup == "code":
			self._pieces.append(f"<code>{escape(self._references.plain(token['code']))}</code>")
		elif token.lastgroup == "emoji":
			self._pieces.append(_text(emoji.sign(self._line, *token.span())))
		elif len(token[0]) == 1:
			self._mark(token)
		else:
			self._pieces.append(token[0])

	def _mark(self, token: re.Match) -> None:
		mark = token[0]
		start, end = token.span()
		around = self._line[max(start - 1, 0) : start], self._line[end : end + 1]
		if mark in self._open and signs.closes(*around):
			self._close(mark)
			return
		if signs.opens(*around):
			self._open.pop(mark, None)
			self._open[mark] = len(self._pieces)
		self._pieces.append(mark)

	def _close(self, mark: str) -> None:
		"""Marks inside that are still open stay as they are: emphases never overlap."""
		start, tag = self._open[mark], signs.TAGS[mark]
		self._pieces[start] = f"<{tag}>"
		self._pieces.append(f"</{tag}>")
		self._open = {other: piece for other, piece in self._open.items() if piece < start}


def _text(text: str) -> str:
	return escape(signs.unescape(text))
