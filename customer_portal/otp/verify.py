"""Checking a code: limits, one counted try, a comparison in constant time, one session."""

from customer_portal import links, request_address, sessions, settings, throttle, timeline
from customer_portal.access_link import AccessLink
from customer_portal.clock import utc_now
from customer_portal.otp import codes, keyed_codes, limits, merges, recipients, record, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import Recipient
from customer_portal.otp.record import Challenge


def check(
	link: AccessLink, code: str, browser: str, address: str, remember: bool = False, user_agent: str = ""
) -> Outcome:
	"""Compare a typed code with the newest one that this browser asked for.

	All of it happens while the ticket's throttle is held, so that parallel guesses are counted one by one, and is
	committed before the answer. A locked ticket refuses the right code too.
	"""
	entered = codes.read(code)
	if entered is None:
		return sentences.unreadable_code()
	network = request_address.network(address)
	tickets = {link.ticket, timeline.surviving(link.ticket)}
	with throttle.hold(*map(throttle.ticket_subject, tickets), throttle.address_subject(network)):
		current = links.lock_row(link.name)
		if current is None or current.version != link.version:
			return sentences.revoked()
		if refusal := limits.check_refusal(current, network):
			return refusal
		throttle.record(throttle.CHECK, throttle.address_subject(network))
		return _try(current, entered, browser, remember, user_agent)


def _try(link: AccessLink, entered: str, browser: str, remember: bool, user_agent: str) -> Outcome:
	waiting = record.latest(link.name, browser)
	if waiting is None:
		return sentences.missing()
	if refusal := unusable(waiting):
		return refusal
	if not record.take_try(waiting.name):
		return sentences.spent()
	if not codes.is_same(waiting.code_digest, keyed_codes.digest(waiting.name, entered)):
		return _reject(link, waiting)
	return _accept(link, waiting, remember, user_agent)


def unusable(waiting: Challenge) -> Outcome | None:
	"""Why its code opens nothing any more; None while it may."""
	if waiting.state == record.VERIFIED:
		return sentences.used()
	if waiting.state == record.SUPERSEDED:
		return sentences.superseded()
	if waiting.expires_at <= utc_now():
		return sentences.expired()
	return None if waiting.state == record.PENDING else sentences.spent()


def _reject(link: AccessLink, waiting: Challenge) -> Outcome:
	guessed_at = merges.opened_by(link, Recipient(waiting.channel, waiting.recipient))
	subjects = [throttle.ticket_subject(one.ticket) for one in guessed_at]
	throttle.record(throttle.FAILURE, *subjects, throttle.SITE)
	tries_left = settings.number("tries_per_code") - waiting.tries - 1
	punishments = [limits.punish(links.count_failure(one)) for one in guessed_at]
	punishment = next(filter(None, punishments), None)
	if punishment or tries_left < 1:
		record.end(waiting.name)
	return punishment or (sentences.wrong(tries_left) if tries_left else sentences.spent())


def _accept(link: AccessLink, waiting: Challenge, remember: bool, user_agent: str) -> Outcome:
	person = Recipient(waiting.channel, waiting.recipient)
	if not recipients.match(link.ticket, person.channel, person.key):
		record.end(waiting.name)  # an agent has put somebody else in their place meanwhile
		return sentences.expired()
	opened = sessions.open(waiting.name, remember, user_agent)
	if opened is None:
		return sentences.used()
	for one in merges.opened_by(link, person):
		links.count_success(one)
	return sentences.verified(opened.token, opened.expires)
