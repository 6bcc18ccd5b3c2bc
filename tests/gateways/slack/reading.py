"""auth.test, users.* and conversations.*, which only read."""

import base64

from tests.gateways.slack.api import SPECIAL, TIER_3, TIER_4, Refusal, is_true, method, need
from tests.gateways.slack.chat import TS, channel_of
from tests.gateways.slack.workspace import BOT, BOT_USER, DOMAIN, OTHER_TEAM, TEAM, TEAM_NAME, Channel

TYPES = {"public_channel": "channels:read", "private_channel": "groups:read"}


@method("auth.test", per_minute=SPECIAL)
def auth_test(slack, arguments: dict) -> dict:
	return {
		"url": f"https://{DOMAIN}.slack.com/",
		"team": TEAM_NAME,
		"user": slack.users[BOT_USER]["name"],
		"team_id": TEAM,
		"user_id": BOT_USER,
		"bot_id": BOT,
		"is_enterprise_install": False,
	}


def _shown_user(slack, user: dict) -> dict:
	"""Addresses are for tokens that may read them, and those of strangers for none."""
	profile = dict(user["profile"])
	if "users:read.email" not in slack.scopes or user["is_stranger"] or not profile["email"]:
		del profile["email"]
	return {**user, "profile": profile}


@method("users.info", "users:read", per_minute=TIER_4, required={"user": "user_not_found"})
def users_info(slack, arguments: dict) -> dict:
	if arguments["user"] not in slack.users:
		raise Refusal("user_not_found")
	return {"user": _shown_user(slack, slack.users[arguments["user"]])}


@method("users.lookupByEmail", "users:read.email", per_minute=TIER_3, required={"email": "users_not_found"})
def users_by_email(slack, arguments: dict) -> dict:
	"""Somebody of this workspace who is active."""
	wanted = arguments["email"].lower()
	for user in slack.users.values():
		is_ours = user["team_id"] == TEAM and not user["deleted"]
		if is_ours and user["profile"]["email"].lower() == wanted:
			return {"user": _shown_user(slack, user)}
	raise Refusal("users_not_found")


def _shown_channel(place: Channel) -> dict:
	teams = [TEAM, OTHER_TEAM] if place.is_ext_shared else [TEAM]
	return {
		"id": place.id,
		"name": place.name,
		"name_normalized": place.name,
		"is_channel": not place.is_private,
		"is_group": place.is_private,
		"is_im": False,
		"is_mpim": False,
		"is_private": place.is_private,
		"is_archived": place.is_archived,
		"is_general": False,
		"is_shared": place.is_ext_shared,
		"is_ext_shared": place.is_ext_shared,
		"is_org_shared": False,
		"shared_team_ids": teams,
		"context_team_id": TEAM,
		"creator": next(iter(place.members), ""),
		"topic": {"value": "", "creator": "", "last_set": 0},
		"purpose": {"value": "", "creator": "", "last_set": 0},
	}


@method("users.conversations", "channels:read", "groups:read", per_minute=TIER_3)
def users_conversations(slack, arguments: dict) -> dict:
	"""Channels of which the app is a member, of the types that were asked for: of each it needs the scope."""
	types = str(arguments.get("types") or "public_channel").split(",")
	for kind in types:
		if kind not in TYPES:
			raise Refusal("invalid_types")
		need(slack, TYPES[kind])
	wanted = {"public_channel": False, "private_channel": True}
	found = [
		place
		for place in slack.channels.values()
		if place.is_member and place.is_private in [wanted[kind] for kind in types]
		if not (place.is_archived and is_true(arguments.get("exclude_archived")))
	]
	return _channels(found, arguments)


def _channels(found: list[Channel], arguments: dict) -> dict:
	"""A page of them, and the cursor of the next or nothing."""
	size = int(arguments.get("limit") or 100)
	if not 0 < size <= 999:
		raise Refusal("invalid_limit")
	ids = [place.id for place in found]
	start = ids.index(arguments["cursor"]) if arguments.get("cursor") in ids else 0
	following = ids[start + size] if start + size < len(ids) else ""
	shown = [_shown_channel(place) for place in found[start : start + size]]
	return {"channels": shown, "response_metadata": {"next_cursor": following}}


