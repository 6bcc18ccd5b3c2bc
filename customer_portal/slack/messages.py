"""Messages of people in threads, as Slack tells of them. https://docs.slack.dev/reference/events/message"""

import re
from dataclasses import dataclass

from customer_portal.slack import files
from customer_portal.slack.files import SlackFile
from customer_portal.slack.refusals import Refusal

PEOPLES = frozenset({"", "file_share", "thread_broadcast", "me_message"})  # subtypes of messages of people
GONE = "tombstone"
_TS = re.compile(r"[0-9]{1,16}\.[0-9]{1,6}")


@dataclass(frozen=True)
class Written:
	"""A message of a person in a thread, as it is by now; ``edited`` is empty for one that was never edited.

	``is_change``: this is not its first word, or not told as such. ``told_at`` is in Unix seconds. ``before`` is the text
	in front of a change; None where Slack does not tell it. ``attempts``: how often it was worked on, with this time.
	``is_forward``: it shows another message of Slack's below its own text.
	"""

	channel: str
	ts: str
	thread: str
	user: str
	text: str
	edited: str
	is_change: bool
	told_at: float
	files: tuple[SlackFile, ...]
	before: str | None
	attempts: int
	is_forward: bool

	def refuse(self, reason: str, text: str) -> Refusal:
		return Refusal(reason, self.channel, self.thread, self.user, text)


@dataclass(frozen=True)
class Deleted:
	channel: str
	ts: str
	thread: str


def read(envelope: dict, attempts: int = 1) -> Written | Deleted | None:
	"""None: nothing for us."""
	event = envelope["event"]
	channel, subtype = str(event.get("channel") or ""), event.get("subtype") or ""
	if subtype == "message_deleted":
		before = event.get("previous_message") or {}
		return Deleted(channel, str(event.get("deleted_ts") or ""), str(before.get("thread_ts") or ""))
	is_change = subtype == "message_changed"
	message = event.get("message") if is_change else event
	if not isinstance(message, dict) or message.get("bot_id") or not message.get("user"):
		return None
	before = event.get("previous_message") if is_change else None
	before = str(before.get("text") or "") if isinstance(before, dict) else None
	told_at = _seconds(envelope.get("event_time"))
	return _read(message, channel, is_change=is_change, told_at=told_at, before=before, attempts=attempts)


def _read(message: dict, channel: str, **told) -> Written | Deleted | None:
	"""``told`` is what Slack tells beside the message, by the names of ``Written``."""
	ts, thread = str(message.get("ts") or ""), str(message.get("thread_ts") or "")
	if (message.get("subtype") or "") == GONE:
		return Deleted(channel, ts, thread)
	if (message.get("subtype") or "") not in PEOPLES or not _TS.fullmatch(ts) or not thread or thread == ts:
		return None
	edited = message.get("edited")
	edited = str(edited.get("ts") or "") if isinstance(edited, dict) else ""
	return Written(
		channel=channel,
		ts=ts,
		thread=thread,
		user=str(message["user"]),
		text=str(message.get("text") or ""),
		edited=edited if _TS.fullmatch(edited) else "",
		files=files.listed(message),
		is_forward=_is_forward(message.get("attachments")),
		**told,
	)


def _is_forward(attachments: object) -> bool:
	"""A link to a message that somebody has pasted is shown too, but is no ``is_share``."""
	shown = attachments if isinstance(attachments, list) else []
	return any(isinstance(one, dict) and bool(one.get("is_share")) for one in shown)


def _seconds(given: object) -> float:
	return float(given) if isinstance(given, int | float) else 0
