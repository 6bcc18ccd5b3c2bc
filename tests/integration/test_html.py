"""Hostile mails: first as text, then in a real browser that would run, load or paint what slipped through."""

import re
from html.parser import HTMLParser

import frappe
import pytest

from customer_portal import html
from tests.door import home_of, session_of
from tests.factories import make_ticket
from tests.hostile_html import CASES

ALLOWED = {
	"a": {"href", "rel"},
	"img": {"src", "alt", "width", "height", "loading"},
	"td": {"dir", "colspan", "rowspan"},
	"th": {"dir", "colspan", "rowspan"},
	"ol": {"start"},
}


class Reader(HTMLParser):
	"""Refuses every tag and attribute that is not on the list of this test."""

	def handle_starttag(self, tag, attributes):
		assert tag in html.TAGS
		for name, value in attributes:
			assert name in ALLOWED.get(tag, {"dir"}), (tag, name)
			if name == "href":
				assert re.match(r"(https?://|mailto:|tel:|/t/)", value.strip(), re.I), value
			if name == "src":
				assert value.startswith("/t/"), value

	def handle_comment(self, data):
		raise AssertionError(f"A comment came through: {data}")

	handle_decl = handle_pi = unknown_decl = handle_comment


@pytest.mark.parametrize("mail", CASES.values(), ids=CASES)
def test_only_what_is_listed_comes_through(mail):
	cleaned = html.clean(mail, {"/files/x.png": "/t/x/file/1"})
	Reader(convert_charrefs=True).feed(cleaned.html)
	assert html.clean(cleaned.html).html == html.clean(html.clean(cleaned.html).html).html


def test_there_are_many_cases():
	assert len(CASES) >= 80


def test_ordinary_mails_keep_their_shape():
	mail = '<h1>Hello</h1><p>One <b>two</b><br>three</p><ul><li>four</li></ul><a href="tel:+1">five</a>'
	cleaned = html.clean(mail).html
	for kept in (
		'<h3 dir="auto">Hello</h3>',
		"<b>two</b><br>three",
		'<li dir="auto">four</li>',
		'href="tel:+1"',
	):
		assert kept in cleaned


def test_known_files_get_their_address():
	paths = {"/private/files/a b.png": "/t/x/file/1"}
	for written in (
		"/private/files/a%20b.png",
		"/private/files/a b.png?fid=9",
		"https://h.example/private/files/a%20b.png",
	):
		cleaned = html.clean(f'<img src="{written}">', paths)
		assert 'src="/t/x/file/1"' in cleaned.html
		assert cleaned.hidden_images == 0


def test_hidden_images_are_counted():
	assert html.clean('<img src="cid:1"><img src="http://a.example/b.png">').hidden_images == 2


@pytest.mark.parametrize(
	"empty", [None, "", "<p></p>", "<p>&nbsp;</p>", "<div><br></div>", "<script>x</script>"]
)
def test_nothing_is_nothing(empty):
	assert not html.clean(empty)


def test_a_long_mail_is_cut():
	cleaned = html.clean("<p>" + "a" * 300_000)
	assert cleaned.is_cut
	assert len(cleaned.html) < 201_000


OPEN_IN_EACH_PARAGRAPH = {
	"tags that differ by an attribute": "".join(f"<strong a={number}>" for number in range(2900)),
	"tags with a sign that ends tags in an attribute": "".join(
		f"<i a='>' b={number}>" for number in range(2900)
	),
	"tags in a comment that is none": "".join(f"<!--><u a={number}>" for number in range(1500)),
	"tags without an end": "".join(f"<b\na={number} <>" for number in range(1400)),
	"every formatting tag": "<b><b><b><code><code><code><em><em><em><i><i><i><s><s><s><small><small><small><u><u><u>",
	"the longest address": "<a href='http://a.example/" + "a" * 2_000 + "'>",
	"a long address": "<a href='http://a.example/" + "a" * 150_000 + "'>",
	"a long address after another attribute": "<a x='>' href='http://a.example/" + "a" * 150_000 + "'>",
}


