"""What a person wrote in Slack, as HTML for a reply in Helpdesk."""

import re
from collections.abc import Callable, Iterator
from html import escape

from customer_portal.slack.mrkdwn import inline, signs
from customer_portal.slack.mrkdwn.references import References

LONGEST = 40_000  # characters of a message: https://docs.slack.dev/reference/methods/chat.postMessage
DEEPEST = 8  # levels of a list, in Slack's clients

_UNWANTED = re.compile("[\u202d\u202e\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_FENCED = re.compile(r"```(?!`)((?:[^`]|`(?!``))+)```")
_QUOTED = re.compile(r"(?:&gt;|>) ?")
_QUOTED_TO_THE_END = re.compile(r"(?:&gt;|>){3} ?")
_ITEM = re.compile(
	r"(?P<indent> *)(?:(?P<bullet>[•◦▪▫]\ufe0e?)|(?P<number>[1-9][0-9]{0,3}|(?<= {4})[a-z]{1,5})\.) +(?P<text>.*)"
)
_LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
_ONES = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ROMAN = tuple(tens + ones for tens in ("", "x") for ones in _ONES)


def to_html(text: str, name_of: Callable[[str], str | None], somebody: str = "somebody") -> str:
	"""Safe HTML of p, br, strong, em, s, code, pre, blockquote, ul, ol (start), li and a (href, rel, target).

	``text`` is that of a message event. ``name_of`` gives the name of a Slack user, such as U123, or None; then the
	mention is ``@somebody``.
	"""
	return _Message(References(name_of, somebody)).html(_UNWANTED.sub("", text[:LONGEST]))


class _Message:
	def __init__(self, references: References):
		self._references = references
		self._pieces: list[str] = []
		self._paragraph: list[str] = []
		# From the outermost: the tag, and the number of the last item.
		self._lists: list[tuple[str, int]] = []
		self._is_quoted = False
		self._is_quoted_to_the_end = False

	def html(self, text: str) -> str:
		for part, is_code in _parts(text.replace("\r\n", "\n").replace("\r", "\n")):
			if is_code:
				self._code(part)
			else:
				for line in part.split("\n"):
					self._line(line)
		self._end_blocks()
		self._quote(False)
		return "".join(self._pieces)

	def _code(self, code: str) -> None:
		self._quote(self._is_quoted_to_the_end)
		self._end_blocks()
		self._pieces.append(f"<pre>{escape(self._references.plain(code.strip(chr(10))))}</pre>")

	def _line(self, line: str) -> None:
		if self._is_quoted_to_the_end:
			self._content(line)
			return
		sign = _QUOTED_TO_THE_END.match(line)
		self._is_quoted_to_the_end = bool(sign)
		sign = sign or _QUOTED.match(line)
		self._quote(bool(sign))
		self._content(line[sign.end() :] if sign else line)

	def _content(self, line: str) -> None:
		item = _ITEM.fullmatch(line)
		if not line.strip():
			self._end_blocks()
		elif not (item and self._item(item)):
			self._end_lists(0)
			self._paragraph.append(inline.html(line.strip(), self._references))

	def _item(self, item: re.Match) -> bool:
		"""Whether the line is one: what only looks like it, such as "etc. and so on", is text."""
		depth = min(len(item["indent"]) // len(signs.INDENT), len(self._lists), DEEPEST - 1)
		tag, number = ("ul", 0) if item["bullet"] else ("ol", _number(item["number"], depth))
		follows = self._follows(depth, tag, number)
		if not follows and tag == "ol" and number != 1 and not item["number"].isdigit():
			return False
		self._end_paragraph()
		self._end_lists(depth + 1 if follows else depth)
		self._begin_item(tag, number, follows)
		self._pieces.append(inline.html(item["text"].strip(), self._references))
		return True

	def _follows(self, depth: int, tag: str, number: int) -> bool:
		"""Whether the item is the next one of a list that is open."""
		if len(self._lists) <= depth or self._lists[depth][0] != tag:
			return False
		return tag == "ul" or number == self._lists[depth][1] + 1

	def _begin_item(self, tag: str, number: int, follows: bool) -> None:
		if follows:
			self._lists[-1] = (tag, number)
			self._pieces.append("</li><li>")
		else:
			self._lists.append((tag, number))
			start = f' start="{number}"' if number > 1 else ""
			self._pieces.append(f"<{tag}{start}><li>")

	def _quote(self, is_quoted: bool) -> None:
		if is_quoted == self._is_quoted:
			return
		self._end_blocks()
		self._is_quoted = is_quoted
		if is_quoted:
			self._pieces.append("<blockquote>")
		elif self._pieces[-1] == "<blockquote>":
			self._pieces.pop()
		else:
			self._pieces.append("</blockquote>")

	def _end_blocks(self) -> None:
		self._end_paragraph()
		self._end_lists(0)

	def _end_paragraph(self) -> None:
		if self._paragraph:
			self._pieces.append(f"<p>{'<br>'.join(self._paragraph)}</p>")
			self._paragraph = []

	def _end_lists(self, depth: int) -> None:
		while len(self._lists) > depth:
			self._pieces.append(f"</li></{self._lists.pop()[0]}>")


def _parts(text: str) -> Iterator[tuple[str, bool]]:
	"""Text and fenced code, in turn."""
	end = 0
	for fenced in _FENCED.finditer(text):
		if fenced[1].strip():
			yield text[end : fenced.start()], False
			yield fenced[1], True
			end = fenced.end()
	yield text[end:], False


def _number(written: str, depth: int) -> int:
	"""Slack numbers the levels of a list 1, a, i, 1, a, i. Zero for what is no number of the level."""
	if written.isdigit():
		return int(written)
	series = ((), _LETTERS, _ROMAN)[depth % 3]
	return series.index(written) + 1 if written in series else 0
