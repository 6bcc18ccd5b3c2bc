"""Asking for the mail: the same answer, in the same time, whoever's address it is.

A challenge is a row of Portal OTP Session without a ticket. It is written for any address; the job that sends it asks
whether somebody admits the address, so that the request itself does the same work for all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from customer_portal import keys, request_address, settings, throttle
from customer_portal.clock import utc_now
from customer_portal.mail_addresses import normal_email
from customer_portal.otp import delivery, outcome, record, sentences
from customer_portal.otp.challenge import EXPIRED, REMEMBERED_FOR
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.otp.record import Challenge
from customer_portal.sign_in import limits
from customer_portal.texts import translate as _

PREFIX = "sign-in:"


@dataclass(frozen=True)
class Waiting:
	"""What the page of the browser that asked shows; ``state`` as in ``otp.challenge.Pending``. Times are naive UTC."""

	address: str
	digits: int
	resend_at: datetime
	state: str


def start(typed: str, browser: str, address: str, language: str) -> Outcome:
	"""Send a mail with a link and a code to the typed address, if it may sign in.

	``browser`` is the random id of the browser's cookie; ``address`` its IP address.
	"""
	key = normal_email(typed)
	if key is None:
		return sentences.unreadable_recipient(EMAIL)
	network = request_address.network(address)
	with throttle.hold(*limits.subjects(key, network)):
		refusal = limits.send_refusal(key, network)
		name = None if refusal else _create(key, network, browser, language)
	if refusal:
		return refusal
	delivery.enqueue(name)
	return Outcome(outcome.SENT, _("If this address may sign in, a mail is on its way to it."))


def resend(browser: str, address: str, language: str) -> Outcome:
	"""Send a new mail to the address for which this browser asked last; the old link and code end."""
	last = _last(browser)
	return start(last.recipient, browser, address, language) if last else sentences.missing()


def waiting(browser: str) -> Waiting | None:
	"""What this browser asked for lately; None when nothing, or when it has signed in."""
	last = _last(browser)
	if last is None:
		return None
	is_over = last.state == record.PENDING and last.expires_at <= utc_now()
	resend_at = last.asked_at + timedelta(seconds=settings.number("resend_after_seconds"))
	return Waiting(last.recipient, last.digits, resend_at, EXPIRED if is_over else last.state)


def link_of(address: str) -> str:
	"""What stands in the place of a ticket's link; ``address`` in its comparable form."""
	return f"{PREFIX}{keys.digest('sign-in', address)[:40]}"


def _last(browser: str) -> Challenge | None:
	last = record.latest_without_ticket(browser)
	is_current = last and last.state != record.VERIFIED and last.asked_at > utc_now() - REMEMBERED_FOR
	return last if is_current else None


def _create(address: str, network: str, browser: str, language: str) -> str:
	link, person = link_of(address), Recipient(EMAIL, address)
	record.supersede(link)
	throttle.record(throttle.SEND, *limits.subjects(address, network))
	return record.write(link, None, person, limits.digits(), browser, language)
