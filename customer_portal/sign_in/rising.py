"""One link, rising trust: who was verified by e-mail at a ticket's link may go on to all tickets of their organisation.

Without another code only while the proof is as good as that of signing in: a code of as many digits, sent to that
address, entered in this browser within the last half hour, and not on a device that was to be remembered.
"""

from datetime import timedelta

from customer_portal import request_address, sessions, throttle
from customer_portal.clock import utc_now
from customer_portal.otp import outcome, record, sentences
from customer_portal.otp.outcome import Outcome
from customer_portal.otp.recipients import EMAIL, Recipient
from customer_portal.sessions import Session
from customer_portal.sign_in import limits, people
from customer_portal.texts import translate as _

FRESH = timedelta(minutes=30)


def is_offered(session: Session) -> bool:
	"""Whether this person may sign in to the organisation portal. One SELECT for whom no organisation admits."""
	return session.channel == EMAIL and people.may_enter(address_of(session))


def address_of(session: Session) -> str:
	"""In its comparable form."""
	return Recipient(session.channel, session.recipient).key


def is_enough(session: Session, browser: str) -> bool:
	"""Whether the session proves as much as signing in does."""
	code = record.read(session.name)
	return (
		session.channel == EMAIL
		and not session.is_remembered
		and session.verified_at > utc_now() - FRESH
		and code is not None
		and code.digits >= limits.digits()
		and record.is_of_browser(session.name, browser)
	)


def enter(session: Session, address: str, language: str) -> Outcome:
	"""Counted like the use of a sign-in link; ``Outcome.user`` says who came in. ``address`` is the IP address."""
	own, network = address_of(session), request_address.network(address)
	with throttle.hold(*limits.subjects(own, network)):
		if refusal := limits.check_refusal(network):
			return refusal
		throttle.record(throttle.CHECK, throttle.address_subject(network))
		user = people.user_of(own, language) if sessions.is_open(session) else None
	return Outcome(outcome.VERIFIED, _("You are signed in."), user=user) if user else sentences.expired()