@pytest.mark.parametrize("opened", OPEN_IN_EACH_PARAGRAPH.values(), ids=OPEN_IN_EACH_PARAGRAPH)
def test_what_is_left_open_does_not_multiply(opened, monkeypatch):
	"""Neither in the result, nor on the way to it."""
	parsed = []
	parse = html.nh3.clean
	monkeypatch.setattr(
		html.nh3, "clean", lambda *mail, **options: parsed.append(parse(*mail, **options)) or parsed[-1]
	)
	mail = f"<p>{opened}</p>" + "<p>x</p>" * 1500
	cleaned = html.clean(mail)
	assert cleaned
	assert len(cleaned.html) <= html.LONGEST_CLEANED
	assert cleaned.html.count("<") <= html.MOST_CLEANED_TAGS
	assert max(map(len, parsed), default=0) < 20 * html.LONGEST
	Reader(convert_charrefs=True).feed(cleaned.html)


def test_formatting_with_attributes_stays_formatting():
	mail = '<p><b style="color:red">one</b> <FONT face=x>two</FONT> <span class=y>three</span></p>'
	assert html.clean(mail).html == '<p dir="auto"><b>one</b> two <span>three</span></p>'


def test_a_mail_with_much_formatting_keeps_it():
	mail = '<p><b style="color:red">one</b></p>' * 500
	assert html.clean(mail).html.count("<b>one</b>") == 500


def test_a_link_stays_up_to_a_length():
	longest = "https://a.example/" + "a" * (html.LONGEST_ADDRESS - 18)
	assert f'href="{longest}"' in html.clean(f"<a href='{longest}'>x</a>").html
	assert "href" not in html.clean(f"<a href='{longest}a'>x</a>").html


def test_local_paths():
	mail = '<img src="/private/files/a%20b.png?fid=1"><a href="/files/c&amp;d.pdf">x</a>/api/files/y'
	assert {"/private/files/a b.png", "/files/c&d.pdf"} <= html.local_paths(mail)


@pytest.mark.browser
def test_in_a_real_browser(server, site, browser):
	"""No script runs, no request leaves, no style reaches outside the box."""
	ticket = make_ticket()
	home = home_of(ticket)
	base = f"http://{site}:{server}"
	context = browser.new_context(viewport={"width": 390, "height": 844})
	context.add_cookies([{"name": "portal_session", "value": session_of(ticket), "url": base + home}])
	page = context.new_page()
	asked: list[str] = []
	page.on("request", lambda request: asked.append(request.url))
	problems = {}
	for name, mail in CASES.items():
		frappe.db.set_value("HD Ticket", ticket.name, "description", mail, update_modified=False)
		frappe.db.commit()
		page.goto(base + home)
		if found := _damage(page):
			problems[name] = found
	foreign = [address for address in asked if not address.startswith((base, "data:"))]
	context.close()
	assert not problems
	assert not foreign


def _damage(page) -> list[str]:
	return page.evaluate(
		"""() => {
			const found = [];
			const mail = document.querySelector(".mail");
			if (window.broken) found.push("a script ran");
			if (document.title.indexOf("Ticket") !== 0) found.push("another title");
			if (getComputedStyle(document.body).backgroundColor !== "rgb(244, 246, 248)") found.push("painted");
			if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the screen");
			if (!document.querySelector("#state .status").checkVisibility()) found.push("the status is hidden");
			if (document.querySelectorAll("form").length !== 2) found.push("another form");
			if (document.getElementById("copy").tagName !== "BUTTON") found.push("an id is taken");
			const box = document.querySelector("#state .status").getBoundingClientRect();
			const top = document.elementFromPoint(box.left + 5, box.top + 5);
			if (mail && mail.contains(top)) found.push("covers the status");
			return found;
		}"""
	)
