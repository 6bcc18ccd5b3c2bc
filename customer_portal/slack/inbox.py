"""What Slack has told us: each event once, in the order of its thread; and what its author has to be told. The only
writer of Portal Slack Event.

Slack tells the same event up to four times, and in any order (https://docs.slack.dev/apis/events-api/#retries).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

import frappe

from customer_portal import keys, rows
from customer_portal.clock import utc_now
from customer_portal.exceptions import PortalError, SlackNotSigned
from customer_portal.slack import channels, told, wake
from customer_portal.slack.refusals import Refusal
from customer_portal.slack.told import CHANNEL_MOVED, LONGEST_ID

DOCTYPE = "Portal Slack Event"
WAITING, WORKING, DONE, FAILED = "Waiting", "Working", "Done", "Failed"
EVENT, ACTION, CHECK = "event_callback", "block_actions", "url_verification"
LIMITED = "app_rate_limited"  # Slack keeps events of a minute back: nothing that we could change
WHISPER = "private answer"  # ours: no type of Slack
AGAIN = "told again"
MODE = "customer_portal_mode"  # of the channel when Slack has told
FOUND = "customer_portal_found"  # Slack has not told it
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP_AFTER = timedelta(seconds=5), timedelta(minutes=10), timedelta(days=1)
KILLED = "Unexpected end of its worker"
MOST_DEATHS = 10  # of workers in a row
LONGEST_USER = 40
CANDIDATES = 50
# Whoever has these may speak as Slack or to it.
WITHOUT = ("token", "authorizations", "response_url", "response_urls")

# The first of each thread in which none is worked on; what is in no thread waits for nothing.
_HEADS = f"""FROM `tab{DOCTYPE}` head FORCE INDEX (slack_received) WHERE head.state = 'Waiting' AND (head.subject = ''
	OR NOT EXISTS (SELECT 1 FROM `tab{DOCTYPE}` busy FORCE INDEX (slack_thread)
			WHERE busy.subject = head.subject AND busy.state = 'Working')
		AND NOT EXISTS (SELECT 1 FROM `tab{DOCTYPE}` older FORCE INDEX (slack_thread)
			WHERE older.subject = head.subject AND older.state = 'Waiting' AND (older.received_at < head.received_at
				OR older.received_at = head.received_at AND older.name < head.name)))"""
_DUE = f"""SELECT head.name {_HEADS} AND head.due_at <= %(now)s
	ORDER BY head.received_at, head.name LIMIT {CANDIDATES}"""
_NEXT = f"SELECT MIN(head.due_at) {_HEADS}"


@dataclass(frozen=True)
class Event:
	"""A claimed event. ``payload`` is what Slack has sent, ``reason`` why it was put off last."""

	name: str
	kind: str
	payload: dict
	attempts: int
	received_at: object
	claim: str
	reason: str

	@property
	def is_old(self) -> bool:
		return utc_now() - self.received_at >= GIVE_UP_AFTER

	@property
	def is_hopeless(self) -> bool:
		"""Whoever works on it dies of it."""
		return self.reason == KILLED and self.attempts > MOST_DEATHS


def take_event(event: Mapping, signature: str) -> None:
	"""Stores it, unless it is known. Raises ``SlackNotSigned`` for a request that was sent before, ``PortalError``
	for what is no event.
	"""
	kind = event.get("type")
	if kind == CHECK:
		return _store(f"check:{signature}", CHECK, signature)
	if kind == LIMITED:
		return _store(f"other:{signature}", LIMITED, signature)
	if kind != EVENT or not isinstance(event.get("event"), dict):
		raise PortalError
	inner = event["event"]
	wanted = {**event, MODE: told.mode(inner)} if told.is_wanted(inner) else None
	return _store(
		_id(event.get("event_id")),
		str(inner.get("type") or "")[:LONGEST_ID],
		signature,
		wanted,
		told.thread(inner),
		told.author(inner),
	)


def take_action(action: Mapping, signature: str) -> None:
	"""The same for a press of a button."""
	if action.get("type") != ACTION:
		return _store(f"other:{signature}", str(action.get("type") or "")[:LONGEST_ID], signature)
	channel, message, presser = (_part(action, name) for name in ("channel", "message", "user"))
	subject = f"{channel.get('id')}:{message.get('ts')}"[:LONGEST_ID]
	return _store(_id(action.get("trigger_id")), ACTION, signature, action, subject, presser.get("id"))


def take_found(place: channels.Place, message: Mapping) -> None:
	"""Stores a message of a thread that Slack has not told; nothing where it waits, or was found before."""
	inner = {**message, "type": "message", "channel": place.channel}
	if not told.is_wanted(inner) or _waits(inner):
		return
	token = f"found:{place.channel}:{message['ts']}"
	payload = {"event": inner, "event_time": float(message["ts"]), MODE: place.mode, FOUND: True}
	if rows.insert_new(
		DOCTYPE, _row(token, "message", token, payload, told.thread(inner), told.author(inner))
	):
		wake.after_commit(wake.IN)


def answer(refusal: Refusal) -> None:
	"""Its author is told, in a transaction of its own, as soon as Slack takes it."""
	token = frappe.generate_hash(length=20)
	_store(f"answer:{token}", WHISPER, token, asdict(refusal), user=refusal.user)


def claim() -> Event | None:
	"""The next event that may be worked on: of one thread the oldest first. The caller's transaction ends here."""
	frappe.db.commit()  # a new snapshot
	names = frappe.db.sql(_DUE, {"now": utc_now()}, pluck=True)
	return next(filter(None, map(_take, names)), None)


