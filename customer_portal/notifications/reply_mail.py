"""The mail that brings agents' replies to one person: the new ones on top, then the messages before them.

Rendered when it is sent and never stored, as the words of the other messages are.
"""

import mimetypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import frappe
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from customer_portal import accounts, conversations, follow_links, html, links, settings, tickets, timezones
from customer_portal.channels import mail_account, mail_format
from customer_portal.channels.base import Attachment, Message, PermanentFailure, TemporaryFailure
from customer_portal.channels.email import direction_of, unsubscribe_headers
from customer_portal.conversations import US, YOU, Conversation, ShownFile
from customer_portal.exceptions import SiteAddressMissing
from customer_portal.notifications import reply_courtesy, reply_text
from customer_portal.numerals import digits
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.texts import translate as _

TEMPLATE = "templates/emails/portal_reply.html"
TICKETS = "/portal/tickets"
MOST_BYTES = 10 * 1024**2  # of all files in a mail: most mail servers take 20 MB, and encoding adds a third
MOST_REFERENCES = 10
_OPENING = "opening"
_EARLIER_MAILS = """SELECT name FROM `tabPortal Notification`
	WHERE ticket = %(ticket)s AND recipient = %(recipient)s AND kind = 'Reply' AND name != %(name)s
		AND state IN ('Sent', 'Delivered') ORDER BY occurred_at DESC LIMIT %(most)s"""


@dataclass(frozen=True)
class Shown:
	"""A message as it stands in the mail. ``left_out`` are files that are too large for it."""

	author: str
	at: str
	html: str
	text: str
	direction: str
	is_new: bool
	left_out: tuple[str, ...] = ()


def render(notification) -> Message:
	"""Raises ``PermanentFailure`` when nothing is left to tell, ``TemporaryFailure`` when the site has no address."""
	told = reply_courtesy.untold_of(notification)
	user = accounts.user_of(notification.recipient)
	if not told or not user:
		raise PermanentFailure(_("The reply is not there any more."))
	row = _ticket(told[-1].reference_name)
	try:
		link = f"{links.site_address()}{TICKETS}/{row.name}"
		leave = follow_links.address(str(row.name), user)
	except SiteAddressMissing as error:
		raise TemporaryFailure(error.message) from error
	return _message(notification, row, {one.name for one in told}, link, leave)


def _ticket(name: str) -> frappe._dict:
	fields = (*tickets.FIELDS, "subject", "creation")
	row = frappe.db.get_value("HD Ticket", name, fields, as_dict=True)
	if row is None:
		raise PermanentFailure(_("The reply is not there any more."))
	return row


def _message(notification, row: frappe._dict, new: set[str], link: str, leave: str) -> Message:
	language = notification.language
	talk = conversations.read(row, Recipient(EMAIL, notification.recipient), reply_text.picture)
	wanted = _wanted(_from_the_beginning(talk, row, notification.recipient), new)
	replies = [one for one in wanted if one.name in new]
	if not replies:
		raise PermanentFailure(_("The reply is not there any more."))
	files, kept = _attachments(replies)
	zone = timezones.of_ticket(row)
	shown = [_shown(one, one.name in new, kept, zone, language) for one in reversed(wanted)]
	words = _words(row, link, leave, language)
	first = [one for one in reversed(shown) if one.is_new]
	earlier = [one for one in shown if not one.is_new]
	return Message(
		subject=f"Re: {_line(row.subject)} (#{row.name})",
		text=_plain(first, earlier, words),
		html=frappe.get_template(TEMPLATE).render({**words, "replies": first, "earlier": earlier}),
		ticket=str(row.name),
		reference=notification.name,
		redacted=_plain([], [], {**words, "link": "", "leave": ""}),
		headers=unsubscribe_headers(leave),
		sender_name=next((one.author for one in reversed(replies) if one.author), ""),
		account=settings.get().replies_account or "",
		files=tuple(files),
		references=tuple(_references(notification, row)),
	)


def _wanted(messages: list[conversations.Message], new: set[str]) -> list[conversations.Message]:
	"""The last ones, as many as the settings say, and every new one."""
	last = messages[-max(settings.number("reply_messages"), 1) :]
	return [one for one in messages if one in last or one.name in new]


def _from_the_beginning(talk: Conversation, row: frappe._dict, recipient: str) -> list[conversations.Message]:
	"""The messages, the oldest first; the ticket's description is the first of all."""
	body = html.clean(row.description)
	messages = list(talk.messages)
	if talk.older or not body:
		return messages
	side, author = conversations.author_of_description(row, recipient)
	at = timezones.to_utc(row.creation)
	opening = conversations.Message(_OPENING, side, author, at, body, ())
	return [
		opening,
		*(one for one in messages if one.body or one.side == US),
	]  # Helpdesk may repeat it, without text


