"""A Slack workspace: its channels, people, messages and files, as Slack stores them."""

import copy
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

TEAM = "T0PORTAL01"
TEAM_NAME = "Portal Tests"
DOMAIN = "portal-tests"
OTHER_TEAM = "T0CUSTOM01"  # the home of guests in a shared channel
APP = "A0PORTAL01"
BOT = "B0PORTAL01"
BOT_USER = "U0PORTALBT"
SLACKBOT = "USLACKBOT"


def new_id(kind: str) -> str:
	"""As Slack's: a letter for the kind (``C`` channel, ``U`` person, ``F`` file, ``Ev`` event), capitals and digits."""
	return f"{kind}0{uuid4().hex[:9].upper()}"


@dataclass
class Channel:
	"""``messages`` are all of them, replies too, by their ``ts`` and in their order."""

	id: str
	name: str
	members: set[str]
	is_private: bool = False
	is_ext_shared: bool = False
	is_archived: bool = False
	messages: dict[str, dict] = field(default_factory=dict)

	@property
	def is_member(self) -> bool:
		return BOT_USER in self.members

	@property
	def type(self) -> str:
		return "group" if self.is_private else "channel"

	def replies(self, ts: str) -> list[dict]:
		return [m for m in self.messages.values() if m.get("thread_ts") == ts and m["ts"] != ts]


class Workspace:
	"""What tests arrange and look at. Channels and people go by their ids."""

	def found(self) -> None:
		self.lock = threading.RLock()
		self.channels: dict[str, Channel] = {}
		self.users: dict[str, dict] = {}
		self.files: dict[str, dict] = {}
		self.contents: dict[str, bytes] = {}
		self.ephemerals: list[dict] = []
		self.last_tick = 0
		self.add_user("customer_portal", "", user=BOT_USER)
		self.users[BOT_USER] |= {"is_bot": True, "is_email_confirmed": False}

	def next_ts(self) -> str:
		"""Unix time with six places that no two messages of a workspace share."""
		with self.lock:
			self.last_tick = max(self.last_tick + 1, time.time_ns() // 1000)
			return f"{self.last_tick // 10**6}.{self.last_tick % 10**6:06d}"

	def add_channel(
		self, name: str, members=(), channel: str = "", is_private=False, is_ext_shared=False, with_bot=True
	) -> str:
		"""Its id. The app is a member unless ``with_bot`` is false."""
		channel = channel or new_id("C")
		everybody = {*members, *([BOT_USER] if with_bot else [])}
		self.channels[channel] = Channel(channel, name, everybody, is_private, is_ext_shared)
		return channel

	def add_user(
		self,
		name: str,
		email: str,
		confirmed=True,
		deleted=False,
		is_restricted=False,
		is_ultra_restricted=False,
		is_stranger=False,
		team_id: str = TEAM,
		user: str = "",
	) -> str:
		"""The id of somebody of this workspace, or of ``team_id``: a guest of a shared channel."""
		user = user or new_id("U")
		self.users[user] = {
			"id": user,
			"team_id": team_id,
			"name": name.lower().replace(" ", "."),
			"deleted": deleted,
			"real_name": name,
			"profile": {"real_name": name, "display_name": name, "email": email, "team": team_id},
			"is_bot": False,
			"is_restricted": is_restricted,
			"is_ultra_restricted": is_ultra_restricted,
			"is_email_confirmed": confirmed,
			"is_stranger": is_stranger,
		}
		return user

	def invite(self, user: str, channel: str) -> None:
		self.channels[channel].members.add(user)

	def kick(self, channel: str, user: str = BOT_USER) -> None:
		self.channels[channel].members.discard(user)

	def messages(self, channel: str) -> list[dict]:
		"""What the channel's own view shows, the oldest first: no replies, except those broadcast."""
		with self.lock:
			found = list(self.channels[channel].messages.values())
		return [message for message in found if not _is_hidden_reply(message)]

	def thread(self, channel: str, ts: str) -> list[dict]:
		"""The parent and its replies, the oldest first."""
		with self.lock:
			place = self.channels[channel]
			return [place.messages[ts], *place.replies(ts)]

	def shown(self, channel: Channel, message: dict, with_metadata: bool = True) -> dict:
		"""As the Web API and events show it: a parent counts its replies, and of metadata only the type is told unless
		it was asked for.
		"""
		message = copy.deepcopy(message)
		if "metadata" in message and not with_metadata:
			message["metadata"].pop("event_payload", None)
		replies = channel.replies(message["ts"])
		if replies:
			people = list(dict.fromkeys(r.get("user") or r["bot_id"] for r in replies))
			message |= {"thread_ts": message["ts"], "reply_count": len(replies), "is_locked": False}
			message |= {
				"reply_users": people,
				"reply_users_count": len(people),
				"latest_reply": replies[-1]["ts"],
			}
		return message

	def store(self, channel: Channel, message: dict, thread_ts: str | None, is_broadcast=False) -> dict:
		"""Gives it its ``ts``, and a reply what it says of its parent."""
		with self.lock:
			message["ts"] = self.next_ts()
			if thread_ts:
				parent = channel.messages[thread_ts]
				root = parent.get("thread_ts", thread_ts)
				message["thread_ts"] = root
				if channel.messages[root].get("user"):
					message["parent_user_id"] = channel.messages[root]["user"]
			if thread_ts and is_broadcast:
				message |= {
					"subtype": "thread_broadcast",
					"root": self.shown(channel, channel.messages[root]),
				}
			channel.messages[message["ts"]] = message
		return message


def _is_hidden_reply(message: dict) -> bool:
	is_reply = message.get("thread_ts", message["ts"]) != message["ts"]
	return is_reply and message.get("subtype") != "thread_broadcast"