def next_due_in() -> float | None:
	"""Seconds until ``claim`` finds an event; None when none waits, but for those which another worker comes to."""
	frappe.db.commit()  # a new snapshot
	((due,),) = frappe.db.sql(_NEXT)
	return (due - utc_now()).total_seconds() if due else None


def finish(event: Event, reason: str = "") -> bool:
	"""In the transaction of what was done; False when another worker has taken the event since. What people wrote is
	kept where it belongs, and not here.
	"""
	return _end(event, {"state": DONE, "payload": None, "reason": reason[:140]})


def put_off(event: Event, reason: str, retry_after: float | None = None) -> bool:
	"""Again after a pause, or after ``retry_after`` seconds, which counts as no attempt; False when it is given up after a
	day: who it was of, where and why stays. Commits.
	"""
	if event.is_old:
		give_up(event, reason)
		return False
	pause = min(FIRST_PAUSE * 2 ** min(event.attempts - 1, 10), LONGEST_PAUSE)
	pause = timedelta(seconds=retry_after) if retry_after else pause
	attempts = event.attempts - 1 if retry_after else event.attempts
	values = {"state": WAITING, "due_at": utc_now() + pause, "attempts": attempts}
	_end(event, {**values, "reason": reason[:140]})
	frappe.db.commit()
	return True


def give_up(event: Event, reason: str) -> bool:
	"""Who it was of, where and why stays. False when another worker has taken the event since. Commits."""
	is_ours = _end(event, {"state": FAILED, "payload": None, "reason": reason[:140]})
	frappe.db.commit()
	return is_ours


def release_expired() -> None:
	"""Events of workers that died: whatever they did is undone, or is found again by its message. From the first death on
	their attempts are counted anew.
	"""
	query = f"""UPDATE `tab{DOCTYPE}` SET attempts = IF(reason = %(killed)s, attempts, 1), reason = %(killed)s,
		due_at = %(now)s, state = 'Waiting' WHERE state = 'Working' AND claimed_at < %(before)s"""
	now = utc_now()
	frappe.db.sql(query, {"killed": KILLED, "now": now, "before": now - LEASE})
	frappe.db.commit()


def mentions(file: str) -> bool:
	"""Whether a message that is yet to be worked on has this file of Slack's."""
	frappe.db.commit()  # a new snapshot
	waits = {"state": ("in", (WAITING, WORKING)), "kind": "message", "payload": ("like", f'%"{file}"%')}
	return bool(frappe.db.exists(DOCTYPE, waits))


