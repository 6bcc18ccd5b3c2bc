"""What the verification page says, as whole sentences in the language of the request."""

import math
from datetime import timedelta

import frappe
from babel import Locale, UnknownLocaleError
from babel.dates import format_timedelta

from customer_portal import phones, settings
from customer_portal.numerals import digits
from customer_portal.otp import outcome
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import EMAIL, SMS
from customer_portal.texts import translate as _

_MINUTE = 60
_HOUR = 3600


def sent(channel: str, masked: str) -> Outcome:
	if channel == SMS:
		return Outcome(outcome.SENT, _("We sent a code by SMS to {0}.").format(masked))
	return Outcome(outcome.SENT, _("We sent a code by e-mail to {0}.").format(masked))


def verified(session_token: str, expires: object) -> Outcome:
	message = _("You are verified.")
	return Outcome(outcome.VERIFIED, message, session_token=session_token, expires=expires)


def unreadable_recipient(channel: str) -> Outcome:
	if channel == EMAIL:
		return Outcome(outcome.UNREADABLE, _("Enter a full e-mail address, such as name@example.com."))
	example = phones.example(settings.get().default_region)
	return Outcome(outcome.UNREADABLE, _("Enter a full phone number, such as {0}.").format(example))


def unreadable_code() -> Outcome:
	return Outcome(outcome.UNREADABLE, _("Enter the digits of the code that we sent you."))


def mismatch(channel: str) -> Outcome:
	if channel == EMAIL:
		return Outcome(outcome.MISMATCH, _("This e-mail address does not match this ticket."))
	return Outcome(outcome.MISMATCH, _("This phone number does not match this ticket."))


def too_many_mismatches(seconds: int) -> Outcome:
	message = _("Too many entries that do not match this ticket. Try again in {0}.")
	return _later(outcome.LIMITED, message, seconds)


def wait(seconds: int) -> Outcome:
	return _later(outcome.WAIT, _("You can ask for another code in {0}."), seconds)


def too_many_sends(seconds: int) -> Outcome:
	return _later(outcome.LIMITED, _("Too many codes were asked for. Try again in {0}."), seconds)


def too_many_checks(seconds: int) -> Outcome:
	return _later(outcome.LIMITED, _("Too many codes were tried. Try again in {0}."), seconds)


def too_many_sign_ins(seconds: int) -> Outcome:
	return _later(outcome.LIMITED, _("Too many sign-ins were tried. Try again in {0}."), seconds)


def locked(seconds: int) -> Outcome:
	message = _("Too many wrong codes were entered for this ticket. Try again in {0}, or contact us.")
	return _later(outcome.LOCKED, message, seconds)


def sign_in_locked(seconds: int) -> Outcome:
	message = _(
		"Too many wrong codes were entered for this address. Open the link in the mail instead, or try again in {0}."
	)
	return _later(outcome.LOCKED, message, seconds)


def sign_in_link_is_dead() -> Outcome:
	return Outcome(outcome.USED, _("This link was used already, or it is too old. Ask for a new one."))


def revoked() -> Outcome:
	return Outcome(outcome.REVOKED, _("This link does not work. Ask us for a new one."))


def wrong(tries_left: int) -> Outcome:
	if tries_left == 1:
		message = _("This code is wrong. You can try once more.")
	else:
		message = _("This code is wrong. Tries left: {0}.").format(digits(str(tries_left), locale()))
	return Outcome(outcome.WRONG, message, tries_left=tries_left)


def spent() -> Outcome:
	return Outcome(outcome.SPENT, _("This code was tried too often. Ask for a new one."))


def expired() -> Outcome:
	return Outcome(outcome.EXPIRED, _("This code has expired. Ask for a new one."))


def superseded() -> Outcome:
	return Outcome(outcome.SUPERSEDED, _("A newer code was sent. Enter that one, or ask for another."))


def used() -> Outcome:
	return Outcome(outcome.USED, _("This code was used already. Ask for a new one."))


def missing() -> Outcome:
	return Outcome(outcome.MISSING, _("Ask for a code in this browser first."))


def no_channel(channel: str) -> Outcome:
	if channel == EMAIL:
		return Outcome(outcome.UNAVAILABLE, _("Codes cannot be sent by e-mail now. Please contact us."))
	return Outcome(outcome.UNAVAILABLE, _("Codes cannot be sent by SMS now. Please contact us."))


def use_email() -> Outcome:
	message = _("Codes cannot be sent by SMS to this number now. Use your e-mail address instead.")
	return Outcome(outcome.UNAVAILABLE, message)


def _later(kind: str, message: str, seconds: int) -> Outcome:
	return Outcome(kind, message.format(duration(seconds)), retry_after=seconds)


def duration(seconds: int) -> str:
	"""``30 seconds``, ``12 minutes``, ``24 hours`` in the request's language and digits, rounded up."""
	unit = next(size for size in (_HOUR, _MINUTE, 1) if seconds > size or size == 1)
	whole = timedelta(seconds=math.ceil(seconds / unit) * unit)
	granularity = {_HOUR: "hour", _MINUTE: "minute", 1: "second"}[unit]
	text = format_timedelta(whole, granularity=granularity, threshold=1000, locale=locale())
	return digits(text, locale())


def locale() -> Locale:
	"""Of the request's language; English for one that CLDR does not know."""
	try:
		return Locale.parse(frappe.local.lang or "en", sep="-")
	except (UnknownLocaleError, ValueError):
		return Locale("en")
