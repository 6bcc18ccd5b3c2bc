"""The outbox page as HTML. Everything in a message comes from strangers: it is escaped, or shown in a sandbox."""

import re
from html import escape
from pathlib import Path
from string import Template

from dev.outbox.messages import Mail, Sms, Store

PAGE = Template((Path(__file__).parent / "page.html").read_text())
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
WEB_OTP = re.compile(r"(?m)^@\S+ #(\d+)\s*$")
MAIL_FRAME = "<!doctype html><meta charset=utf-8><base target=_blank><body>{}"


def page(store: Store, site_url: str) -> str:
	return PAGE.substitute(messages=messages(store), latest=store.latest, site=escape(site_url))


def messages(store: Store) -> str:
	"""Both columns: the part of the page that refreshes itself."""
	sms = "".join(map(bubble, store.sms())) or _nothing("No SMS yet.")
	mails = "".join(map(letter, store.mails())) or _nothing("No mail yet.")
	return (
		f'<section class="phone" aria-label="SMS"><h2>SMS</h2><div class="screen">{sms}</div></section>'
		f'<section class="mailbox" aria-label="Mail"><h2>Mail</h2>{mails}</section>'
	)


def bubble(sms: Sms) -> str:
	return (
		f'<article class="bubble" id="m{sms.number}"><header><b>{escape(sms.recipient)}</b>{_time(sms)}</header>'
		f'<p dir="auto">{rich(sms.text)}</p></article>'
	)


def letter(mail: Mail) -> str:
	frame = f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/{mail.number}"'
	body = (
		f'{frame} title="Mail"></iframe>'
		if mail.html
		else f'<p dir="auto" class="plain">{rich(mail.text)}</p>'
	)
	return (
		f'<details class="letter" id="m{mail.number}"><summary><b dir="auto">{escape(mail.subject)}</b>{_time(mail)}'
		f"<span>to {escape(mail.recipient)}</span>"
		f'<span dir="auto" class="start">{escape(mail.text[:140])}</span></summary>{body}</details>'
	)


def frame(mail: Mail) -> str:
	"""A mail's HTML on its own; links open in a new tab. Serve it with ``FRAME_POLICY``."""
	return MAIL_FRAME.format(mail.html)


def rich(text: str) -> str:
	"""Plain text with clickable links, and with a code that one can read across a desk.

	The last line of a code SMS (WebOTP) is for the phone; it tells which of the numbers is the code.
	"""
	machine = WEB_OTP.search(text)
	if not machine:
		return _linked(text)
	code = rf"(?<!\d){machine[1]}(?!\d)"
	words = re.sub(
		code, f'<strong class="code">{machine[1]}</strong>', _linked(text[: machine.start()].strip())
	)
	return f'{words}\n<small dir="ltr">{escape(machine[0])}</small>'


def _linked(text: str) -> str:
	parts, end = [], 0
	for link in LINK.finditer(text):
		address = escape(link[0])
		anchor = f'<a href="{address}" target="_blank" rel="noopener">{address}</a>'
		parts += [escape(text[end : link.start()]), anchor]
		end = link.end()
	return "".join([*parts, escape(text[end:])])


def _time(message: Sms | Mail) -> str:
	return f'<time datetime="{message.received.isoformat()}">{message.received:%H:%M:%S} UTC</time>'


def _nothing(text: str) -> str:
	return f'<p class="nothing">{text}</p>'