def move(old: str, new: str) -> bool:
	"""What waits goes on under the new ID of its channel; False while some of it is being worked on. The caller commits."""
	waits = {"state": ("in", (WAITING, WORKING)), "kind": ("!=", CHANNEL_MOVED)}
	names = frappe.get_all(DOCTYPE, {**waits, "payload": ("like", f'%"{old}"%')}, pluck="name")
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET subject = REPLACE(subject, %(old)s, %(new)s),
		payload = REPLACE(payload, %(before)s, %(after)s) WHERE name IN %(names)s AND state = 'Waiting'"""
	values = {"names": names, "old": f"{old}:", "new": f"{new}:", "before": f'"{old}"', "after": f'"{new}"'}
	return not names or rows.affected(query, values) == len(names)


def last_received():
	"""Naive UTC; None while Slack has told nothing."""
	of_slack = {"kind": ("!=", WHISPER), "event_id": ("not like", "found:%")}
	return frappe.db.get_value(DOCTYPE, of_slack, "received_at", order_by="received_at desc")


def _waits(inner: Mapping) -> bool:
	"""Changes of it are no news of a message that nobody knows."""
	of_thread = {"subject": told.thread(inner), "state": ("in", (WAITING, WORKING))}
	payloads = frappe.get_all(DOCTYPE, of_thread, pluck="payload")
	return any(f'"{inner["ts"]}"' in payload and '"message_changed"' not in payload for payload in payloads)


def _part(payload: Mapping, name: str) -> Mapping:
	part = payload.get(name)
	return part if isinstance(part, dict) else {}


def _kept(payload: Mapping) -> dict:
	return {name: value for name, value in payload.items() if name not in WITHOUT}


def _id(given: object) -> str:
	if not isinstance(given, str) or not 0 < len(given) <= LONGEST_ID:
		raise PortalError
	return given


def _store(
	event_id: str,
	kind: str,
	signature: str,
	payload: Mapping | None = None,
	subject: str = "",
	user: object = None,
) -> None:
	"""One row decides between all who come with the same event. What Slack tells again is written down too, for its
	signature: whoever repeats that is not Slack.
	"""
	row = _row(event_id, kind, signature, payload, subject, user)
	if not rows.insert_new(DOCTYPE, row):
		_seal_again(row)
	elif payload:
		wake.after_commit(wake.IN)


def _row(
	event_id: str, kind: str, signature: str, payload: Mapping | None, subject: str, user: object
) -> dict[str, object]:
	now = utc_now()
	return {
		"event_id": event_id[:140],
		"kind": kind,
		"subject": subject,
		"slack_user": user[:LONGEST_USER] if isinstance(user, str) else "",
		"signature": keys.digest("slack signature", signature),
		"payload": json.dumps(_kept(payload)) if payload else None,
		"state": WAITING if payload else DONE,
		"received_at": now,
		"due_at": now,
		"attempts": 0,
	}


def _seal_again(row: Mapping[str, object]) -> None:
	frappe.db.commit()  # the lock on the row that is there: two who keep it would wait for each other
	again = {"event_id": f"again:{frappe.generate_hash(length=20)}", "reason": AGAIN}  # the signature decides
	again |= {"payload": None, "state": DONE}
	if not rows.insert_new(DOCTYPE, {**row, **again}):
		raise SlackNotSigned


def _take(name: str) -> Event | None:
	claim_ = frappe.generate_hash(length=20)
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET state = 'Working', claim = %(claim)s,
		claimed_at = %(now)s, attempts = attempts + 1 WHERE name = %(name)s AND state = 'Waiting'"""
	is_ours = rows.affected(query, {"name": name, "claim": claim_, "now": utc_now()}) == 1
	frappe.db.commit()  # the claim must be seen by all
	if not is_ours:
		return None
	row = frappe.db.get_value(DOCTYPE, name, "*", as_dict=True)
	payload, reason = json.loads(row.payload), row.reason or ""
	return Event(name, row.kind, payload, row.attempts, row.received_at, claim_, reason)


def _end(event: Event, values: Mapping[str, object]) -> bool:
	assignments = ", ".join(f"`{field}` = %({field})s" for field in values)
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET {assignments}
		WHERE name = %(_name)s AND state = 'Working' AND claim = %(_claim)s"""
	return rows.affected(query, {**values, "_name": event.name, "_claim": event.claim}) == 1
