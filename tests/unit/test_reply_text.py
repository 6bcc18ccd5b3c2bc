"""A conversation's messages as they stand in mails. No site is asked."""

from email import message_from_string

import pytest

from customer_portal import html
from customer_portal.notifications import automatic, reply_text

CASES = {
	"<p>One</p><p>Two</p>": "One\n\nTwo",
	"<ul><li>one</li><li>two</li></ul>": "one\ntwo",
	"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>": "a b\nc d",
	"a<br>b": "a\nb",
	"5 &lt; 6 &amp; 7": "5 < 6 & 7",
	"x<blockquote>q<blockquote>deep</blockquote></blockquote>": "x\nq\ndeep",
	"<p>  many   blanks\n and lines </p>": "many blanks and lines",
	"<p>مرحبا</p>": "مرحبا",
}


@pytest.mark.parametrize("given", CASES)
def test_plain_text(given):
	assert reply_text.plain(html.clean(given).html) == CASES[given]


def test_earlier_messages_lose_quotes_and_pictures():
	path = {"/files/a.png": reply_text.picture("a1")}
	body = html.clean('<p>Yes <img src="/files/a.png"></p><blockquote>Shall <b>we</b>?</blockquote>', path)
	assert reply_text.pictures(body.html) == ["a1"]
	assert reply_text.context(body) == '<p dir="auto">Yes </p>'


def test_who_answers_only_by_a_quote_is_heard():
	assert "all of it" in reply_text.context(html.clean("<blockquote>all of it</blockquote>"))


def test_a_very_long_earlier_message_is_cut():
	text = reply_text.context(html.clean(f"<p>{'<b>word</b> ' * 3000}</p>"))
	assert len(text) < reply_text.LONGEST_CONTEXT + 100
	assert text.endswith("…</p>")


@pytest.mark.parametrize(
	("text", "direction"),
	[("1. مرحبا Sara", "rtl"), ("«שלום»", "rtl"), ("12: Hello سارة", "ltr"), ("12 — 34", "rtl"), ("", "rtl")],
)
def test_the_direction_of_a_message_is_that_of_its_first_word(text, direction):
	assert reply_text.direction(text, "rtl") == direction


def test_what_is_cut_does_not_end_inside_an_entity():
	text = reply_text.reply(html.clean("<p>" + "a&lt;" * 40_000), set())
	assert len(text) < reply_text.LONGEST_REPLY + 100
	assert text.endswith(("a …</p>", "&lt; …</p>"))


def test_only_pictures_that_are_in_the_mail_stay():
	paths = {f"/files/{name}.png": reply_text.picture(name) for name in "ab"}
	body = html.clean('<img src="/files/a.png"><img src="/files/b.png">', paths).html
	assert reply_text.with_pictures(body, {"b"}) == f'<img alt="" src="{reply_text.picture("b")}">'


@pytest.mark.parametrize(
	("headers", "is_automatic"),
	[
		("Auto-Submitted: auto-replied", True),
		("Auto-Submitted: AUTO-GENERATED; owner=x", True),
		("Auto-Submitted: no", False),
		("Precedence: bulk", True),
		("Precedence: bulk\nList-Id: <x.example>", False),
		("Precedence: list", False),
		("X-Autoreply: yes", True),
		("X-Auto-Response-Suppress: All", False),
		("Subject: Out of office", False),
	],
)
def test_robots(headers, is_automatic):
	assert automatic.is_automatic(message_from_string(f"{headers}\n\nText")) is is_automatic
