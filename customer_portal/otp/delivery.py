"""Sending codes: one job per challenge, and a sweep for what no job took. A challenge is its own outbox.

The job knows only the challenge's name; it derives the code, sends it past every queue, and forgets the seed.
"""

import time

import frappe
from redis.exceptions import RedisError

from customer_portal import join_requests
from customer_portal.channels import base, email
from customer_portal.channels.base import Message
from customer_portal.integrations.failures import (
	SendFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
	nothing_is_sent_yet,
)
from customer_portal.otp import code_message, keyed_codes, record
from customer_portal.otp.recipients import EMAIL
from customer_portal.otp.record import Challenge
from customer_portal.sessions import DOCTYPE
from customer_portal.sign_in import people

JOB = "customer_portal.otp.delivery.send_code"
MOST_ATTEMPTS = 3
SWEEP_SECONDS = 40  # with a provider that hangs, the rest waits for the next minute's sweep


class UnexpectedError(SendFailure):
	"""A defect while or after a code was handed over, known only by the name of its kind."""


def enqueue(challenge: str) -> None:
	"""Ask a worker to send a committed challenge now. Without a queue the sweep sends it."""
	try:
		frappe.enqueue(JOB, queue="short", challenge=challenge)
	except (RedisError, frappe.ValidationError) as error:
		frappe.logger("customer_portal").warning(f"A code waits for the sweep: {type(error).__name__}")


def send_code(challenge: str) -> None:
	"""The job: send a challenge's code once. What is expired, replaced or taken by another worker is left."""
	claimed = record.claim(challenge)
	if claimed is None:
		return
	try:
		with _CodeKeptOutOfLogs():
			_send(claimed)
	except UnexpectedFailure as failure:
		frappe.db.rollback()
		_try_later(claimed, failure.reason)
	except TemporaryFailure as failure:
		_try_later(claimed, failure.reason)
	except UnknownResult as failure:
		record.finish(claimed.name, record.SENT, failure.reason)
	except SendFailure as failure:
		_fail(claimed, failure.reason)
	else:
		record.finish(claimed.name, record.SENT, "")


def sweep() -> None:
	"""Send what waits without a job, and forget what can no longer arrive in time. Runs each minute."""
	record.give_up()
	deadline = time.monotonic() + SWEEP_SECONDS
	for challenge in record.waiting():
		if time.monotonic() > deadline:
			return
		send_code(challenge)


class _CodeKeptOutOfLogs:
	"""Turns a defect into a failure without a traceback: Frappe's Error Log prints every local variable of one,
	and the code is among them."""

	def __enter__(self) -> None:
		return None

	def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
		if kind and issubclass(kind, Exception) and not issubclass(kind, SendFailure):
			raise UnexpectedError(kind.__name__) from None


def _send(challenge: Challenge) -> None:
	"""Nothing, and without a word of it, to whom nobody admits to the organisation portal."""
	if challenge.ticket is None and not people.may_enter(challenge.recipient):
		join_requests.note(challenge.recipient)
		return
	with nothing_is_sent_yet():
		secret = keyed_codes.derive(challenge.seed, challenge.digits)
		message = _message(challenge, secret)
	if challenge.channel == EMAIL:
		email.send_now_unlogged(challenge.recipient, message, challenge.ticket)
	else:
		base.registry[challenge.channel].send(challenge.recipient, message)


def _message(challenge: Challenge, secret: str) -> Message:
	if challenge.ticket is None:
		return code_message.compose_sign_in(challenge.name, secret, challenge.language)
	return code_message.compose(challenge.ticket, secret, challenge.channel, challenge.language)


def _try_later(challenge: Challenge, reason: str) -> None:
	if challenge.send_attempts < MOST_ATTEMPTS:
		record.put_back(challenge.name, reason)
	else:
		_fail(challenge, reason)


def _fail(challenge: Challenge, reason: str) -> None:
	frappe.log_error("A sign-in code could not be sent", reason, DOCTYPE, challenge.name)
	record.finish(challenge.name, record.NOT_SENT, reason)
