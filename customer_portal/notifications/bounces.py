"""Reads the mails in which mail servers say that they could not deliver: delivery status notifications (RFC 3464),
and those of servers that write their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from itertools import islice, takewhile

from frappe import _

from customer_portal.channels.mail_format import MARK

REPORTS = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464, RFC 6533
WHOLE_MAILS = ("message/rfc822", "message/global")
HEADERS_ALONE = ("text/rfc822-headers", "message/global-headers")
ROBOTS = re.compile(r"(mailer-daemon|postmaster|microsoftexchange\w+)@", re.IGNORECASE)
# Characters that are searched: anybody may write to us, and no pattern may take longer the longer the mail is.
LONGEST_TEXT = 64_000
LONGEST_HEADER = 1_000  # RFC 5322, 2.1.1: a line has at most 998
MOST_PARTS = 1_000  # a report has one for each blank line
_ACTION = re.compile(r"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_CODE_IN_TEXT = re.compile(r"(?<![\d.])([45])(?:\d\d[ -]{1,9}[45])?\.(\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_IN_TEXT = re.compile(
	r"(?<![\d.])([45])\d\d[ -](?=\S)"
)  # RFC 5321, 4.2: a code without an enhanced one
_QUOTED_ID = re.compile(
	r"^[ \t]*Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE
)  # which may stand on a line of its own (RFC 5322, 2.2.3)
_ADDRESS = re.compile(r"(?<![^<>\s])[^<>\s]+@[^<>\s]+")  # begins only where a word begins


@dataclass(frozen=True)
class Bounce:
	"""``message_id`` names the mail that was not delivered, without brackets. ``status`` is a code of RFC 3463.

	``is_final``: the server tries no more. Its status may still begin with 4, when it has tried for days.
	"""

	message_id: str
	status: str
	is_final: bool


def read(mail: Message) -> Bounce | None:
	"""None for a mail that is no notification of a mail server, and for one that names no mail."""
	report = next((_as_text(part) for part in _parts(mail) if part.get_content_type() in REPORTS), "")
	if not report and not _is_from_robot(mail):
		return None
	message_id = _message_id(mail, is_report=bool(report))
	if not message_id:
		return None
	return _by_report(message_id, report) if _ACTION.search(report) else _by_text(message_id, mail)


def reason(status: str) -> str:
	"""One sentence for the agent, by the subject and detail of a code such as 5.1.1 (RFC 3463, section 3)."""
	_class, subject, detail = status.split(".")
	if (subject, detail) == ("2", "2"):
		return _("The recipient's mailbox is full (code {0}).").format(status)
	sentences = {
		"1": _("The recipient's mail server does not know this address (code {0})."),
		"2": _("The recipient's mailbox takes no mail (code {0})."),
		"4": _("The recipient's mail server could not be reached (code {0})."),
		"7": _("The recipient's mail server refused the mail by its own rules (code {0})."),
	}
	return sentences.get(subject, _("The recipient's mail server gave the mail back (code {0}).")).format(
		status
	)


def _is_from_robot(mail: Message) -> bool:
	"""The null sender of RFC 5321 4.5.5, or a name by which mail servers call themselves."""
	return_path = str(mail.get("Return-Path", ""))[:LONGEST_HEADER]
	return return_path.strip() == "<>" or bool(ROBOTS.match(_bare(mail.get("From"))))


def _message_id(mail: Message, is_report: bool) -> str:
	"""Of the mail that comes back with the notification; of what this answers to, or quotes, only without it.

	Answers alone prove nothing: holiday notes have the null sender too (RFC 3834, 3.3), and a postmaster is a person.
	"""
	for original in _returned(mail):
		return _bare(original.get(MARK) or original.get("Message-ID"))
	answered = _bare(mail.get("In-Reply-To")) if is_report else ""
	return answered or next(_quoted(mail), "")


def _returned(mail: Message) -> Iterator[Message]:
	for part in _parts(mail):
		if part.get_content_type() in WHOLE_MAILS and part.is_multipart():
			yield part.get_payload(0)
		elif part.get_content_type() in HEADERS_ALONE:
			yield HeaderParser().parsestr(_text(part).lstrip())


def _quoted(mail: Message) -> Iterator[str]:
	for text in _texts(mail):
		yield from (_bare(found[1]) for found in _QUOTED_ID.finditer(text))


def _by_report(message_id: str, report: str) -> Bounce | None:
	"""Our mails have one recipient. An alias may have more: one that failed counts."""
	actions = {action.lower() for action in _ACTION.findall(report)}
	statuses = _STATUS.findall(report)
	is_final = "failed" in actions
	wanted = next((status for status in statuses if status[0] in ("5", "4")), "") if is_final else ""
	return Bounce(message_id, wanted or (statuses[0] if statuses else "5.0.0"), is_final)


def _by_text(message_id: str, mail: Message) -> Bounce:
	"""The first code in the text, which older servers quote from each other."""
	text = _words_of_server(mail)
	if found := _CODE_IN_TEXT.search(text):
		status = f"{found[1]}.{found[2]}"
	else:
		found = _REPLY_IN_TEXT.search(text)
		status = f"{found[1]}.0.0" if found else "4.0.0"  # nothing certain was said
	return Bounce(message_id, status, status.startswith("5"))


def _words_of_server(mail: Message) -> str:
	"""What stands before the mail that comes back: its own text may have numbers that look like codes."""
	original = (*WHOLE_MAILS, *HEADERS_ALONE)
	parts = takewhile(lambda part: part.get_content_type() not in original, _parts(mail))
	texts = (_text(part) for part in parts if part.get_content_maintype() == "text")
	return _QUOTED_ID.split("\n".join(texts)[:LONGEST_TEXT], maxsplit=1)[0]


def _texts(mail: Message) -> Iterator[str]:
	for part in _parts(mail):
		if part.get_content_maintype() == "text":
			yield _text(part)


def _parts(mail: Message) -> Iterator[Message]:
	return islice(mail.walk(), MOST_PARTS)


def _as_text(report: Message) -> str:
	"""Its fields, a line each, and what text it has. ``as_string`` would fold long fields anew, which takes time."""
	lines: list[str] = []
	for part in _parts(report):
		lines += (f"{name}: {str(value)[:LONGEST_HEADER]}" for name, value in part.items())
		lines.append("" if part.is_multipart() else _text(part))
	return "\n".join(lines)[:LONGEST_TEXT]


def _text(part: Message) -> str:
	"""As much of it as is searched."""
	content = part.get_payload(decode=True) if not part.is_multipart() else None
	if content:
		return content[:LONGEST_TEXT].decode("utf-8", "replace")
	return str(part.get_payload() or "")[:LONGEST_TEXT]


def _bare(header: object) -> str:
	"""The address, or the Message-ID without brackets, in a header."""
	found = _ADDRESS.search(str(header or "")[:LONGEST_HEADER])
	return found[0] if found else ""