def _shown(one: conversations.Message, is_new: bool, kept: set[str], zone, language: str) -> Shown:
	body = reply_text.reply(one.body, kept) if is_new else reply_text.context(one.body)
	left_out = tuple(file.label for file in one.files if is_new and _name(file) not in kept)
	author = _("You", language) if one.side == YOU else one.author or _("Support", language)
	text = reply_text.plain(body)
	direction = reply_text.direction(text, direction_of(language))
	return Shown(author, _moment(one.at, zone, language), body, text, direction, is_new, left_out)


def _attachments(replies: Sequence[conversations.Message]) -> tuple[list[Attachment], set[str]]:
	"""The files of the new replies as far as they fit, pictures in the text first; and the names of those."""
	inline = [(name, "", True) for one in replies for name in reply_text.pictures(one.body.html)]
	attached = [(_name(file), file.label, False) for one in replies for file in one.files]
	found: dict[str, Attachment] = {}
	left = MOST_BYTES
	for name, label, is_inline in (*inline, *attached):
		content = _content(name, left) if name not in found else None
		if content is not None:
			left -= len(content)
			found[name] = _attachment(name, label, content, is_inline)
	return list(found.values()), set(found)


def _name(file: ShownFile) -> str:
	return file.address.removeprefix(reply_text.PICTURE).removesuffix(reply_text.PICTURES_HOST)


def _content(name: str, most: int) -> bytes | None:
	"""None for a file that is too large, kept elsewhere, or lost."""
	file = frappe.get_doc("File", name)
	if not (file.file_url or "").startswith(("/files/", "/private/files/")):
		return None
	path = Path(file.get_full_path())
	return path.read_bytes() if path.is_file() and path.stat().st_size <= most else None


def _attachment(name: str, label: str, content: bytes, is_inline: bool) -> Attachment:
	label = label or frappe.db.get_value("File", name, "file_name") or name
	kind = mimetypes.guess_type(label)[0] or "application/octet-stream"
	identifier = reply_text.picture(name).removeprefix(reply_text.PICTURE) if is_inline else ""
	return Attachment(_line(label), kind, content, identifier)


def _references(notification, row: frappe._dict) -> Iterable[str]:
	"""What holds the thread together in mail programs, the newest last: the ticket, and the mails before this one."""
	yield mail_format.message_id(f"ticket-{row.name}")
	values = {"ticket": notification.ticket, "recipient": notification.recipient}
	own = frappe.db.sql(
		_EARLIER_MAILS, {**values, "name": notification.name, "most": MOST_REFERENCES}, pluck=True
	)
	yield from (mail_format.message_id(name) for name in reversed(own))
	if last := mail_account.last_mail_of(str(row.name), notification.recipient):
		yield last


def _words(row: frappe._dict, link: str, leave: str, language: str) -> dict[str, str]:
	return {
		"language": language,
		"direction": direction_of(language),
		"subject": _line(row.subject),
		"number": _("Ticket {0}", language).format(row.name),
		"company": _line(settings.get().company_name or ""),
		"link": link,
		"leave": leave,
		"invitation": _("See your ticket", language),
		"before": _("Earlier messages", language),
		"footer": _("Answer this e-mail to write to us: your answer goes to the ticket.", language),
		"reason": _("You get it because you filed or follow the ticket, or it was sent to you.", language),
		"leaving": _("Stop following this ticket", language),
		"too_large": _("Not in this e-mail, but in the portal: {0}", language),
	}


def _plain(replies: Sequence[Shown], earlier: Sequence[Shown], words: dict[str, str]) -> str:
	blocks = [_plain_one(one, words) for one in replies]
	blocks.append(f"{words['invitation']}:\n{words['link']}" if words["link"] else words["number"])
	if earlier:
		blocks += [f"— {words['before']} —", *(_plain_one(one, words) for one in earlier)]
	blocks.append(f"{words['footer']} {words['reason']}")
	blocks += [f"{words['leaving']}: {words['leave']}"] if words["leave"] else []
	return "\n\n".join((*blocks, words["company"])).strip() + "\n"


def _plain_one(one: Shown, words: dict[str, str]) -> str:
	lines = [
		f"{one.author} · {one.at}",
		one.text,
		*(words["too_large"].format(name) for name in one.left_out),
	]
	return "\n".join(line for line in lines if line)


def _moment(utc, zone, language: str) -> str:
	try:
		locale = Locale.parse(language, sep="-")
	except (UnknownLocaleError, ValueError):
		locale = Locale.parse("en")
	local = utc.replace(tzinfo=timezones.UTC).astimezone(zone)
	day, hour = format_date(local, "medium", locale=locale), format_time(local, "short", locale=locale)
	return digits(_("{0}, {1}", language).format(day, hour), locale)


def _line(text: str | None) -> str:
	return " ".join((text or "").split())
