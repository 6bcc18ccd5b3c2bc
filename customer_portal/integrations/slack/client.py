"""Slack's Web API, through Slack's own package. https://docs.slack.dev/reference/methods

Every function raises ``TemporaryFailure`` (of which ``errors.Shut`` is one), ``PermanentFailure`` (``errors.Refused``)
or ``UnknownResult``, as ``integrations.failures`` defines them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from customer_portal.integrations.slack import api, errors

GONE = "message_not_found"
METADATA = "customer_portal"  # the event_type of what we post
PAGE = 200  # messages that are asked for at once
CHANNELS = "public_channel,private_channel"
CHANNELS_IN_PAGE, MOST_PAGES = 999, 10  # the most that Slack gives at once


@dataclass(frozen=True)
class Identity:
	"""Whom the token is of. ``scopes`` are those that it has."""

	team: str
	team_name: str
	bot_user: str
	bot: str
	scopes: frozenset[str]


@dataclass(frozen=True)
class Channel:
	"""``is_shared``: with another company's workspace (Slack Connect)."""

	id: str
	name: str
	is_member: bool
	is_archived: bool
	is_shared: bool


@dataclass(frozen=True)
class Member:
	"""Somebody in Slack. ``email`` is empty unless Slack has verified it. ``is_foreign``: of another workspace."""

	id: str
	name: str
	email: str
	is_active: bool
	is_bot: bool
	is_guest: bool
	is_foreign: bool


def identity() -> Identity:
	found = api.call("auth.test")
	scopes = (found.headers.get("x-oauth-scopes") or "").split(",")
	return Identity(
		found["team_id"],
		found.get("team") or "",
		found.get("user_id") or "",
		found.get("bot_id") or "",
		frozenset(scope.strip() for scope in scopes if scope.strip()),
	)


def post(
	channel: str,
	text: str,
	*,
	key: str,
	blocks: Sequence[Mapping] = (),
	thread: str | None = None,
	name: str = "",
) -> str:
	"""Posts a message, and returns its ``ts``. ``key`` finds it again (``find``). ``name`` stands in the app's place."""
	arguments = {
		"channel": channel,
		"text": text,
		"metadata": {"event_type": METADATA, "event_payload": {"key": key}},
		"unfurl_links": False,
		"unfurl_media": False,
	}
	optional = {"blocks": list(blocks), "thread_ts": thread, "username": name}
	return api.call("chat.postMessage", **arguments, **{k: v for k, v in optional.items() if v})["ts"]


def update(channel: str, ts: str, text: str, *, key: str, blocks: Sequence[Mapping] = ()) -> None:
	metadata = {"event_type": METADATA, "event_payload": {"key": key}}
	api.call("chat.update", channel=channel, ts=ts, text=text, blocks=list(blocks), metadata=metadata)


def delete(channel: str, ts: str) -> None:
	"""What is not there any more is deleted."""
	try:
		api.call("chat.delete", channel=channel, ts=ts)
	except errors.Refused as refused:
		if refused.code != GONE:
			raise


def whisper(channel: str, user: str, text: str, thread: str | None = None) -> None:
	"""A message that this person alone sees."""
	api.call("chat.postEphemeral", channel=channel, user=user, text=text, thread_ts=thread)


def find(channel: str, key: str, thread: str | None, since: float) -> str | None:
	"""The ``ts`` of what was posted with this key; ``since`` is in Unix seconds. None: it was not."""
	for message in messages(channel, thread, since):
		metadata = message.get("metadata") or {}
		if (metadata.get("event_payload") or {}).get("key") == key:
			return message["ts"]
	return None


def messages(channel: str, thread: str | None, since: float) -> Iterator[Mapping]:
	"""Of a thread, with its parent in front of each page; or of the channel without threads. ``since`` is in Unix seconds."""
	method, where = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
	asked = {
		"channel": channel,
		"include_all_metadata": True,
		"oldest": f"{since:.6f}",
		"limit": PAGE,
		**where,
	}
	cursor: str | None = ""
	while cursor is not None:
		found = api.call(method, **asked, **({"cursor": cursor} if cursor else {}))
		yield from found.get("messages") or ()
		cursor = (found.get("response_metadata") or {}).get("next_cursor") or None


def channel(id_: str) -> Channel:
	found = api.call("conversations.info", channel=id_)["channel"]
	return _channel(found, is_member=bool(found.get("is_member")))


def own_channels() -> list[Channel]:
	"""Those that the app is a member of."""
	found, cursor = [], ""
	for _page in range(MOST_PAGES):
		answer = api.call("users.conversations", types=CHANNELS, limit=CHANNELS_IN_PAGE, cursor=cursor)
		found += [_channel(one, is_member=True) for one in answer["channels"]]
		cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
		if not cursor:
			break
	return found


def member(id_: str, team: str) -> Member | None:
	"""``team`` is our workspace. None: there is nobody of this ID."""
	try:
		return _member(api.call("users.info", user=id_)["user"], team)
	except errors.Refused as refused:
		if refused.code in ("user_not_found", "user_not_visible"):
			return None
		raise


def member_of_address(address: str, team: str) -> Member | None:
	try:
		return _member(api.call("users.lookupByEmail", email=address)["user"], team)
	except errors.Refused as refused:
		if refused.code == "users_not_found":
			return None
		raise


def _channel(found: Mapping, is_member: bool) -> Channel:
	return Channel(
		id=found["id"],
		name=found.get("name") or "",
		is_member=is_member,
		is_archived=bool(found.get("is_archived")),
		is_shared=bool(found.get("is_ext_shared")),
	)


def _member(user: Mapping, team: str) -> Member:
	profile = user.get("profile") or {}
	teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
	return Member(
		id=user["id"],
		name=profile.get("display_name") or profile.get("real_name") or user.get("name") or "",
		email=(profile.get("email") or "") if user.get("is_email_confirmed") else "",
		is_active=not user.get("deleted"),
		is_bot=bool(user.get("is_bot") or user.get("is_workflow_bot")),
		is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
		is_foreign=bool(user.get("is_stranger")) or team not in teams,
	)
