"""HTML as Slack's markup. No site is asked."""

import re
import time
from html import escape

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_portal import html
from customer_portal.slack.mrkdwn import from_html, to_html
from tests.hostile_html import CASES as HOSTILE
from tests.mrkdwn_texts import JOINT, MARKUP, NAMES, assert_mentions_nobody, elements, words

FROM_HTML = {
	# text
	"": "",
	"<p></p><p> <br></p>": "",
	"<p>One</p><p></p><p>Two</p>": "One\n\nTwo",
	"plain\n text &nbsp; here": "plain text here",
	"<p>one<br>two<br><br><br>three</p>": "one\ntwo\n\nthree",
	"<div>one</div><div>two</div>": "one\ntwo",
	"<p>5 &lt; 6 &amp;&amp; 7 &gt; 2 &amp;lt;</p>": "5 &lt; 6 &amp;&amp; 7 &gt; 2 &amp;lt;",
	"<h2>Head</h2><p>text</p>": "*Head*\n\ntext",
	"<p>a</p><hr><p>b</p>": "a\n\nb",
	'<p>x <img src="cid:1" alt="a cat"> <img src="y"></p>': "x [a cat]",
	"<p dir=rtl>مرحبا <b>بك</b>، أهلا</p>": f"مرحبا *بك*{JOINT}، أهلا",
	# emphasis
	"<b>b</b> <em>i</em> <s>s</s> <del>d</del> <code>c</code>": "*b* _i_ ~s d~ `c`",
	"foo<b>bar</b>baz": f"foo{JOINT}*bar*{JOINT}baz",
	"<b>b</b>, (<i>i</i>).": "*b*, (_i_).",
	"<b> lead </b>tail": "*lead* tail",
	"<b>a<i>b</i></b>": f"*a{JOINT}_b_*",
	"<i>a<b>b</b></i>": f"_a_{JOINT}*_b_*",
	"<b>a</b> <b>b</b><b> </b><i></i>": "*a b*",
	"<b>one<br>two</b>": "*one*\n*two*",
	"<h3>a <strong>b</strong></h3>": "*a b*",
	"<strong><code>x*y`z</code></strong>": "*`x*yˋz`*",
	"<pre><code>a = 1\n\n  b &lt; ```\n</code></pre>": "```\na = 1\n\n  b &lt; ˋˋˋ\n```",
	"<p>x</p><pre>y</pre><p>z</p>": "x\n\n```\ny\n```\n\nz",
	"<pre> \n</pre>": "",
	# quotes, lists, tables
	"<p>a</p><blockquote><p>b</p><p>c</p></blockquote><p>d</p>": "a\n\n> b\n> c\n\nd",
	"<blockquote>a<blockquote>b</blockquote></blockquote>": "> a\n> b",
	"<ul><li><p>a</p></li><li>b<ul><li>c<ul><li>d</li></ul></li></ul></li></ul><p>e</p>": (
		"• a\n• b\n    ◦ c\n        ▪ d\n\ne"
	),
	"<ol start=3><li>a</li><li>b<ol><li>c</li></ol></li><li>d</li></ol>": "3. a\n4. b\n    1. c\n5. d",
	"<ul><li><p>a</p><p>b</p></li></ul>": "• a\n   b",
	"<blockquote><ul><li>a</li></ul></blockquote>": "> • a",
	"<li>loose": "• loose",
	"<table><tr><th><p>A</p></th><th>B</th></tr><tr><td>1</td><td></td><td><p>3</p></td></tr></table>x": (
		"A | B\n1 |  | 3\n\nx"
	),
	"<table><tr><td><p>a</p><p>b</p></td></tr></table>": "a\n\nb",
	# links
	'<a href="https://a.example/?b=1&amp;c=2">the <b>page</b></a>': "<https://a.example/?b=1&amp;c=2|the page>",
	'<b><a href="https://a.example">x</a></b>': "*<https://a.example|x>*",
	'<a href="https://a.example/">https://a.example/</a>': "<https://a.example/>",
	'<a href="mailto:a@b.example">a@b.example</a>': "<mailto:a@b.example>",
	'<a href="tel:+49301">call</a>': "<tel:+49301|call>",
	'<a href="https://a.example/x|y">a|b *c* &gt;</a>': "<https://a.example/x%7Cy|a|b ∗c∗ &gt;>",
	'<a href="javascript:alert(1)">click</a> <a href="ftp://a.example">y</a>': "click y",
	'<a href="https://a.example"></a>z': "z",
	'<a href="https://a.example"><table>a<a href="https://b.example">b': "<https://a.example|a><https://b.example|b>",
	'<a href="https://a.example"><div>a</div><div>b</div></a>': "<https://a.example|a b>",
	'<a href="https://a.example"><img alt="logo" src="cid:1"></a>': "<https://a.example|[logo]>",
	'<a href="https://a.example/```">a</a> `https://a.example`': "<https://a.example/%60%60%60|a> ˋ<https://a.example>ˋ",
	"see https://a.example/b_c_d, ok (http://b.example)": "see <https://a.example/b_c_d>, ok (<http://b.example>)",
	# mentions
	'<span class="mention" data-type="mention" data-id="s@x.example" data-label="Sara">@Sara</span>!': "<@U1>!",
	'<span class="mention" data-label="سارة"><strong>@سارة</strong></span>': "<@U2>",
	'<span class="mention" data-label="Bob">@Bob</span>': "@Bob",
	'<b><span class="mention" data-label="Sara">@Sara</span></b>': "*<@U1>*",
	'<span class="mention" data-label="Sara">read this</span>': "read this",
	'<span class="other" data-label="Sara">@Sara</span>': "@Sara",
	'<span class="mention" data-label="<@U7>">@&lt;@U7&gt;</span>': "@&lt;@U7&gt;",
	'<code><span class="mention" data-label="Sara">@Sara</span></code>': "<@U1>",
	'<pre><span class="mention" data-label="Sara">@Sara</span></pre>': "```\n@Sara\n```",
	# what a customer types means nothing to Slack
	"&lt;!channel&gt; &lt;@U1&gt; &lt;https://a.example|x&gt;": (
		"&lt;!channel&gt; &lt;@U1&gt; &lt;<https://a.example>|x&gt;"
	),
	"@here @channel @everyone you@group.example": (
		f"@{JOINT}here @{JOINT}channel @{JOINT}everyone you@{JOINT}group.example"
	),
	"*x* _y_ ~z~ `c` ＊w＊": "∗x∗ ˍyˍ ∼z∼ ˋcˋ ﹡w﹡",
	"```x```": "ˋˋˋxˋˋˋ",
	"snake_case 2 * 3 * 4 *.txt *.csv **kwargs ~ 5": "snake_case 2 * 3 * 4 *.txt *.csv **kwargs ~ 5",
	"<b>a* *b *</b>": "*a∗ ∗b ∗*",
	"<b>*</b>": "*∗*",
	"<p>&gt; quote</p><p>&gt;&gt;&gt; rest</p>": f"{JOINT}&gt; quote\n\n{JOINT}&gt;&gt;&gt; rest",
	"00:ab:10 10:100:3 12:30:45 :wave:": f"00:{JOINT}ab:10 10:{JOINT}100:3 12:30:45 :wave:",
	# what Helpdesk's editor quotes
	'<p>Answer</p><p class="reply-to-content"></p><blockquote>old</blockquote>': "Answer",
	'<p></p><p class="reply-to-content"></p><blockquote>old</blockquote>': "> old",
}


