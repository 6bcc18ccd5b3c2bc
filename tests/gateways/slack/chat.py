"""chat.*: https://docs.slack.dev/reference/methods?family=chat"""

import copy
import re

from tests.gateways.slack import blocks
from tests.gateways.slack.api import SPECIAL, TIER_3, TIER_4, Refusal, decoded, is_true, method, need
from tests.gateways.slack.workspace import APP, BOT, BOT_USER, TEAM, Channel

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
TS = re.compile(r"\d{10}\.\d{6}")


def channel_of(slack, arguments: dict, key: str = "channel") -> Channel:
	"""A private channel is unknown to who is not in it."""
	place = slack.channels.get(arguments.get(key))
	if not place or (place.is_private and not place.is_member):
		raise Refusal("channel_not_found")
	return place


def open_channel(slack, arguments: dict, key: str = "channel") -> Channel:
	place = channel_of(slack, arguments, key)
	if not place.is_member:
		raise Refusal("not_in_channel")
	if place.is_archived:
		raise Refusal("is_archived")
	return place


def thread_of(place: Channel, arguments: dict) -> str | None:
	ts = arguments.get("thread_ts")
	if not ts:
		return None
	if not TS.fullmatch(str(ts)):
		raise Refusal("invalid_thread_ts")
	if ts not in place.messages:
		raise Refusal("thread_not_found")
	return ts


def content_of(arguments: dict, longest: int) -> dict:
	"""Text and blocks, and the metadata, as far as they are given."""
	found = {}
	if arguments.get("blocks") not in (None, ""):
		found["blocks"] = blocks.checked(arguments["blocks"])
	if arguments.get("metadata") not in (None, ""):
		found["metadata"] = _metadata(decoded(arguments["metadata"], "invalid_metadata_format"))
	text = arguments.get("text") or ""
	if not isinstance(text, str):
		raise Refusal("invalid_arguments")
	if not text.strip() and not found.get("blocks"):
		raise Refusal("no_text")
	if len(text) > longest:
		raise Refusal("msg_too_long")
	return found | ({"text": text} if text else {})


def _metadata(metadata: object) -> dict:
	if not isinstance(metadata, dict):
		raise Refusal("invalid_metadata_format")
	kind, payload = metadata.get("event_type"), metadata.get("event_payload")
	if metadata and not (isinstance(kind, str) and kind and isinstance(payload, dict)):
		raise Refusal("invalid_metadata_schema")
	return metadata


def bot_message(text: str, username: str | None) -> dict:
	"""What the app posts; under a name of its own it has no user: https://docs.slack.dev/reference/events/message/bot_message"""
	own = {"subtype": "bot_message", "username": username} if username else {"user": BOT_USER, "team": TEAM}
	return {"type": "message", "text": text, "bot_id": BOT, "app_id": APP, **own}


def _customised(slack, arguments: dict) -> str | None:
	if any(arguments.get(name) for name in ("username", "icon_url", "icon_emoji")):
		need(slack, "chat:write.customize")
	return arguments.get("username")


def _record(slack, place: Channel, arguments: dict, ts: str) -> None:
	text = f"{arguments.get('text') or ''}\n{arguments.get('blocks') or ''}"
	slack.record({"to": place.id, "text": text, "fields": arguments, "ts": ts})


@method("chat.postMessage", "chat:write", per_minute=SPECIAL, required={"channel": ""})
def post_message(slack, arguments: dict) -> dict:
	username = _customised(slack, arguments)
	place = open_channel(slack, arguments)
	thread_ts = thread_of(place, arguments)
	content = content_of(arguments, LONGEST_POST)
	message = bot_message("", username) | {key: value for key, value in content.items() if value}
	slack.store(place, message, thread_ts, is_true(arguments.get("reply_broadcast")))
	_record(slack, place, arguments, message["ts"])
	slack.announce(slack.message_event(place, message), place, is_echo=True)
	return {"channel": place.id, "ts": message["ts"], "message": slack.shown(place, message, False)}


@method("chat.postEphemeral", "chat:write", per_minute=TIER_4, required={"channel": "", "user": ""})
def post_ephemeral(slack, arguments: dict) -> dict:
	_customised(slack, arguments)
	place = open_channel(slack, arguments)
	if arguments["user"] not in place.members:
		raise Refusal("user_not_in_channel")
	thread_ts = thread_of(place, arguments)
	content = content_of(arguments, LONGEST_POST)
	ts = slack.next_ts()
	slack.ephemerals.append(
		{"channel": place.id, "user": arguments["user"], "ts": ts, "thread_ts": thread_ts, **content}
	)
	_record(slack, place, arguments, ts)
	return {"message_ts": ts}


def _own_message(slack, arguments: dict, refusal: str) -> tuple[Channel, dict]:
	place = channel_of(slack, arguments)
	message = place.messages.get(arguments["ts"])
	if not message or message.get("subtype") == "tombstone":
		raise Refusal("message_not_found")
	if message.get("bot_id") != BOT:
		raise Refusal(refusal)
	return place, message


@method("chat.update", "chat:write", per_minute=TIER_3, required={"channel": "", "ts": ""})
def update(slack, arguments: dict) -> dict:
	"""Blocks and metadata that are not given stay; empty ones go."""
	place, message = _own_message(slack, arguments, "cant_update_message")
	if place.is_archived:
		raise Refusal("is_inactive")
	content = content_of(arguments, LONGEST_UPDATE)
	before = slack.shown(place, message)
	message |= content | {"edited": {"user": BOT, "ts": slack.next_ts()}}
	for key in [key for key in ("blocks", "metadata") if key in content and not content[key]]:
		del message[key]
	_record(slack, place, arguments, message["ts"])
	slack.announce(slack.changed_event(place, message, before), place, is_echo=True)
	shown = slack.shown(place, message, False)
	return {"channel": place.id, "ts": message["ts"], "text": message["text"], "message": shown}


@method("chat.delete", "chat:write", per_minute=TIER_3, required={"channel": "", "ts": ""})
def delete(slack, arguments: dict) -> dict:
	place, message = _own_message(slack, arguments, "cant_delete_message")
	slack.announce(slack.delete(place, copy.copy(message)), place, is_echo=True)
	return {"channel": place.id, "ts": arguments["ts"]}