@method(
	"conversations.info",
	"channels:read",
	"groups:read",
	per_minute=TIER_3,
	required={"channel": "channel_not_found"},
)
def conversations_info(slack, arguments: dict) -> dict:
	place = channel_of(slack, arguments)
	need(slack, f"{place.type}s:read")
	channel = {**_shown_channel(place), "is_member": place.is_member}
	if is_true(arguments.get("include_num_members")):
		channel["num_members"] = len(place.members)
	return {"channel": channel}


def _readable(slack, arguments: dict) -> Channel:
	place = channel_of(slack, arguments)
	need(slack, f"{place.type}s:history")
	if not place.is_member:
		raise Refusal("not_in_channel")
	return place


@method(
	"conversations.replies",
	"channels:history",
	"groups:history",
	per_minute=TIER_3,
	required={"channel": "channel_not_found", "ts": "thread_not_found"},
)
def conversations_replies(slack, arguments: dict) -> dict:
	"""The oldest first; the parent stands in front of every page, whatever the times ask for. A reply's ``ts`` finds that
	reply alone.
	"""
	place = _readable(slack, arguments)
	parent = place.messages.get(arguments["ts"])
	if not parent:
		raise Refusal("thread_not_found")
	replies = _within(place.replies(parent["ts"]), arguments)
	page, more = _page(replies, arguments, 1000)
	return _messages(slack, place, [parent, *page], arguments, more)


@method(
	"conversations.history",
	"channels:history",
	"groups:history",
	per_minute=TIER_3,
	required={"channel": "channel_not_found"},
)
def conversations_history(slack, arguments: dict) -> dict:
	"""The newest first, without replies."""
	place = _readable(slack, arguments)
	found = _within(slack.messages(place.id), arguments)
	page, more = _page(found[::-1], arguments, 999, 100)
	return _messages(slack, place, page, arguments, more)


def _within(messages: list[dict], arguments: dict) -> list[dict]:
	oldest, latest = (arguments.get(name) or "" for name in ("oldest", "latest"))
	for name, value in (("oldest", oldest), ("latest", latest)):
		if value and not str(value).replace(".", "", 1).isdigit():
			raise Refusal(f"invalid_ts_{name}")
	is_inclusive = is_true(arguments.get("inclusive"))
	exact = {ts for ts in (oldest, latest) if TS.fullmatch(str(ts))}
	low, high = float(oldest or 0), float(latest or "inf")
	return [
		message
		for message in messages
		if (low < float(message["ts"]) < high and message["ts"] not in exact)
		or (is_inclusive and message["ts"] in exact)
	]


def _page(messages: list[dict], arguments: dict, most: int, usual: int = 0) -> tuple[list[dict], str]:
	"""One page, and the cursor of the next or nothing."""
	size = int(arguments.get("limit") or usual or most)
	if not 0 < size <= most:
		raise Refusal("invalid_limit")
	start = _start(messages, arguments.get("cursor"))
	rest = messages[start + size :]
	return messages[start : start + size], rest[0]["ts"] if rest else ""


def _start(messages: list[dict], cursor: str | None) -> int:
	if not cursor:
		return 0
	try:
		ts = base64.b64decode(cursor, validate=True).decode().removeprefix("next_ts:")
		return [message["ts"] for message in messages].index(ts)
	except ValueError:
		raise Refusal("invalid_cursor") from None


def _messages(slack, place: Channel, page: list[dict], arguments: dict, next_ts: str) -> dict:
	is_whole = is_true(arguments.get("include_all_metadata"))
	answer = {"messages": [slack.shown(place, m, is_whole) for m in page], "has_more": bool(next_ts)}
	if next_ts:
		cursor = base64.b64encode(f"next_ts:{next_ts}".encode()).decode()
		answer["response_metadata"] = {"next_cursor": cursor}
	return answer
