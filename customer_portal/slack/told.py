"""What Slack tells, and whether it is for us."""

from collections.abc import Mapping

from customer_portal.constants import SLACK_CHANNEL
from customer_portal.slack import channels, outbox
from customer_portal.slack.channels import Place

REVOKED = ("tokens_revoked", "app_uninstalled")
FILE_DELETED = "file_deleted"
CHANNEL_MOVED = "channel_id_changed"
LONGEST_ID = 100


def is_wanted(inner: Mapping) -> bool:
	"""Messages of people in our channels, and what is told about these. What we post ourselves comes back as well."""
	if inner.get("type") == FILE_DELETED:
		return isinstance(inner.get("file_id"), str) and channels.is_on()
	if inner.get("type") == CHANNEL_MOVED:
		return _is_move_of_ours(inner)
	if inner.get("type") != "message":
		return inner.get("type") in REVOKED or _is_ours(inner)
	message = _message(inner)
	is_of_people = message is not None and not message.get("bot_id")
	is_in_thread = bool(thread(inner)) or inner.get("subtype") == "message_deleted"
	return is_of_people and is_in_thread and _is_ours(inner)


def _is_move_of_ours(inner: Mapping) -> bool:
	old, new = inner.get("old_channel_id"), inner.get("new_channel_id")
	is_new = isinstance(new, str) and new != old and bool(SLACK_CHANNEL.fullmatch(new))
	return is_new and isinstance(old, str) and (channels.place(old) is not None or outbox.is_in(old))


def _is_ours(inner: Mapping) -> bool:
	return _place(inner) is not None


def mode(inner: Mapping) -> str:
	"""Of its channel; empty for one that is not ours."""
	place = _place(inner)
	return place.mode if place else ""


def _place(inner: Mapping) -> Place | None:
	channel = inner.get("channel")
	return channels.place(channel) if isinstance(channel, str) else None


def thread(inner: Mapping) -> str:
	"""Channel and thread; empty for what is in no thread."""
	message = _message(inner)
	ts = message.get("thread_ts") if message else None
	return f"{inner.get('channel')}:{ts}"[:LONGEST_ID] if ts else ""


def author(inner: Mapping) -> object:
	message = _message(inner)
	return message.get("user") if message else None


def _message(inner: Mapping) -> Mapping | None:
	"""What the event is about: as it is now, else as it was. None for nonsense."""
	message = inner.get("message") or inner.get("previous_message") or inner
	return message if isinstance(message, dict) else None
