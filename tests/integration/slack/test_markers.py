"""A note is known by its marker, however people and Slack's editor write that."""

import time

import pytest

from customer_portal.slack import markers
from customer_portal.slack.channels import MARKED, TWO_WAY, Place
from customer_portal.slack.outbox import IGNORED, NOTE, REPLY
from tests.gateways import configure
from tests.integration.slack.conftest import replies
from tests.integration.slack.test_modes import comments

LONGEST = 40_000  # characters of a message in Slack
HERE = Place("C0123456789", TWO_WAY)
SIGNS = (
	"*",
	"* ",
	"`_*~",
	"\u200b*",
	"＊",
	"&gt;",
	"- ",
	"1.",
	"1",
	"i.ii.",
	":a:",
	":_",
	":x:",
	"✅",
	"1️⃣",
	"●",
	"■□",
	"\u2800",
	"<@U1>",
	"<@",
	"n*",
	"note",
	" ",
)


@pytest.fixture
def note_marker(site):
	"""Sets it, and takes it back afterwards."""
	yield lambda marker: configure(slack_note_marker=marker)
	configure(slack_note_marker="note:")


@pytest.mark.parametrize(
	("text", "content"),
	[
		("*note:* secret", "<p>secret</p>"),
		("`note:` secret", "<p>secret</p>"),
		("_note: secret_", "<p><em>secret</em></p>"),
		("*note*: secret", "<p>secret</p>"),
		("_note_: secret", "<p>secret</p>"),
		("~note~ : secret", "<p>secret</p>"),
		("`note`: *secret*", "<p><strong>secret</strong></p>"),
		("_*note*: secret_", "<p><em>secret</em></p>"),
		("\u200bnote: secret", "<p>secret</p>"),
		("\u3164note: secret", "<p>secret</p>"),
		("note : secret", "<p>secret</p>"),
		("note： secret", "<p>secret</p>"),
		("ｎｏｔｅ: secret", "<p>secret</p>"),
		("&gt; note: secret", "<p>secret</p>"),
		("• note: secret", "<p>secret</p>"),
		("    ◦ *note*: secret", "<p>secret</p>"),
		("▪︎ note: secret", "<p>secret</p>"),
		("- note: secret", "<p>secret</p>"),
		("1. note: secret", "<p>secret</p>"),
		("12) note: secret", "<p>secret</p>"),
		("a. note: secret", "<p>secret</p>"),
		("iii. note: secret", "<p>secret</p>"),
		("*1. note:* secret", "<p>secret</p>"),
		(":warning: note: secret", "<p>secret</p>"),
		(":größe: :ありがとう: :_x: note: secret", "<p>secret</p>"),
		("✅ 👩🏽‍🚀 1️⃣ *️⃣ ℹ️ ‼️ ™️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 note: secret", "<p>secret</p>"),
		("<@U0123456789> <!subteam^S012345> <!here> note: secret", "<p>secret</p>"),
		("→ ★ ✓ ➤ ☐ ⇒ note: secret", "<p>secret</p>"),
		("“note: secret", "<p>secret</p>"),
	],
)
def test_a_note_does_not_reach_the_customer(desk, ticket, text, content):
	desk.say(ticket, text)
	assert replies(ticket) == []
	assert comments(ticket) == ((content, desk.agent.name),)


def test_a_list_that_begins_with_a_note_is_one(desk, ticket):
	desk.say(ticket, "• note: he is a fraud\n• he owes us 5000")
	assert replies(ticket) == []
	((content, _by),) = comments(ticket)
	assert "he is a fraud" in content and "<li>he owes us 5000</li>" in content


@pytest.mark.parametrize(
	"text", ["Hi. Note: we are closed", "Please note: we are closed", "notes: none", "• first\n• second", "²"]
)
def test_what_only_looks_like_a_note_is_a_reply(site, text):
	assert markers.meaning(text, HERE) == (REPLY, text, False)


@pytest.mark.parametrize("text", ["reply: Hello", "*reply*: Hello", "*reply:* Hello", "reply： Hello"])
def test_a_reply_with_a_mark(site, text):
	assert markers.meaning(text, Place("C0123456789", MARKED)) == (REPLY, "Hello", True)


@pytest.mark.parametrize("text", ["&gt; reply: Hello", "• reply: Hello", "1. reply: Hello"])
def test_a_reply_that_is_quoted_or_listed_is_none(site, text):
	assert markers.meaning(text, Place("C0123456789", MARKED)) == (IGNORED, text, False)


@pytest.mark.parametrize(
	("marker", "text"),
	[
		("*n", "*n secret"),
		("- n", "- n secret"),
		("1.", "1. secret"),
		(":lock:", "• :lock: secret"),
		("ملاحظة:", "*ملاحظة*: secret"),
		("メモ:", "ﾒﾓ： secret"),
		("🔒", ":lock: secret"),
		("🔒", ":eyes: :lock: secret"),
		("🔒", "✅ 🔒 secret"),
		("заметка:", ":warning: заметка: secret"),
		("für uns:", ":+1: *für uns:* secret"),
		("内部:", "• :eyes: 内部: secret"),
		("ملاحظة:", ":warning: :custom_one: ملاحظة: secret"),
		("🛠️", ":warning: :hammer_and_wrench: secret"),
	],
)
def test_markers_of_ones_own(note_marker, marker, text):
	note_marker(marker)
	assert markers.meaning(text, HERE) == (NOTE, "secret", True)


def test_a_marker_in_another_skin_tone(note_marker):
	note_marker("👍")
	assert markers.meaning(":+1::skin-tone-2: secret", HERE)[0] == NOTE


@pytest.mark.parametrize(
	"marker", ["note:", "*note", "**n", "--n", "1.1.x", ":lock:", "🔒", "für uns:", "´x", "¨ n"]
)
def test_no_text_takes_its_time(note_marker, marker):
	note_marker(marker)
	started = time.monotonic()
	for signs in (*SIGNS, marker[:-1]):
		markers.meaning((signs * LONGEST)[:LONGEST] + "x", HERE)
	assert time.monotonic() - started < 10
