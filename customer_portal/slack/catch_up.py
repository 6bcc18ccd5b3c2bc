"""Reads back what agents wrote in threads while Slack could not tell the site: either was away. Slack tries an event three
more times, for some minutes, and never again (https://docs.slack.dev/apis/events-api/#retries).

What was edited or deleted meanwhile is not found, but the words of what is found are those of now.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import frappe

from customer_portal.clock import from_unix, to_unix, utc_now
from customer_portal.integrations.failures import SendFailure, TemporaryFailure
from customer_portal.integrations.slack import client
from customer_portal.integrations.slack.errors import WORKSPACE, Shut
from customer_portal.slack import channels, inbox, outbox, session
from customer_portal.slack.channels import Place

POSTS_OF = timedelta(days=30)
FURTHEST = timedelta(days=3)
STILL_COMING = timedelta(minutes=10)  # longer than Slack goes on trying
CHANNELS = 40  # an hour: Slack answers some 50 such questions a minute
HOUR = 3600  # seconds
WAITS, LONGEST_WAIT = 5, 120  # that Slack may ask for before it answers; seconds


def sweep() -> None:
	"""Each hour."""
	if not channels.is_on():
		return
	places = [place for place in channels.all_places() if place.is_answered]
	for place in in_turn(places, int(time.time() // HOUR)):
		with session.as_the_site():  # each by what the settings say at its time
			is_let_in = _is_read(place)
		if not is_let_in:
			return


def in_turn(places: Sequence[Place], hour: int) -> list[Place]:
	"""All, or of many as many as an hour admits."""
	start = hour * (CHANNELS if len(places) > CHANNELS else 1) % max(len(places), 1)
	return [*places[start:], *places[:start]][:CHANNELS]


def _is_read(place: Place) -> bool:
	"""False where Slack lets us read nothing at all. Whoever delivers to the channel tells the admins what is wrong. What
	is written where the app is not a member is not for it.
	"""
	frappe.db.commit()  # a new snapshot
	until = utc_now() - STILL_COMING
	try:
		for message in _unseen(place, _start(place), until):
			inbox.take_found(place, message)
			frappe.db.commit()
	except SendFailure as failure:
		frappe.logger("customer_portal").warning(
			f"Threads of {place.channel} are read later: {failure.reason}"
		)
		if not isinstance(failure, Shut):
			return True
		if failure.scope == WORKSPACE:
			return False
	frappe.cache.set_value(_mark(place), to_unix(until), expires_in_sec=int(FURTHEST.total_seconds()))
	return True


def _start(place: Place) -> datetime:
	"""What was written under other rules is not read by those of today. Without Redis more is read than has to be."""
	known = frappe.cache.get_value(_mark(place), expires=True) or 0
	now = utc_now()
	return max(channels.ruled_since(place) or now, now - FURTHEST, from_unix(known))


def _unseen(place: Place, since: datetime, until: datetime) -> Iterator[Mapping]:
	oldest, newest = to_unix(since), to_unix(until)
	for parent in _messages(place, None, to_unix(utc_now() - POSTS_OF)):
		if oldest < float(parent.get("latest_reply") or 0) and _is_post(place, parent):
			for message in _messages(place, parent["ts"], oldest):
				frappe.db.commit()  # a new snapshot: what Slack has told since
				is_reply = message["ts"] != parent["ts"]
				if is_reply and float(message["ts"]) < newest and not _is_known(place, message):
					yield message


def _messages(place: Place, thread: str | None, since: float) -> list[Mapping]:
	for _wait in range(WAITS):
		try:
			return list(client.messages(place.channel, thread, since))
		except TemporaryFailure as failure:
			if not 0 < (failure.retry_after or 0) <= LONGEST_WAIT:
				raise
			time.sleep(failure.retry_after)
	return list(client.messages(place.channel, thread, since))


def _is_known(place: Place, message: Mapping) -> bool:
	return outbox.by_ts(place.channel, message["ts"]) is not None


def _is_post(place: Place, message: Mapping) -> bool:
	known = outbox.by_ts(place.channel, message["ts"])
	return bool(known) and known.kind == outbox.POST


def _mark(place: Place) -> str:
	return f"customer_portal:slack_read_until:{place.channel}"
