"""Slack's markup as HTML. No site is asked."""

import re
import time
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_portal import html
from customer_portal.slack.mrkdwn import from_html, to_html
from tests.hostile_html import CASES as HOSTILE
from tests.mrkdwn_texts import JOINT, MARKUP, NAMES, assert_mentions_nobody, elements, words

LINK = 'rel="noopener noreferrer" target="_blank"'

TO_HTML = {
	# text
	"": "",
	" \n \n": "",
	"Hello": "<p>Hello</p>",
	"one\ntwo": "<p>one<br>two</p>",
	"one\r\ntwo": "<p>one<br>two</p>",
	"one\n\n\ntwo": "<p>one</p><p>two</p>",
	"5 &lt; 6 &amp; 7 &gt; 2": "<p>5 &lt; 6 &amp; 7 &gt; 2</p>",
	"&amp;lt;b&amp;gt; &amp;nbsp; \"'": "<p>&amp;lt;b&amp;gt; &amp;nbsp; &quot;&#x27;</p>",
	"مرحبا بك": "<p>مرحبا بك</p>",
	# emphasis
	"*bold* _italic_ ~strike~": "<p><strong>bold</strong> <em>italic</em> <s>strike</s></p>",
	"*_both_* _~*all*~_": "<p><strong><em>both</em></strong> <em><s><strong>all</strong></s></em></p>",
	"(*bold*), *bold*.": "<p>(<strong>bold</strong>), <strong>bold</strong>.</p>",
	"*مرحبا* و_أهلا_": "<p><strong>مرحبا</strong> و_أهلا_</p>",
	"*كِتَابٌ*": "<p><strong>كِتَابٌ</strong></p>",
	"snake_case_name 2*3*4 a ~ b": "<p>snake_case_name 2*3*4 a ~ b</p>",
	"_snake_case_": "<p><em>snake_case</em></p>",
	"* not bold * nor *this *": "<p>* not bold * nor *this *</p>",
	"**twice** ~~twice~~ __init__.py": "<p>**twice** ~~twice~~ __init__.py</p>",
	"*one\ntwo*": "<p>*one<br>two*</p>",
	"*a _b* c_": "<p><strong>a _b</strong> c_</p>",
	"*a *b*": "<p>*a <strong>b</strong></p>",
	"*open": "<p>*open</p>",
	"*<@U1>* _:wave:_": "<p><strong>@Sara Lind</strong> <em>👋</em></p>",
	# code
	"`a*b*` *`c`*": "<p><code>a*b*</code> <strong><code>c</code></strong></p>",
	"`&lt;b&gt; :wave: <https://a.example|a>`": "<p><code>&lt;b&gt; :wave: a</code></p>",
	"`open": "<p>`open</p>",
	"``": "<p>``</p>",
	"```a\n  *b* :wave: &lt;i&gt;```": "<pre>a\n  *b* :wave: &lt;i&gt;</pre>",
	"x\n```\nfoo();\n```\ny": "<p>x</p><pre>foo();</pre><p>y</p>",
	"a ```b``` c": "<p>a</p><pre>b</pre><p>c</p>",
	"```<@U1> <mailto:a@b.example|a@b.example>```": "<pre>@Sara Lind a@b.example</pre>",
	"``````": "<p>``````</p>",
	"``` ```": "<p>``` ```</p>",
	"```open": "<p>```open</p>",
	# quotes
	"&gt; one\n&gt;two\nthree": "<blockquote><p>one<br>two</p></blockquote><p>three</p>",
	"&gt; one\n&gt;\n&gt; two": "<blockquote><p>one</p><p>two</p></blockquote>",
	"a\n&gt;&gt;&gt; b\n\nc\n```d```": "<p>a</p><blockquote><p>b</p><p>c</p><pre>d</pre></blockquote>",
	"&gt; • one\n&gt; • two": "<blockquote><ul><li>one</li><li>two</li></ul></blockquote>",
	"&gt;": "",
	"3 &gt; 2": "<p>3 &gt; 2</p>",
	# lists
	"• one\n• two": "<ul><li>one</li><li>two</li></ul>",
	"A:\n• one\n    ◦ two\n        ▪︎ three\n• four": (
		"<p>A:</p><ul><li>one<ul><li>two<ul><li>three</li></ul></li></ul></li><li>four</li></ul>"
	),
	"1. one\n2. two\n    a. three\n    b. four\n        i. five\n3. six": (
		"<ol><li>one</li><li>two<ol><li>three</li><li>four<ol><li>five</li></ol></li></ol></li><li>six</li></ol>"
	),
	"3. see\n7. do": '<ol start="3"><li>see</li></ol><ol start="7"><li>do</li></ol>',
	"1. one\n    • two\n2. three": "<ol><li>one<ul><li>two</li></ul></li><li>three</li></ol>",
	"• one\n1. two": "<ul><li>one</li></ul><ol><li>two</li></ol>",
	"• *b* <@U1>": "<ul><li><strong>b</strong> @Sara Lind</li></ul>",
	"• one\n    etc. and so on": "<ul><li>one</li></ul><p>etc. and so on</p>",
	"2024.5 is\n- a dash": "<p>2024.5 is<br>- a dash</p>",
	"        ◦ deep": "<ul><li>deep</li></ul>",
	"• واحد\n• اثنان": "<ul><li>واحد</li><li>اثنان</li></ul>",
	# people and places
	"<@U1> <@U1|sl> <@U2> <@U9|old> <@U9>": "<p>@Sara Lind @Sara Lind @سارة @old @somebody</p>",
	"<@W3>": "<p>@&lt;img src=x onerror=alert(1)&gt;</p>",
	"<#C1|general> <#C1> <#C1|>": "<p>#general #… #…</p>",
	"<!here> <!channel> <!everyone> <!here|@here>": "<p>@here @channel @everyone @here</p>",
	"<!subteam^S1|@support> <!subteam^S1>": "<p>@support @somebody</p>",
	"<!date^1392734382^{date}^https://a.example|18 Feb>": "<p>18 Feb</p>",
	"<!new^x|label> <!new>": "<p>label new</p>",
	# links
	"<https://a.example/b_c_?d=1&amp;e=2>": (
		f'<p><a href="https://a.example/b_c_?d=1&amp;e=2" {LINK}>https://a.example/b_c_?d=1&amp;e=2</a></p>'
	),
	"*<https://a.example|the :wave: *page*>*": (
		f'<p><strong><a href="https://a.example" {LINK}>the 👋 *page*</a></strong></p>'
	),
	"<mailto:a@b.example|a@b.example> <tel:+49301>": (
		f'<p><a href="mailto:a@b.example" {LINK}>a@b.example</a> <a href="tel:+49301" {LINK}>+49301</a></p>'
	),
	'<https://a.example/"onclick="x|y>': (
		f'<p><a href="https://a.example/&quot;onclick=&quot;x" {LINK}>y</a></p>'
	),
	"<javascript:alert(1)|click> <data:text/html,x|y> <//a.example|z>": "<p>click y z</p>",
	"<javascript:alert(1)> <b> <> <https://a b>": (
		"<p>&lt;javascript:alert(1)&gt; &lt;b&gt; &lt;&gt; &lt;https://a b&gt;</p>"
	),
	"<@U1": "<p>&lt;@U1</p>",
	# emoji
	":wave: :wave::skin-tone-3: :+1:": "<p>👋 👋🏼 👍</p>",
	":flag-de: :e-mail: :handshake::skin-tone-2-4:": "<p>🇩🇪 📧 🫱🏻‍🫲🏽</p>",
	":our_parrot: :smile::smile:": "<p>:our_parrot: 😄😄</p>",
	"12:30:45 00:ab:10 2001:db8:a:b::1 :ab:": "<p>12:30:45 00:ab:10 2001:db8:a:b::1 🆎</p>",
}

