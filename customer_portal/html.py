"""Mail HTML from strangers, made harmless: a strict allow-list by nh3 (the Rust library ammonia).

Nothing that is left runs, loads from another host, or reaches outside its box: no style, class or id, no form,
frame or media, no address but http, https, mailto and tel. Images and files stay only when ``addresses`` knows them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import islice
from urllib.parse import unquote, urlsplit

import nh3

LONGEST = 200_000  # characters of input; the rest is cut
LONGEST_CLEANED = 600_000  # characters of output: past this, plain text is shown
MOST_CLEANED_TAGS = 24_000  # likewise
LONGEST_ADDRESS = 2_048
MOST_PATHS = 200  # of files; further ones are not shown
MOST_TAGS = 6_000  # the parser's work grows with the square of the depth: past this, plain text is shown

BLOCKS = {"p", "div", "blockquote", "li", "td", "th", "h3", "h4", "h5", "h6", "dt", "dd", "pre"}
INLINE = {"a", "b", "br", "code", "del", "em", "hr", "i", "img", "ins", "s", "small", "span", "strong", "sub"}
LISTS = {"ul", "ol", "dl", "sup", "u", "table", "thead", "tbody", "tfoot", "tr", "caption"}
TAGS = BLOCKS | INLINE | LISTS
DROPPED_WITH_CONTENT = {
	*(
		"script",
		"style",
		"title",
		"template",
		"noscript",
		"iframe",
		"object",
		"embed",
		"applet",
		"svg",
		"math",
	),
	*("textarea", "select", "option", "button", "audio", "video", "canvas", "xmp", "noembed", "noframes"),
}
ATTRIBUTES = {
	"a": {"href"},
	"img": {"src", "alt", "width", "height"},
	"td": {"colspan", "rowspan"},
	"th": {"colspan", "rowspan"},
	"ol": {"start"},
}
MENTION = "mention"  # the class of the span that Helpdesk's editor makes, with the name in data-label
ATTRIBUTES_FOR_TEXT = {**ATTRIBUTES, "span": {"class", "data-label"}}
LINK_REL = "noopener noreferrer nofollow ugc"
SCHEMES = {"http", "https", "mailto", "tel"}

_OVERRIDES = re.compile("[\u202d\u202e\x00-\x08\x0b\x0c\x0e-\x1f]")
# The parser opens what a paragraph left open again in each later one (HTML 13.2.4.3), but of elements that are alike,
# attributes included, no more than three: without attributes, which none of these keeps, the list stays short.
_FORMATTING = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_WITH_ATTRIBUTES = re.compile(rf"<({_FORMATTING})[\s/][^<>]*>", re.IGNORECASE)
_STILL_WITH_ATTRIBUTES = re.compile(rf"<(?:{_FORMATTING})[\s/]", re.IGNORECASE)
MOST_ODD_TAGS = 20  # of these that hold a < or > in an attribute, or never end
_HEADING = re.compile(r"<(/?)h[12](?=[\s>/])", re.IGNORECASE)
_HEADINGS = re.compile(r"(</?h)([3-6])(?=[ >])")
# nh3 writes every attribute in double quotes and escapes those inside, so this matches whole tags.
_IMAGE = re.compile(r'<img(?: [a-z]+="[^"]*")*>')
_TAG = re.compile(r"<[^<>]*>?")
_LINE_END = re.compile(r"<br[^<>]*>|</(?:p|div|li|h[1-6]|tr|blockquote|pre)>", re.IGNORECASE)
_POINT = re.compile(r"<li[^<>]*>", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class CleanHtml:
	"""``html`` is safe to put into a page as it is. ``hidden_images`` counts those that were left out."""

	html: str
	hidden_images: int
	is_cut: bool

	def __bool__(self) -> bool:
		return bool(self.hidden_images or "<img " in self.html or plain_text(self.html))


def clean(html: str | None, addresses: Mapping[str, str] | None = None, for_text: bool = False) -> CleanHtml:
	"""``addresses`` maps the paths of files that may be shown to the addresses that serve them.

	``for_text`` leaves what is needed to make text of it, and must not be shown: on spans ``MENTION`` and the name, and
	images that may not be shown, for their descriptions.
	"""
	html = html or ""
	is_cut = len(html) > LONGEST
	html = _WITH_ATTRIBUTES.sub(r"<\1>", _OVERRIDES.sub("", html[:LONGEST]))
	if _is_too_much(html):
		return CleanHtml(escape(_TAG.sub(" ", html)), 0, is_cut)
	cleaned = _allow_listed(html, addresses or {}, ATTRIBUTES_FOR_TEXT if for_text else ATTRIBUTES)
	if len(cleaned) > LONGEST_CLEANED or cleaned.count("<") > MOST_CLEANED_TAGS:
		return CleanHtml(escape(_TAG.sub(" ", html)), 0, is_cut)
	images = _IMAGE.findall(cleaned)
	hidden = sum(1 for image in images if " src=" not in image)
	return CleanHtml(cleaned if for_text else _IMAGE.sub(_with_source, cleaned), hidden, is_cut)


def _is_too_much(html: str) -> bool:
	"""More than can be parsed in bounded time and space."""
	return html.count("<") > MOST_TAGS or len(_STILL_WITH_ATTRIBUTES.findall(html)) > MOST_ODD_TAGS


def raised(document: CleanHtml) -> CleanHtml:
	"""With its headings one level up, for a document that is the whole page below its own heading."""
	return replace(document, html=_HEADINGS.sub(lambda tag: f"{tag[1]}{int(tag[2]) - 1}", document.html))


def plain_text(html: str) -> str:
	"""The words of the document, without any tag."""
	return nh3.clean(html, tags=set(), clean_content_tags=DROPPED_WITH_CONTENT).replace("&nbsp;", " ").strip()


def as_lines(html: str | None) -> str:
	"""The words of a document as somebody would type them: a line for each block, a dash before points of a list."""
	html = _LINE_END.sub("\n", _POINT.sub("- ", re.sub(r"\s+", " ", (html or "")[:LONGEST])))
	lines = (line.strip() for line in unescape(plain_text(html)).replace("\xa0", " ").split("\n"))
	return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_quotes(cleaned: str) -> str:
	"""What ``clean`` has made, without what mail programs quote of the mail that they answer."""
	kept = TAGS - {"blockquote"}
	return nh3.clean(
		cleaned,
		tags=kept,
		clean_content_tags={"blockquote"},
		attributes=ATTRIBUTES_FOR_TEXT,
		url_schemes=SCHEMES,
		link_rel=LINK_REL,
		set_tag_attribute_values={tag: {"dir": "auto"} for tag in BLOCKS & kept},
	)


def local_paths(html: str | None) -> set[str]:
	"""Paths under /files and /private/files that the shown part of the document names first, decoded and without query."""
	found = re.findall(r"/(?:private/)?files/[^\"'<>?#\\]+", (html or "")[:LONGEST])
	first = islice(dict.fromkeys(found), MOST_PATHS)
	return {unquote(path.replace("&amp;", "&")).strip() for path in first}


def _allow_listed(html: str, addresses: Mapping[str, str], attributes: Mapping[str, set[str]]) -> str:
	def keep(tag: str, attribute: str, value: str) -> str | None:
		return _attribute(tag, attribute, value, addresses)

	return nh3.clean(
		_HEADING.sub(r"<\1h3", html),
		tags=TAGS,
		clean_content_tags=DROPPED_WITH_CONTENT,
		attributes=attributes,
		attribute_filter=keep,
		url_schemes=SCHEMES,
		strip_comments=True,
		link_rel=LINK_REL,
		set_tag_attribute_values={tag: {"dir": "auto"} for tag in BLOCKS},
	)


def _attribute(tag: str, attribute: str, value: str, addresses: Mapping[str, str]) -> str | None:
	if attribute == "src":
		return addresses.get(_path(value))
	if attribute == "href":
		return addresses.get(_path(value)) or (value if _may_be_linked(value) else None)
	if attribute in ("alt", "data-label"):
		return value[:300]
	if attribute == "class":
		return MENTION if MENTION in value.split() else None
	if attribute in ("rel", "dir"):
		return value
	return value if _NUMBER.fullmatch(value) else None


def _path(address: str) -> str:
	try:
		return unquote(urlsplit(address.strip()).path)
	except ValueError:
		return ""


def _may_be_linked(address: str) -> bool:
	"""A link that was left open is written again in each later paragraph, so it may not be long."""
	if len(address) > LONGEST_ADDRESS:
		return False
	return re.match(r"(https?://|mailto:|tel:)", address.strip(), re.IGNORECASE) is not None


def _with_source(image: re.Match) -> str:
	return image[0].replace("<img ", '<img loading="lazy" ', 1) if " src=" in image[0] else ""
