"""Checking what the mail brought: its code, in the browser that asked, or its link, in any."""

from collections.abc import Callable

from customer_portal import request_address, settings, throttle
from customer_portal.clock import utc_now
from customer_portal.otp import codes, keyed_codes, outcome, record, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.record import Challenge
from customer_portal.otp.verify import unusable
from customer_portal.sign_in import limits, people
from customer_portal.texts import translate as _


def find(token: str) -> Challenge | None:
	"""The challenge of a mail's link while it can be used. Looking uses nothing up."""
	name = keyed_codes.challenge_of(token)
	found = record.read(name) if name else None
	return found if found and found.state == record.PENDING and found.expires_at > utc_now() else None


def check_code(code: str, browser: str, address: str) -> Outcome:
	"""Compare a typed code with the newest one that this browser asked for; ``Outcome.user`` says who came in."""
	entered = codes.read(code)
	if entered is None:
		return sentences.unreadable_code()
	waiting = record.latest_without_ticket(browser)
	if waiting is None:
		return sentences.missing()
	return _in_turn(
		waiting, address, lambda current: limits.code_refusal(current.recipient) or _try(current, entered)
	)


def check_token(token: str, address: str) -> Outcome:
	"""Use the link of a mail up."""
	found = find(token)
	return _in_turn(found, address, _accept) if found else sentences.sign_in_link_is_dead()


def _in_turn(waiting: Challenge, address: str, act: Callable[[Challenge], Outcome]) -> Outcome:
	"""All of it while the throttle is held, so that parallel guesses are counted one by one."""
	network = request_address.network(address)
	with throttle.hold(*limits.subjects(waiting.recipient, network)):
		if refusal := limits.check_refusal(network):
			return refusal
		throttle.record(throttle.CHECK, throttle.address_subject(network))
		current = record.read(waiting.name)
		return unusable(current) or act(current)


def _try(waiting: Challenge, entered: str) -> Outcome:
	if not record.take_try(waiting.name):
		return sentences.spent()
	if codes.is_same(waiting.code_digest, keyed_codes.digest(waiting.name, entered)):
		return _accept(waiting)
	throttle.record(throttle.FAILURE, throttle.sign_in_subject(waiting.recipient), throttle.SITE)
	tries_left = settings.number("tries_per_code") - waiting.tries - 1
	if tries_left < 1:
		record.end(waiting.name)
	return sentences.wrong(tries_left) if tries_left else sentences.spent()


def _accept(waiting: Challenge) -> Outcome:
	"""Whoever was taken off the list since the mail went out does not come in any more."""
	if not record.use(waiting.name):
		return sentences.used()
	user = people.user_of(waiting.recipient, waiting.language)
	return Outcome(outcome.VERIFIED, _("You are signed in."), user=user) if user else sentences.expired()