REPEATED = [
	*(
		"*",
		"<",
		">",
		"&",
		"&gt;",
		"`",
		"~",
		"_",
		":",
		"|",
		"\\",
		"\n",
		"\r",
		" ",
		".",
		"1.",
		"•",
		"\u0651",
		JOINT,
	),
	*(
		"_a ",
		"*a",
		"*a* ",
		"a*",
		"*_~",
		"*a _b ~c ",
		"`a",
		"`a`",
		"` ",
		"```",
		"```a",
		"```a`",
		"````a",
		"``` ",
	),
	*(
		":a:",
		":a",
		"::a",
		":skin-tone-2:",
		":wave::skin-tone-2",
		"> \n",
		"&gt;\n",
		"&gt; a\n",
		"&gt;&gt;&gt;\n",
	),
	*("• a\n", "    ◦ a\n", "1. a\n", "    a. b\n", "        • x\n• y\n", "a\n\n", "```a```&gt; b\n"),
	*("<a|", "<@U1>", "<!a^", "<https://a>", "<https://a|b>", "https://", "<<", "><", "&amp;", "&lt;@U1&gt;"),
]
ALLOWED = {
	**{tag: set() for tag in ("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "li")},
	"ol": {"start"},
	"a": {"href", "rel", "target"},
}
SIGNS = [
	*"*_~`<>|@#!&:;\"'=/ \n\t.,-()^+1",
	*"abcUC",
	"é",
	"م",
	"👋",
	"\u200b",
	"\x00",
	"&lt;",
	"&gt;",
	"&amp;",
]
WRITTEN = [
	*(
		"```",
		"https://a.example/b_c",
		"<@U1>",
		"<https://a.example|label>",
		"<javascript:x|y>",
		"<!here>",
		"\n• ",
	),
	*(
		"\n1. ",
		"\n    ◦ ",
		"\n&gt; ",
		"\n&gt;&gt;&gt; ",
		":wave:",
		"<img src=x onerror=y>",
		"<script>",
		"*bold* ",
	),
]
messages = st.lists(st.sampled_from(SIGNS + WRITTEN), max_size=40).map("".join) | st.text(max_size=60)


def assert_is_safe(document: str) -> None:
	for element in elements(document):
		assert element.tag in ALLOWED
		assert set(element.attrib) <= ALLOWED[element.tag]
		assert re.match(r"https?://|mailto:|tel:", element.get("href", "tel:"), re.IGNORECASE)


@pytest.mark.parametrize("text", TO_HTML)
def test_to_html(text):
	assert to_html(text, NAMES.get) == TO_HTML[text]
	assert_is_safe(TO_HTML[text])


def test_somebody_without_a_name():
	assert to_html("<@U9> <!subteam^S1>", NAMES.get, somebody="شخص") == "<p>@شخص @شخص</p>"


def test_each_name_is_asked_for_once_and_not_without_end():
	asked = []
	mentions = "<@U1> " * 100 + " ".join(f"<@U{number}>" for number in range(100, 300))
	to_html(mentions + "<@not-an-id>", asked.append)
	assert asked == ["U1", *(f"U{number}" for number in range(100, 149))]


def test_no_more_than_slack_takes():
	assert len(to_html("x" * 50_000, NAMES.get)) == 40_000 + len("<p></p>")


def test_half_a_surrogate_pair_can_be_stored():
	assert to_html("a\ud83d b\x00c\u202ed", NAMES.get).encode() == b"<p>a bcd</p>"


@pytest.mark.parametrize("sign", REPEATED)
def test_time_is_in_proportion_to_the_length(sign):
	started = time.process_time()
	document = to_html((sign * 40_000)[:40_000], NAMES.get)
	assert time.process_time() - started < 1
	started = time.process_time()
	text = from_html(escape((sign * 200_000)[:190_000]), MARKUP.get)
	assert time.process_time() - started < 2
	assert len(text) <= 3800
	assert set(re.findall(r"</?([a-z]+)", document)) <= set(ALLOWED)


@pytest.mark.parametrize("opening", ["`", "```", "<", "<https://x.example|", "*", "_", "~", ":"])
@pytest.mark.parametrize("rest", ["a", " ", "a ", "` "])
def test_so_it_is_behind_what_nothing_closes(opening, rest):
	started = time.process_time()
	to_html(opening + (rest * 40_000)[:39_000], NAMES.get)
	assert time.process_time() - started < 1


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_documents_are_text_for_slack_too(case):
	document = to_html(HOSTILE[case][:40_000], NAMES.get)
	assert set(re.findall(r"</?([a-z]+)", document)) <= set(ALLOWED)
	assert_is_safe(document[:20_000])


@settings(max_examples=300, deadline=None)
@given(messages)
def test_nothing_is_smuggled_in(text):
	document = to_html(text, NAMES.get)
	assert_is_safe(document)
	assert words(html.clean(document).html) == words(document)


@settings(max_examples=300, deadline=None)
@given(messages)
def test_there_and_back_again(text):
	document = to_html(text, NAMES.get)
	again = from_html(document, MARKUP.get, longest=10_000)
	assert_mentions_nobody(again)
	assert words(to_html(again, NAMES.get)) == words(document)
