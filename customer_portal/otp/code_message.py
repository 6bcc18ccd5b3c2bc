"""The message that carries a code, by SMS or e-mail, in the customer's language."""

from urllib.parse import urlsplit

import frappe

from customer_portal import links, settings
from customer_portal.channels.base import Message
from customer_portal.otp import keyed_codes, sentences
from customer_portal.otp.recipients import SMS
from customer_portal.texts import in_language
from customer_portal.texts import translate as _

TEMPLATE = "customer_portal/templates/emails/code.html"
REDACTED = "••••"


def compose(ticket: str, secret: str, channel: str, language: str) -> Message:
	"""``secret`` is the code. It stands in the text once, and nowhere in what a log may keep."""
	with in_language(language):
		return _sms(ticket, secret) if channel == SMS else _email(ticket, secret)


def compose_sign_in(challenge: str, secret: str, language: str) -> Message:
	"""The mail that lets a person into the organisation portal: by its link, which asks for a press, or by its code."""
	with in_language(language):
		sentence = _("{0} is your code to sign in at {1}.").format("{0}", _company())
		hint = _("If you did not ask for it, ignore this message: nobody can sign in without it.")
		address = f"{links.site_address()}/portal/sign-in/link/{keyed_codes.link_token(challenge)}"
		return _mail(_("Sign in at {0}").format(_company()), sentence, secret, hint, address=address)


def _sms(ticket: str, secret: str) -> Message:
	"""The last line is what phones read to fill the code in by themselves (WICG origin-bound one-time codes)."""
	sentence = _code_sentence(ticket)
	host = urlsplit(links.site_address()).hostname
	text = f"{sentence.format(secret)}\n\n@{host} #{secret}"
	return Message("", text, ticket=ticket, redacted=sentence.format(REDACTED))


def _email(ticket: str, secret: str) -> Message:
	hint = _("If you did not ask for it, ignore this message: nobody can see the ticket without the code.")
	return _mail(_("Your code for ticket {0}").format(ticket), _code_sentence(ticket), secret, hint, ticket)


def _mail(
	subject: str, sentence: str, secret: str, hint: str, ticket: str = "", address: str = ""
) -> Message:
	"""``sentence`` has one placeholder, for the code; ``address`` is that of a link beside it."""
	values = {
		"subject": subject,
		"secret": secret,
		"sentence": sentence.format(secret),
		"lifetime": _lifetime_sentence(),
		"hint": hint,
		"address": address,
		"link_text": _("Sign in"),
		"language": frappe.local.lang,
		"direction": sentences.locale().text_direction,
	}
	text = "\n\n".join(filter(None, (values["sentence"], address, values["lifetime"], hint)))
	html = frappe.render_template(TEMPLATE, values)
	return Message(subject, text, html, ticket=ticket, redacted=sentence.format(REDACTED))


def _code_sentence(ticket: str) -> str:
	"""With one placeholder left, for the code."""
	if settings.get().company_name:
		return _("{0} is your code for ticket {1} at {2}.").format("{0}", ticket, _company())
	return _("{0} is your code for ticket {1}.").format("{0}", ticket)


def _company() -> str:
	name = settings.get().company_name or _("Customer support")
	return name.replace("{", "(").replace("}", ")")  # a sentence with it is formatted once more


def _lifetime_sentence() -> str:
	seconds = 60 * max(1, settings.number("code_lifetime_minutes"))
	return _("It works once, and only within {0}.").format(sentences.duration(seconds))
