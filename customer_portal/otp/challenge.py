"""Asking for a code: start, send again, and what this browser waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from customer_portal import links, request_address, sessions, settings, throttle
from customer_portal.access_link import AccessLink
from customer_portal.channels import base
from customer_portal.clock import utc_now
from customer_portal.otp import delivery, limits, recipients, record, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import EMAIL, SMS, Recipient
from customer_portal.otp.record import Challenge

CHANNELS = (SMS, EMAIL)
PENDING = record.PENDING
EXPIRED = "Expired"
REMEMBERED_FOR = timedelta(hours=1)  # how long a browser may ask again without typing its number again


@dataclass(frozen=True)
class Pending:
	"""What the page of the browser that asked shows. Times are naive UTC.

	``state`` is Pending, Expired, Superseded or Failed (tried too often); a code can be entered only while it is
	Pending. ``delivery`` is Queued, Sending, Sent or Failed.
	"""

	channel: str
	masked_recipient: str
	digits: int
	expires_at: datetime
	resend_at: datetime
	state: str
	delivery: str


@dataclass(frozen=True)
class Asker:
	"""Who asks: the browser's id, its network, and the language of the message."""

	browser: str
	network: str
	language: str


def offered_channels() -> list[str]:
	"""The channels that this site can send codes by; the same for every ticket, so it tells nothing of one."""
	available = base.available()
	return [name for name in CHANNELS if name in available]


def start(link: AccessLink, channel: str, typed: str, browser: str, address: str, language: str) -> Outcome:
	"""Send a code to the ticket's stored number or address that equals what was typed.

	``browser`` is the random id of the browser's cookie; ``address`` its IP address.
	"""
	if channel not in offered_channels():
		return sentences.no_channel(channel)
	key = recipients.typed_key(channel, typed)
	if key is None:
		return sentences.unreadable_recipient(channel)
	return _ask(link, channel, key, _asker(browser, address, language))


def resend(link: AccessLink, browser: str, address: str, language: str | None = None) -> Outcome:
	"""Send a new code to where this browser's last one went, in its language or another; the old code ends."""
	last = _last(link, browser)
	if last is None:
		return sentences.missing()
	key = Recipient(last.channel, last.recipient).key
	return _ask(link, last.channel, key, _asker(browser, address, language or last.language))


def pending(link: AccessLink, browser: str) -> Pending | None:
	"""The code that this browser last asked for; None when it asked for none lately, or has used it."""
	last = _last(link, browser)
	if last is None:
		return None
	is_over = last.state == record.PENDING and last.expires_at <= utc_now()
	return Pending(
		channel=last.channel,
		masked_recipient=last.masked_recipient,
		digits=last.digits,
		expires_at=last.expires_at,
		resend_at=last.asked_at + timedelta(seconds=settings.number("resend_after_seconds")),
		state=EXPIRED if is_over else last.state,
		delivery=last.delivery,
	)


def forget(ticket: str) -> None:
	"""The ticket was deleted: its codes and sessions go with it."""
	sessions.forget(ticket)


def _last(link: AccessLink, browser: str) -> Challenge | None:
	last = record.latest(link.name, browser)
	is_current = last and last.state != record.VERIFIED and last.asked_at > utc_now() - REMEMBERED_FOR
	return last if is_current else None


def _asker(browser: str, address: str, language: str) -> Asker:
	return Asker(browser, request_address.network(address), language)


def _ask(link: AccessLink, channel: str, key: str, asker: Asker) -> Outcome:
	"""Limits are looked at before the comparison, so that nobody over them learns more, and again under the lock."""
	if refusal := limits.entry_refusal(link, asker.network):
		return refusal
	recipient = recipients.match(link.ticket, channel, key)
	with throttle.hold(*_subjects(link, asker, recipient)):
		current = links.lock_row(link.name)
		refusal = _refusal(link, current, channel, recipient, asker)
		name = None if refusal else _create(current, recipient, asker)
	if refusal:
		return refusal
	delivery.enqueue(name)
	return sentences.sent(recipient.channel, recipient.masked)


def _subjects(link: AccessLink, asker: Asker, recipient: Recipient | None) -> list[str]:
	subjects = [
		throttle.ticket_subject(link.ticket),
		throttle.link_subject(link.name),
		throttle.address_subject(asker.network),
	]
	if recipient:
		subjects.append(throttle.destination_subject(recipient.key))
	if recipient and recipient.channel == SMS:
		subjects.append(throttle.SITE)
	return subjects


def _refusal(
	link: AccessLink, current: AccessLink | None, channel: str, recipient: Recipient | None, asker: Asker
) -> Outcome | None:
	if current is None or current.version != link.version:
		return sentences.revoked()
	if refusal := limits.entry_refusal(current, asker.network):
		return refusal
	if recipient is None:
		throttle.record(throttle.MISMATCH, throttle.link_subject(link.name))
		return sentences.mismatch(channel)
	return limits.send_refusal(current, recipient, _has_email(link.ticket))


def _has_email(ticket: str) -> bool:
	return EMAIL in offered_channels() and any(one.channel == EMAIL for one in recipients.of(ticket))


def _create(link: AccessLink, recipient: Recipient, asker: Asker) -> str:
	"""Count the send, end the older codes, and write the new challenge, which the delivery job reads."""
	record.supersede(link.name)
	_count_send(link, recipient, asker)
	digits = limits.digits(link, recipient)
	return record.write(link.name, link.ticket, recipient, digits, asker.browser, asker.language)


def _count_send(link: AccessLink, recipient: Recipient, asker: Asker) -> None:
	ticket = throttle.ticket_subject(link.ticket)
	destination = throttle.destination_subject(recipient.key)
	throttle.record(throttle.SEND, ticket, destination, throttle.address_subject(asker.network))
	if recipient.channel == SMS:
		throttle.record(throttle.SMS, throttle.SITE)
