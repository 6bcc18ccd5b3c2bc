"""The limits of signing in: those of ticket links, counted for the address instead of the ticket."""

from customer_portal import settings, throttle
from customer_portal.otp import codes, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.throttle import DAY, HOUR, MINUTE, Limit


def subjects(address: str, network: str) -> tuple[str, str]:
	"""What takes turns, and what is counted: the address (in its comparable form) and the network."""
	return throttle.sign_in_subject(address), throttle.address_subject(network)


def send_refusal(address: str, network: str) -> Outcome | None:
	"""Why no mail goes to this address now, whether or not anybody admits it; None when one may.

	Not for wrong codes: the mail's link still lets its owner in, whatever a stranger tried.
	"""
	own, sender = subjects(address, network)
	pause = Limit(1, settings.number("resend_after_seconds"))
	if pause.seconds and (seconds := throttle.wait_seconds(throttle.SEND, own, pause)):
		return sentences.wait(seconds)
	of_address = (
		_limit("sends_per_15_minutes", 15 * MINUTE),
		_limit("destination_sends_per_hour", HOUR),
		_limit("destination_sends_per_day", DAY),
	)
	of_network = throttle.wait_seconds(throttle.SEND, sender, _limit("sends_per_ip_per_hour", HOUR))
	seconds = max(throttle.wait_seconds(throttle.SEND, own, *of_address), of_network)
	return sentences.too_many_sends(seconds) if seconds else None


def check_refusal(network: str) -> Outcome | None:
	"""Why nothing may be tried from this network now, right or wrong; None when something may."""
	sender = throttle.address_subject(network)
	seconds = throttle.wait_seconds(throttle.CHECK, sender, _limit("checks_per_ip_per_hour", HOUR))
	return sentences.too_many_checks(seconds) if seconds else None


def code_refusal(address: str) -> Outcome | None:
	"""Why no code for this address may be tried now; a link, which nobody can guess, may."""
	enough = Limit(settings.number("failures_per_day"), settings.number("lock_hours") * HOUR)
	seconds = throttle.wait_seconds(throttle.FAILURE, throttle.sign_in_subject(address), enough)
	return sentences.sign_in_locked(seconds) if seconds else None


def digits() -> int:
	"""An account shows more than one ticket: its codes are as long as those after a lock."""
	most = max(settings.number("code_length"), settings.number("raised_code_length"))
	return min(max(most, codes.SHORTEST), codes.LONGEST)


def _limit(fieldname: str, seconds: int) -> Limit:
	return Limit(settings.number(fieldname), seconds)
