"""Helpdesk's knowledge base for members: its published articles, which it shows to everybody, and no others.

Helpdesk's own search of them needs a Redis with the RediSearch module, which a bench does not have. This one counts how
many of the words stand in title and text, which a helpdesk's some hundred articles allow.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import frappe

from customer_portal import html, throttle, timezones
from customer_portal.exceptions import ArticleNotFound
from customer_portal.html import CleanHtml
from customer_portal.throttle import MINUTE, Limit

ARTICLE = "HD Article"
MOST = 5  # suggestions
MOST_WORDS = 8  # of what is searched for
SHORTEST_WORD = 3  # letters
SEARCHES = Limit(100, 10 * MINUTE)  # of one person; the page asks when typing pauses
LARGEST_TEXT = 20_000  # characters of an article that are searched
_WORDS = re.compile(r"[^\W_]+")
_PUBLIC = "/files/"


@dataclass(frozen=True)
class Suggestion:
	name: str
	title: str
	category: str


@dataclass(frozen=True)
class Article:
	"""``changed`` is naive UTC."""

	title: str
	category: str
	content: CleanHtml
	changed: datetime


def may_search(user: str) -> bool:
	"""Counts one more search of this person; False past the limit."""
	subject = throttle.user_subject(user)
	with throttle.hold(subject):
		if throttle.wait_seconds(throttle.SEARCH, subject, SEARCHES):
			return False
		throttle.record(throttle.SEARCH, subject)
	return True


def suggest(text: str) -> tuple[Suggestion, ...]:
	"""The articles that fit a subject best: those with at least a third of its words. One SELECT, none without words."""
	words = _words(text)
	if not words:
		return ()
	values: dict[str, object] = {f"word_{number}": _pattern(word) for number, word in enumerate(words)}
	in_title = " + ".join(f"(article.title LIKE %(word_{number})s)" for number in range(len(words)))
	in_either = " + ".join(
		f"(article.title LIKE %(word_{number})s OR LEFT(article.content, {LARGEST_TEXT}) LIKE %(word_{number})s)"
		for number in range(len(words))
	)
	query = f"""SELECT name, title, category_name FROM (
			SELECT article.name, article.title, category.category_name, article.views,
				{in_title} AS titles, {in_either} AS hits
			FROM `tabHD Article` article
			LEFT JOIN `tabHD Article Category` category ON category.name = article.category
			WHERE article.status = 'Published') found
		WHERE hits * 3 >= %(words)s ORDER BY hits * 2 + titles DESC, views DESC, name LIMIT {MOST}"""
	rows = frappe.db.sql(query, {**values, "words": len(words)})
	return tuple(Suggestion(name, title or "", category or "") for name, title, category in rows)


def read(name: str) -> Article:
	"""Raises ``ArticleNotFound``."""
	row = frappe.db.get_value(
		ARTICLE,
		{"name": name, "status": "Published"},
		["title", "content", "category", "modified"],
		as_dict=True,
	)
	if row is None:
		raise ArticleNotFound
	category = row.category and frappe.db.get_value("HD Article Category", row.category, "category_name")
	public = {path: path for path in html.local_paths(row.content) if path.startswith(_PUBLIC)}
	content = html.raised(html.clean(row.content, public))
	return Article(row.title or "", category or "", content, timezones.to_utc(row.modified))


def _words(text: str) -> list[str]:
	"""The longest ones, which say most."""
	found = _WORDS.findall(unicodedata.normalize("NFC", text).casefold())
	long = {word for word in found if len(word) >= SHORTEST_WORD}
	return sorted(long, key=lambda word: (-len(word), word))[:MOST_WORDS]


def _pattern(word: str) -> str:
	return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"
