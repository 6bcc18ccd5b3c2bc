"""Reads cleaned HTML as a stream of tags, so that no depth of nesting matters."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote

from customer_portal.html import MENTION
from customer_portal.slack.mrkdwn import literals, signs
from customer_portal.slack.mrkdwn.literals import Word
from customer_portal.slack.mrkdwn.page import Page

MOST_MENTIONS = 50  # that are looked up for one message
LONGEST_LABEL = 300  # characters of a link's text
LONGEST_WORD = 40  # characters: longer ones are several, between which a text can be cut

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_MARKS = {
	**{"b": "*", "strong": "*", "i": "_", "em": "_", "s": "~", "del": "~", "code": signs.CODE},
	**dict.fromkeys(_HEADINGS, "*"),
}
# How many line breaks stand before and after a block.
_GAPS = {
	**dict.fromkeys(("p", "blockquote", "pre", "table", "ul", "ol", "dl", "hr", *_HEADINGS), 2),
	**dict.fromkeys(("div", "tr", "li", "dt", "dd", "caption"), 1),
}
_PIECE = re.compile(rf"\s+|\S{{1,{LONGEST_WORD}}}")
_CODE_PIECE = re.compile(rf"[^\n]{{1,{LONGEST_WORD}}}\n?|\n")
_ADDRESS = re.compile(r"https?://[^\s<>\"`|]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)'»”’،؛؟。、"


@dataclass
class _Span:
	"""``name`` is that of a mention, else None; then its text goes its own way."""

	name: str | None
	text: list[str] = field(default_factory=list)


class Reader(HTMLParser):
	"""``mention`` is asked once for each name."""

	def __init__(self, page: Page, mention: Callable[[str], str | None]):
		super().__init__()
		self._page = page
		self._mention = mention
		self._mentions: dict[str, str | None] = {}
		self._open: Counter[str] = Counter()  # marks
		self._spans: list[_Span] = []
		self._link: tuple[str, list[str], str] | None = None  # address, text, marks
		self._code: list[str] = []
		self._fences = 0

	def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
		self._part(tag)
		if tag in _MARKS:
			self._open[_MARKS[tag]] += 1
		begin = getattr(self, f"_begin_{tag}", None)
		if begin:
			begin({name: value or "" for name, value in attrs})

	def handle_endtag(self, tag: str) -> None:
		end = getattr(self, f"_end_{tag}", None)
		if end:
			end()
		if tag in _MARKS:
			self._open[_MARKS[tag]] -= 1
		self._part(tag)

	def handle_data(self, data: str) -> None:
		if self._fences:
			self._code.append(data)
		elif self._spans and self._spans[-1].name is not None:
			self._spans[-1].text.append(data)
		elif self._link:
			self._link[1].append(data)
		else:
			self._page.add(_words(data, self._marks()))

	def _part(self, tag: str) -> None:
		self._page.part(_GAPS.get(tag, 0))
		if self._link and tag in _GAPS:
			self._link[1].append(" ")

	def _begin_br(self, _attributes: dict[str, str]) -> None:
		if self._fences or self._link:
			self.handle_data("\n")
		else:
			self._page.break_line()

	def _begin_img(self, attributes: dict[str, str]) -> None:
		alternative = " ".join(attributes.get("alt", "").split())
		if alternative:
			self.handle_data(f"[{alternative}]")

	def _begin_pre(self, _attributes: dict[str, str]) -> None:
		self._fences += 1

	def _end_pre(self) -> None:
		self._fences -= 1
		code = "".join(self._code).strip("\n")
		if not self._fences and code.strip():
			self._page.fence([Word(piece) for piece in _CODE_PIECE.findall(code)])
		if not self._fences:
			self._code = []

	def _begin_blockquote(self, _attributes: dict[str, str]) -> None:
		self._page.begin_quote()

	def _end_blockquote(self) -> None:
		self._page.end_quote()

	def _begin_ul(self, _attributes: dict[str, str]) -> None:
		self._page.begin_list(0)

	def _begin_ol(self, attributes: dict[str, str]) -> None:
		self._page.begin_list(int(attributes.get("start") or 1))

	def _end_ul(self) -> None:
		self._page.end_list()

	_end_ol = _end_ul

	def _begin_li(self, _attributes: dict[str, str]) -> None:
		self._page.begin_item()

	def _begin_tr(self, _attributes: dict[str, str]) -> None:
		self._page.begin_row()

	def _end_tr(self) -> None:
		self._page.end_row()

	def _begin_td(self, _attributes: dict[str, str]) -> None:
		self._page.begin_cell()

	_begin_th = _begin_td

	def _begin_a(self, attributes: dict[str, str]) -> None:
		self._end_a()
		address = attributes.get("href", "").strip()
		if signs.is_address(address) and not self._fences:
			self._link = (address, [], self._marks())

	def _end_a(self) -> None:
		if not self._link:
			return
		address, text, marks = self._link
		self._link = None
		label = " ".join("".join(text).split())
		self._page.add(_linked(address, label, marks.replace(signs.CODE, "")))

	def _begin_span(self, attributes: dict[str, str]) -> None:
		"""Inside a mention, and in code, a span is text."""
		is_mention = attributes.get("class") == MENTION and not self._fences
		self._spans.append(_Span(attributes.get("data-label") if is_mention else None))

	def _end_span(self) -> None:
		span = self._spans.pop()
		if span.name is None:
			return
		text = "".join(span.text)
		markup = self._mentioned(span.name) if text.strip() == f"@{span.name}" and not self._link else None
		if markup:
			self._page.add([Word(markup, self._marks().replace(signs.CODE, ""), is_markup=True)])
		else:
			self.handle_data(text)

	def _mentioned(self, name: str) -> str | None:
		if name not in self._mentions:
			self._mentions[name] = self._mention(name) if len(self._mentions) < MOST_MENTIONS else None
		return self._mentions[name]

	def _marks(self) -> str:
		return "".join(mark for mark in (*signs.TAGS, signs.CODE) if self._open[mark] > 0)


def _words(text: str, marks: str) -> Iterator[Word]:
	"""Whatever is blank is one blank; addresses become links, or their signs could be taken for marks."""
	end = 0
	for found in _ADDRESS.finditer("" if signs.CODE in marks else text):
		address = found[0][: signs.LONGEST_ADDRESS].rstrip(_AFTER_ADDRESS)
		yield from _plain_words(text[end : found.start()], marks)
		yield Word(f"<{_escaped(address)}>", marks, is_markup=True)
		end = found.start() + len(address)
	yield from _plain_words(text[end:], marks)


def _plain_words(text: str, marks: str) -> Iterator[Word]:
	for piece in _PIECE.findall(text):
		yield Word(" " if piece.isspace() else piece, marks)


def _linked(address: str, label: str, marks: str) -> Iterator[Word]:
	"""A label that goes on for long is text, with the address behind it. Without a label there is no link to see."""
	if len(label) > LONGEST_LABEL:
		yield from _plain_words(f"{label} ", marks)
	is_plain = len(label) > LONGEST_LABEL or label in (address, address.partition(":")[2])
	text = "" if is_plain else f"|{literals.label(label)}"
	if label:
		yield Word(f"<{_escaped(address)}{text}>", marks, is_markup=True)


def _escaped(address: str) -> str:
	"""As it may stand between brackets: before a bar, and without a fence."""
	return signs.escape(re.sub("[|`]", lambda sign: quote(sign[0]), address))