@pytest.mark.parametrize("document", FROM_HTML)
def test_from_html(document):
	assert from_html(document, MARKUP.get) == FROM_HTML[document]


def test_nothing_is_nothing():
	assert from_html(None, MARKUP.get) == ""


def test_mails_lose_their_quotes_only():
	mail = "<p>Yes</p><blockquote><p>Shall we?</p></blockquote>"
	assert from_html(mail, MARKUP.get) == "Yes\n\n> Shall we?"
	assert from_html(mail, MARKUP.get, is_mail=True) == "Yes"
	assert from_html("<blockquote>only this</blockquote>", MARKUP.get, is_mail=True) == "> only this"


def test_mentions_in_mails():
	mail = '<p><span class="mention" data-label="Sara">@Sara</span></p><blockquote>x</blockquote>'
	assert from_html(mail, MARKUP.get, is_mail=True) == "<@U1>"


def test_each_mention_is_asked_for_once_and_not_without_end():
	asked = []
	names = ["Sara", "Sara", *(f"n{number}" for number in range(100))]
	spans = " ".join(f'<span class="mention" data-label="{name}">@{name}</span>' for name in names)
	text = from_html(spans, asked.append)
	assert asked == ["Sara", *(f"n{number}" for number in range(49))]
	assert text.endswith("@n99")


def test_pages_get_no_mentions():
	"""Only who asks for them gets the attributes."""
	span = '<span class="mention" data-label="Sara" data-id="s@x.example">@Sara</span>'
	assert html.clean(span).html == "<span>@Sara</span>"
	assert 'data-label="Sara"' in html.clean(span, for_text=True).html
	assert "data-id" not in html.clean(span, for_text=True).html
	assert html.clean('<p class="mention card">x</p>', for_text=True).html == '<p dir="auto">x</p>'


