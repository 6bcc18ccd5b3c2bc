"""The message that carries a code, by SMS or e-mail, in the customer's language."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import frappe

from customer_portal import links, settings
from customer_portal.channels.base import Message
from customer_portal.otp import sentences
from customer_portal.otp.recipients import SMS
from customer_portal.texts import translate as _

TEMPLATE = "customer_portal/templates/emails/code.html"
REDACTED = "••••"


def compose(ticket: str, secret: str, channel: str, language: str) -> Message:
	"""``secret`` is the code. It stands in the text once, and nowhere in what a log may keep."""
	with _in(language):
		return _sms(ticket, secret) if channel == SMS else _email(ticket, secret)


def _sms(ticket: str, secret: str) -> Message:
	"""The last line is what phones read to fill the code in by themselves (WICG origin-bound one-time codes)."""
	sentence = _code_sentence(ticket)
	host = urlsplit(links.site_address()).hostname
	text = f"{sentence.format(secret)}\n\n@{host} #{secret}"
	return Message("", text, ticket=ticket, redacted=sentence.format(REDACTED))


def _email(ticket: str, secret: str) -> Message:
	sentence = _code_sentence(ticket)
	hint = _("If you did not ask for it, ignore this message: nobody can see the ticket without the code.")
	subject = _("Your code for ticket {0}").format(ticket)
	values = {
		"subject": subject,
		"secret": secret,
		"sentence": sentence.format(secret),
		"lifetime": _lifetime_sentence(),
		"hint": hint,
		"language": frappe.local.lang,
		"direction": sentences.locale().text_direction,
	}
	text = "\n\n".join((values["sentence"], values["lifetime"], hint))
	html = frappe.render_template(TEMPLATE, values)
	return Message(subject, text, html, ticket=ticket, redacted=sentence.format(REDACTED))


def _code_sentence(ticket: str) -> str:
	"""With one placeholder left, for the code."""
	company = settings.get().company_name
	if company:
		return _("{0} is your code for ticket {1} at {2}.").format(
			"{0}", ticket, company.replace("{", "(").replace("}", ")")
		)
	return _("{0} is your code for ticket {1}.").format("{0}", ticket)


def _lifetime_sentence() -> str:
	seconds = 60 * max(1, settings.number("code_lifetime_minutes"))
	return _("It works once, and only within {0}.").format(sentences.duration(seconds))


@contextmanager
def _in(language: str) -> Iterator[None]:
	"""Frappe's own ``print_language`` does not come back after an error."""
	before = frappe.local.lang
	frappe.local.lang = language or before
	try:
		yield
	finally:
		frappe.local.lang = before
