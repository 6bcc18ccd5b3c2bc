"""Which limits apply to which act. Every number is a setting; ``throttle`` counts."""

from datetime import datetime, timedelta

from customer_portal import links, settings, throttle
from customer_portal.access_link import AccessLink
from customer_portal.channels import sms
from customer_portal.clock import utc_now
from customer_portal.otp import codes, merges, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import EMAIL, SMS, Recipient
from customer_portal.sign_in import people
from customer_portal.throttle import DAY, HOUR, MINUTE, Limit

_THIRTY_DAYS = 30 * DAY


def entry_refusal(link: AccessLink, network: str) -> Outcome | None:
	"""Why nobody may ask for a code here now, whatever they type; None when they may."""
	if refusal := _state_refusal(link):
		return refusal
	subject = throttle.address_subject(network)
	if seconds := throttle.wait_seconds(throttle.SEND, subject, _limit("sends_per_ip_per_hour", HOUR)):
		return sentences.too_many_sends(seconds)
	seconds = mismatch_wait(link)
	return sentences.too_many_mismatches(seconds) if seconds else None


def send_refusal(link: AccessLink, recipient: Recipient, has_email: bool) -> Outcome | None:
	"""Why no code goes to this recipient of the ticket now; None when it may go."""
	if recipient.channel == SMS and not _may_send_sms(recipient.address):
		return sentences.use_email() if has_email else sentences.no_channel(SMS)
	ticket = throttle.ticket_subject(link.ticket)
	pause = Limit(1, settings.number("resend_after_seconds"))
	if pause.seconds and (seconds := throttle.wait_seconds(throttle.SEND, ticket, pause)):
		return sentences.wait(seconds)
	seconds = max(send_wait(link), _destination_wait(recipient))
	return sentences.too_many_sends(seconds) if seconds else None


def check_refusal(link: AccessLink, network: str) -> Outcome | None:
	"""Why no code may be tried here now, right or wrong; None when one may."""
	if refusal := _state_refusal(link):
		return refusal
	subject = throttle.address_subject(network)
	seconds = throttle.wait_seconds(throttle.CHECK, subject, _limit("checks_per_ip_per_hour", HOUR))
	return sentences.too_many_checks(seconds) if seconds else None


def mismatch_wait(link: AccessLink) -> int:
	"""Seconds for which nobody may ask here, since too many entries did not match; 0 for none.

	What was counted before an agent unlocked or replaced the link is forgiven.
	"""
	return throttle.wait_seconds(
		throttle.MISMATCH,
		throttle.link_subject(link.name),
		_limit("mismatches_per_hour", HOUR),
		_limit("mismatches_per_day", DAY),
		after=link.unlocked_at,
	)


def send_wait(link: AccessLink) -> int:
	"""Seconds for which the ticket's own budget of codes is used up; forgiven like mismatches."""
	return throttle.wait_seconds(
		throttle.SEND,
		throttle.ticket_subject(link.ticket),
		_limit("sends_per_15_minutes", 15 * MINUTE),
		_limit("sends_per_hour", HOUR),
		_limit("sends_per_day", DAY),
		after=link.unlocked_at,
	)


def punish(link: AccessLink) -> Outcome | None:
	"""After a wrong code was counted: revoke or lock the link when the ticket has had enough of them."""
	in_a_row = link.failures_in_a_row >= settings.number("failures_in_a_row")
	if in_a_row or _failures(link, _THIRTY_DAYS) >= settings.number("failures_per_30_days"):
		links.revoke_by_failures(link)
		return sentences.revoked()
	if _failures(link, DAY) >= settings.number("failures_per_day"):
		seconds = settings.number("lock_hours") * HOUR
		links.lock(link, utc_now() + timedelta(seconds=seconds))
		return sentences.locked(seconds)
	return None


def digits(link: AccessLink, recipient: Recipient) -> int:
	"""How long the next code is: more digits after a lock, while the whole site sees many wrong codes, and for whom
	the code opens an organisation's portal too (``sign_in.rising``).
	"""
	usual = settings.number("code_length")
	survivor = merges.survivor(link)
	is_account = recipient.channel == EMAIL and people.may_enter(recipient.key)
	if is_account or link.was_locked or (survivor and survivor.was_locked) or _is_under_attack():
		usual = max(usual, settings.number("raised_code_length"))
	return min(max(usual, codes.SHORTEST), codes.LONGEST)


def _state_refusal(link: AccessLink) -> Outcome | None:
	"""A revoked or locked link; a merged ticket's link leads to the survivor, whose state binds it too."""
	survivor = merges.survivor(link)
	if not link.is_live or (survivor and survivor.is_revoked):
		return sentences.revoked()
	seconds = max(link.lock_seconds, survivor.lock_seconds if survivor else 0)
	return sentences.locked(seconds) if seconds else None


def _is_under_attack() -> bool:
	hour_ago = utc_now() - timedelta(seconds=HOUR)
	failures = throttle.count(throttle.FAILURE, throttle.SITE, hour_ago)
	return failures > settings.number("alarm_failures_per_hour")


def _failures(link: AccessLink, seconds: int) -> int:
	"""Wrong codes of the ticket since an agent last unlocked it, over all links, codes and browsers."""
	since: datetime = utc_now() - timedelta(seconds=seconds)
	if link.unlocked_at:
		since = max(since, link.unlocked_at)
	return throttle.count(throttle.FAILURE, throttle.ticket_subject(link.ticket), since)


def _may_send_sms(number: str) -> bool:
	budget = _limit("sms_per_hour", HOUR)
	return sms.reaches(number) and not throttle.wait_seconds(throttle.SMS, throttle.SITE, budget)


def _destination_wait(recipient: Recipient) -> int:
	return throttle.wait_seconds(
		throttle.SEND,
		throttle.destination_subject(recipient.key),
		_limit("destination_sends_per_hour", HOUR),
		_limit("destination_sends_per_day", DAY),
	)


def _limit(fieldname: str, seconds: int) -> Limit:
	return Limit(settings.number(fieldname), seconds)
