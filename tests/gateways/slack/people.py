"""What people do in the workspace: they write, edit, delete, archive channels and revoke tokens."""

import copy
from uuid import uuid4

from tests.gateways.slack import texts
from tests.gateways.slack.workspace import BOT_USER, SLACKBOT, TEAM, Channel, new_id


class People:
	"""Each method changes the workspace and announces it, as Slack does; texts are as Slack stores them (texts.py)."""

	def say(
		self,
		user: str,
		channel: str,
		text: str = "",
		thread_ts: str | None = None,
		files=(),
		broadcast: bool = False,
		forwards: str = "",
	) -> dict:
		"""``files`` are of ``add_file``, or pairs of a name and bytes; ``forwards`` is the text of another message."""
		place = self._open_channel(user, channel)
		team = self.users[user]["team_id"]
		message = {
			"type": "message",
			"user": user,
			"text": text,
			"team": team,
			"blocks": texts.rich_text(text),
		}
		shared = [f if isinstance(f, dict) else self.add_file(user, *f) for f in files]
		if shared:
			message |= {"subtype": "file_share", "files": [], "upload": False, "display_as_bot": False}
		else:
			message["client_msg_id"] = str(uuid4())
		if forwards:
			message["attachments"] = [{"is_msg_unfurl": True, "is_share": True, "text": forwards}]
		if team != TEAM:
			message |= {"user_team": team, "source_team": team}
		self.store(place, message, thread_ts, broadcast)
		message["files"] = [self.share(file, place, message) for file in shared]
		if not shared:
			message.pop("files")
		self.announce(self.message_event(place, message), place)
		return message

	def edit(self, user: str, channel: str, ts: str, text: str) -> dict:
		place = self._open_channel(user, channel)
		with self.lock:
			message = place.messages[ts]
			if message["user"] != user:
				raise ValueError(f"{user} cannot edit what {message['user']} has written")
			before = self.shown(place, message)
			edited = {"user": user, "ts": self.next_ts()}
			message |= {"text": text, "blocks": texts.rich_text(text), "edited": edited}
		self.announce(self.changed_event(place, message, before), place)
		return message

	def unfurl(self, channel: str, ts: str, address: str) -> dict:
		"""Slack shows a preview of a link: a ``message_changed`` in which nobody has edited anything."""
		place = self.channels[channel]
		message = place.messages[ts]
		before = self.shown(place, message)
		message["attachments"] = [{"id": 1, "from_url": address, "title": "A page", "fallback": "A page"}]
		self.announce(self.changed_event(place, message, before), place)
		return message

	def remove(self, user: str, channel: str, ts: str) -> dict:
		"""The message that was; ``user`` is its author or somebody who may delete those of others."""
		place = self._open_channel(user, channel)
		message = place.messages[ts]
		self.announce(self.delete(place, message), place)
		return message

	def remove_file(self, user: str, file: str) -> None:
		"""Who has uploaded a file deletes it; its message stays."""
		if self.files[file]["user"] != user:
			raise ValueError(f"{user} cannot delete a file of {self.files[file]['user']}")
		self.bury(self.files[file])

	def notice(self, user: str, channel: str, subtype: str, text: str) -> dict:
		"""A message of Slack's own, such as ``channel_join``, ``channel_topic``, ``me_message``."""
		place = self.channels[channel]
		message = {"type": "message", "subtype": subtype, "user": user, "text": text}
		self.store(place, message, None)
		self.announce(self.message_event(place, message), place)
		return message

	def delete(self, place: Channel, message: dict) -> dict:
		"""Its event. A message with replies leaves a tombstone."""
		with self.lock:
			before = self.shown(place, message)
			if not place.replies(message["ts"]):
				del place.messages[message["ts"]]
				return self.deleted_event(place, before)
			grave = {"type": "message", "subtype": "tombstone", "text": "This message was deleted."}
			grave |= {"user": SLACKBOT, "hidden": True, "ts": message["ts"]}
			place.messages[message["ts"]] = grave
			return self.changed_event(place, grave, before)

	def message_event(self, place: Channel, message: dict) -> dict:
		event = copy.deepcopy(message)
		if place.is_ext_shared and "files" in event:
			event["files"] = [_unseen(file["id"]) for file in event["files"]]
		return event | {"channel": place.id, "event_ts": message["ts"], "channel_type": place.type}

	def changed_event(self, place: Channel, message: dict, before: dict) -> dict:
		after = self.shown(place, message)
		return self._hidden_event(place, "message_changed", {"message": after, "previous_message": before})

	def deleted_event(self, place: Channel, before: dict) -> dict:
		values = {"deleted_ts": before["ts"], "previous_message": before}
		return self._hidden_event(place, "message_deleted", values)

	def _hidden_event(self, place: Channel, subtype: str, values: dict) -> dict:
		ts = self.next_ts()
		event = {"type": "message", "subtype": subtype, **values, "channel": place.id, "hidden": True}
		return event | {"ts": ts, "event_ts": ts, "channel_type": place.type}

	def _open_channel(self, user: str, channel: str) -> Channel:
		place = self.channels[channel]
		if user not in place.members or place.is_archived:
			raise ValueError(f"{user} cannot write in {channel}")
		return place

	def archive(self, channel: str, user: str = SLACKBOT) -> None:
		self._set_archived(channel, user, "archive", True)

	def unarchive(self, channel: str, user: str = SLACKBOT) -> None:
		self._set_archived(channel, user, "unarchive", False)

	def _set_archived(self, channel: str, user: str, what: str, is_archived: bool) -> None:
		place = self.channels[channel]
		place.is_archived = is_archived
		event = {"type": f"{place.type}_{what}", "channel": channel, "user": user, "event_ts": self.next_ts()}
		self.announce(event, place)

	def share_channel(self, channel: str) -> str:
		"""A private one gets another company for the first time, and by that a new ID for ever."""
		with self.lock:
			place = self.channels.pop(channel)
			place.id, place.is_ext_shared = new_id("C"), True
			self.channels[place.id] = place
		moved = {"type": "channel_id_changed", "old_channel_id": channel, "new_channel_id": place.id}
		self.announce({**moved, "event_ts": self.next_ts()}, place)
		return place.id

	def revoke_token(self) -> None:
		self.token_error = "token_revoked"
		self.announce({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})

	def uninstall(self) -> None:
		self.token_error = "account_inactive"
		self.announce({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
		self.announce({"type": "app_uninstalled"})

	def restore_token(self) -> None:
		self.token_error = ""


def _unseen(file: str) -> dict:
	"""All that an event of a shared channel tells of a file; the rest is for files.info.
	https://docs.slack.dev/apis/slack-connect/using-slack-connect-channels
	"""
	return {
		"id": file,
		"mode": "file_access",
		"file_access": "check_file_info",
		"created": 0,
		"timestamp": 0,
		"user": "",
	}
