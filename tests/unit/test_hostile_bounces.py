"""Anybody may write to us: what is searched of a mail does not grow with the mail."""

import threading
from email import message_from_bytes

import pytest

from customer_portal.notifications import bounces

MEGABYTE = 1_000_000
DEADLINE = 20  # seconds; only a guard against hanging
FROM_SERVER = "From: MAILER-DAEMON@evil.example\n"
QUOTED = "\nMessage-ID: <a@b.example>\n"
REPORT = (
	FROM_SERVER
	+ 'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n{0}\n--b--\n'
)
LONG = {
	"blank lines": "\n" * MEGABYTE + "x",
	"spaces": " " * MEGABYTE + "x",
	"lines of spaces": " \t\n" * (MEGABYTE // 3) + "x",
	"carriage returns": "\r" * MEGABYTE + "x",
	"names of a field": "Message-ID: " * (MEGABYTE // 12),
	"empty fields": "Message-ID:\n" * (MEGABYTE // 12),
	"an identifier without an end": "Message-ID: <" + "<a" * (MEGABYTE // 2),
	"codes": "550 " * (MEGABYTE // 4),
	"a code and spaces": "550" + " " * MEGABYTE + "x",
	"dots": "5.5" * (MEGABYTE // 3),
}
WORDS = {
	"letters": "a" * MEGABYTE,
	"brackets": "<" * MEGABYTE,
	"signs of an address": "@" * MEGABYTE,
	"robots": "microsoftexchange" * (MEGABYTE // 17),
	"no ASCII": "é" * (MEGABYTE // 2),
}


def read(mail: str) -> bounces.Bounce | None:
	"""Fails instead of keeping whoever runs the tests waiting."""
	found: list[bounces.Bounce | None] = []
	raw = message_from_bytes(mail.encode())
	reader = threading.Thread(target=lambda: found.append(bounces.read(raw)), daemon=True)
	reader.start()
	reader.join(DEADLINE)
	assert found, "it was not read in time"
	return found[0]


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text(text):
	found = read(f"{FROM_SERVER}Content-Type: text/plain\n\n{text}")
	assert found is None or len(found.message_id) < bounces.LONGEST_HEADER


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_before_what_is_quoted(text):
	begin = f"550 5.7.1 No{QUOTED}"
	found = read(f"{FROM_SERVER}Content-Type: text/plain\n\n{begin}{text}")
	assert found == bounces.Bounce("a@b.example", "5.7.1", True)


@pytest.mark.parametrize("header", ["From", "Return-Path", "In-Reply-To", "Content-Type"])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_long_header(header, words):
	assert read(f"{header}: {words}\nSubject: x\n\nx") is None


@pytest.mark.parametrize("name", ["Action", "Status", "Diagnostic-Code"])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_long_report(name, words):
	assert read(REPORT.format(f"{name}: {words}")) is None


def test_only_so_many_parts_of_a_report_are_read():
	late = "\n" * bounces.MOST_PARTS * 2 + "Action: failed\nStatus: 5.1.1"
	answered = "In-Reply-To: <a@b.example>\n"
	assert read(answered + REPORT.format(f"X: x\n{late}")) == bounces.Bounce("a@b.example", "4.0.0", False)
	early = read(answered + REPORT.format("X: x\n\nAction: failed\nStatus: 5.1.1"))
	assert early == bounces.Bounce("a@b.example", "5.1.1", True)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_long_identifier_of_the_mail_that_comes_back(words):
	returned = f"Content-Type: message/rfc822\n\nMessage-ID: {words}\n\nx"
	found = read(f'{FROM_SERVER}Content-Type: multipart/mixed; boundary="b"\n\n--b\n{returned}\n--b--\n')
	assert found is None or len(found.message_id) <= bounces.LONGEST_HEADER


def test_only_the_beginning_of_a_text_is_searched():
	late = " " * bounces.LONGEST_TEXT + QUOTED
	assert read(f"{FROM_SERVER}Content-Type: text/plain\n\n{late}") is None


def test_only_the_beginning_of_a_header_is_searched():
	late = " " * bounces.LONGEST_HEADER + FROM_SERVER.removeprefix("From: ")
	assert read(f"From: x{late}Content-Type: text/plain\n\n{QUOTED}") is None


def test_a_quoted_identifier_on_a_line_of_its_own():
	found = read(f"{FROM_SERVER}Content-Type: text/plain\n\n550 5.7.1 No\n\n  Message-ID:\n <a@b.example>\n")
	assert found == bounces.Bounce("a@b.example", "5.7.1", True)