def test_a_link_around_a_whole_mail_is_text_with_the_address_behind_it():
	text = from_html(f'<a href="https://a.example">{"word " * 100}</a>', MARKUP.get)
	assert text == "word " * 100 + "<https://a.example>"


CUT = {
	"<p>one two three four five six seven</p>": "one two three …",
	"<p>one</p><p>two three four five six</p>": "one\n\ntwo three …",
	"<b>one two three four five six</b>": "*one two three* …",
	"<p>&amp;&amp; &amp;&amp; &amp;&amp; &amp;&amp;</p>": "&amp;&amp; …",
	'<p>one <a href="https://a.example/long">two</a></p>': "one …",
	"<pre>one\ntwo\nthree\nfour</pre>": "```\none\ntwo\n``` …",
	"<ul><li>one</li><li>two</li><li>three four</li></ul>": "• one\n• two …",
	'<p><a href="https://a.example/longer/than/that">x</a></p>': "…",
	"<p>مرحبا بك في مكتب المساعدة</p>": "مرحبا بك في مكتب …",
}


@pytest.mark.parametrize("document", CUT)
def test_what_is_too_long_is_cut_at_a_word(document):
	assert from_html(document, MARKUP.get, longest=18) == CUT[document]


def test_what_just_fits_is_not_cut():
	assert from_html("<p>one</p><p>two</p>", MARKUP.get, longest=8) == "one\n\ntwo"


def test_a_very_long_word_is_cut_in_itself():
	assert from_html("x" * 5000, MARKUP.get, longest=100) == "x" * 80 + " …"


def test_what_the_cleaning_cuts_off_is_told():
	assert from_html("<p>x</p>" + " " * 200_000 + "<p>y</p>", MARKUP.get) == "x …"


@pytest.mark.parametrize("is_mail", [False, True])
@pytest.mark.parametrize(
	"document",
	[
		*HOSTILE.values(),
		*(
			f"<{tag}>x" * 5_900
			for tag in ("blockquote", "pre", "td", "b", "h3", "span class=mention data-label=x")
		),
		*("<ul><li>" * 2_900 + "x", "<ol><li>x" * 2_900, '<a href="https://a.example">x' * 5_900),
		"<table><tr><td>" * 1_900 + "x",
	],
)
def test_hostile_documents(document, is_mail):
	started = time.process_time()
	text = from_html(document, MARKUP.get, is_mail=is_mail)
	assert time.process_time() - started < 3
	assert len(text) <= 3800
	assert_mentions_nobody(text)


TAGS = [
	"p",
	"div",
	"b",
	"i",
	"s",
	"code",
	"pre",
	"blockquote",
	"ul",
	"ol",
	"li",
	"h2",
	"table",
	"tr",
	"td",
	"span",
]
tags = st.sampled_from([f"<{slash}{tag}>" for tag in TAGS for slash in ("", "/")])
links = st.sampled_from(['<a href="https://a.example/x|y">', "</a>", "<br>", '<img alt="*z*" src="x">'])
texts = st.lists(st.sampled_from([*"*_~`<>|@#!&: abم", "```", "@here", "<@U1>"]), max_size=8).map("".join)
documents = st.lists(tags | links | texts.map(escape), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(documents, st.integers(5, 120))
def test_any_document_is_harmless_wherever_it_is_cut(document, longest):
	text = from_html(document, MARKUP.get, longest=longest)
	assert len(text) <= longest
	assert_mentions_nobody(text)


@settings(max_examples=300, deadline=None)
@given(documents)
def test_any_document_keeps_its_words(document):
	text = from_html(document, MARKUP.get, longest=10_000)
	assert_mentions_nobody(text)
	shown = re.sub(r"<([^<>|]*)(?:\|([^<>]*))?>", lambda link: link[2] or link[1], text)
	for part in html5lib.parseFragment(
		html.clean(document, for_text=True).html, treebuilder="etree"
	).itertext():
		assert all(word in shown.replace(JOINT, "") for word in re.findall(r"[abم]+", part))


@settings(max_examples=300, deadline=None)
@given(
	st.lists(st.sampled_from([*"*_~`<>|@#!&:;＊＿｀＞ .,()\n", "```", "xy", "é", "م", "0"]), max_size=60).map(
		"".join
	)
)
def test_text_is_never_formatted(typed):
	"""Slack's rules, as far as we read them in the other direction."""
	text = from_html(f"<div>{escape(typed).replace(chr(10), '<br>')}</div>", MARKUP.get)
	document = to_html(text, NAMES.get)
	assert not {element.tag for element in elements(document)} - {"p", "br"}
	assert words(document) == words(escape(typed))
