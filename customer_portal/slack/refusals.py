"""Why what somebody in Slack wrote or pressed has done nothing, which they are told alone; and why it has not yet."""

from dataclasses import dataclass

import frappe

from customer_portal.integrations.failures import PermanentFailure, UnknownResult
from customer_portal.integrations.slack import client
from customer_portal.slack.mrkdwn.signs import escape

MOST_ATTEMPTS = 3  # at telling what may have arrived


class NotYet(Exception):
	"""Something that Slack will tell, or has yet to answer, is missing: again in ``seconds``, or after a usual pause."""

	def __init__(self, reason: str, seconds: float | None = None):
		super().__init__(reason)
		self.reason, self.seconds = reason, seconds


@dataclass(frozen=True)
class Refusal:
	"""``reason`` is for the list of events, ``text`` for the person."""

	reason: str
	channel: str
	thread: str
	user: str
	text: str


def tell(refusal: Refusal, attempts: int) -> None:
	"""Whoever has left the channel is not told. Raises ``TemporaryFailure``, and ``UnknownResult`` at the first attempts:
	rather twice than never.
	"""
	try:
		client.whisper(refusal.channel, refusal.user, escape(refusal.text), refusal.thread)
	except (PermanentFailure, UnknownResult) as failure:
		if isinstance(failure, UnknownResult) and attempts < MOST_ATTEMPTS:
			raise
		frappe.logger("customer_portal").warning(f"Slack: a refusal was not told. {failure.reason}")


def of(*possible: Refusal | None) -> list[Refusal]:
	"""Each once."""
	return list(dict.fromkeys(one for one in possible if one))
