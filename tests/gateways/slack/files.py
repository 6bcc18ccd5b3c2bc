"""Files: what people and the app have uploaded, files.*, and the addresses of the bytes.

https://docs.slack.dev/messaging/working-with-files
"""

import mimetypes
import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from tests.gateways.slack.api import TIER_3, TIER_4, Refusal, decoded, method, need
from tests.gateways.slack.chat import bot_message, channel_of, thread_of
from tests.gateways.slack.workspace import BOT_USER, DOMAIN, TEAM, Channel, new_id

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"
UPLOADS = "/upload/v1/"
DOWNLOADS = "/files-pri/"


class FileStore:
	"""``files`` by their ids as files.info shows them, ``contents`` their bytes, ``tickets`` the uploads under way. ``meanwhile`` is called at each
	download, as if that took its time.
	"""

	def open_files(self) -> None:
		self.tickets: dict[str, dict] = {}
		self.meanwhile: Callable[[], object] = lambda: None

	@property
	def files_url(self) -> str:
		return self.url

	@property
	def uploaded(self) -> list[dict]:
		"""What the app has uploaded and not deleted."""
		return [
			file for file in self.files.values() if file["user"] == BOT_USER and file["mode"] != "tombstone"
		]

	def add_file(self, user: str, name: str, content: bytes, mimetype: str = "", file: str = "") -> dict:
		file, at = file or new_id("F"), int(time.time())
		kind = mimetype or mimetypes.guess_type(name)[0] or "application/octet-stream"
		address = f"{self.files_url}/files-pri/{TEAM}-{file}"
		self.contents[file] = content
		self.files[file] = {
			"id": file,
			"created": at,
			"timestamp": at,
			"name": name,
			"title": name,
			"mimetype": kind,
			"filetype": name.rpartition(".")[2],
			"pretty_type": kind,
			"user": user,
			"user_team": self.users[user]["team_id"],
			"mode": "hosted",
			"size": len(content),
			"is_external": False,
			"is_public": False,
			"file_access": "visible",
			"url_private": f"{address}/{name}",
			"url_private_download": f"{address}/download/{name}",
			"permalink": f"https://{DOMAIN}.slack.com/files/{user}/{file}/{name}",
			"channels": [],
			"groups": [],
			"shares": {},
		}
		return self.files[file]

	def share(self, file: dict, place: Channel, message: dict) -> dict:
		"""The file as the message shows it, which does not say where else it is shared."""
		kind = "private" if place.is_private else "public"
		share = {
			"ts": message["ts"],
			"channel_name": place.name,
			"team_id": TEAM,
			"share_user_id": file["user"],
		}
		if "thread_ts" in message:
			share["thread_ts"] = message["thread_ts"]
		file["shares"].setdefault(kind, {}).setdefault(place.id, []).append(share)
		file["groups" if place.is_private else "channels"].append(place.id)
		file["is_public"] = not place.is_private
		return {k: v for k, v in file.items() if k not in ("shares", "channels", "groups")}

	def bury(self, file: dict, is_echo: bool = False) -> None:
		"""Deletes a file: its messages say so, and who sees one of its channels is told."""
		self._announce_deletion(file, is_echo)
		self.expire(file, is_echo)

	def expire(self, file: dict, is_echo: bool = False) -> None:
		"""What the workspace's retention does: nobody is told but by the file's messages."""
		file["mode"] = "tombstone"
		for place in (self.channels[name] for name in [*file["channels"], *file["groups"]]):
			for message in list(place.messages.values()):
				if any(shared["id"] == file["id"] for shared in message.get("files", [])):
					self._bury_in(place, message, file["id"], is_echo)

	def _announce_deletion(self, file: dict, is_echo: bool) -> None:
		"""https://docs.slack.dev/reference/events/file_deleted"""
		places = [*file["channels"], *file["groups"]]
		if "files:read" in self.scopes and any(self.channels[place].is_member for place in places):
			event = {"type": "file_deleted", "file_id": file["id"], "channel_ids": places}
			self.announce(event | {"event_ts": self.next_ts()}, is_echo=is_echo)

	def _bury_in(self, place: Channel, message: dict, file: str, is_echo: bool) -> None:
		before = self.shown(place, message)
		graves = {file: {"id": file, "mode": "tombstone"}}
		message["files"] = [graves.get(shared["id"], shared) for shared in message["files"]]
		self.announce(self.changed_event(place, message, before), place, is_echo)

	def answer_upload(self, path: str, body: bytes) -> tuple[int, str, dict]:
		"""Each address takes the announced number of bytes once, without a token."""
		ticket = self.tickets.get(path.removeprefix(UPLOADS))
		if not ticket or "body" in ticket:
			return 404, "Not found", {}
		if len(body) != ticket["length"]:
			return 400, "Wrong length", {}
		ticket["body"] = body
		return 200, f"OK - {len(body)}", {}

	def answer_download(self, request) -> tuple[int, str | bytes, dict]:
		"""Who has no token that may read files is sent to the sign-in page."""
		parts = urlsplit(request.path)
		file = self.files.get(parts.path.removeprefix(DOWNLOADS).partition("/")[0].partition("-")[2])
		is_allowed = request.headers.get("Authorization") == f"Bearer {self.token}"
		if not is_allowed or self.token_error or "files:read" not in self.scopes:
			return 302, "", {"Location": f"{self.files_url}/?redir={quote(parts.path, safe='')}"}
		if not file or file["mode"] == "tombstone":
			return 404, "Not found", {"Content-Type": "text/html"}
		self.meanwhile()
		kind = {"Content-Type": file["mimetype"]}
		disposition = f"attachment; filename*=UTF-8''{quote(file['name'])}"
		return 200, self.contents[file["id"]], kind | {"Content-Disposition": disposition}


@method(
	"files.getUploadURLExternal",
	"files:write",
	per_minute=TIER_4,
	required={"filename": "", "length": ""},
	takes_json=False,
)
def get_upload_url(slack, arguments: dict) -> dict:
	length = str(arguments["length"])
	if not length.isdigit() or not int(length):
		raise Refusal("missing_argument")
	if len(arguments.get("alt_txt") or "") > 1000:
		raise Refusal("alt_txt_too_large")
	file = new_id("F")
	slack.tickets[file] = {"name": arguments["filename"], "length": int(length)}
	return {"upload_url": f"{slack.files_url}{UPLOADS}{file}", "file_id": file}


@method("files.completeUploadExternal", "files:write", per_minute=TIER_4, required={"files": ""})
def complete_upload(slack, arguments: dict) -> dict:
	"""The answer does not say yet where the files are shared; files.info does."""
	wanted = decoded(arguments["files"], "invalid_arguments")
	if not isinstance(wanted, list) or not all(isinstance(file, dict) and "id" in file for file in wanted):
		raise Refusal("invalid_arguments")
	if any("body" not in slack.tickets.get(file["id"], {}) for file in wanted):
		raise Refusal("file_not_found")
	if arguments.get("username"):
		need(slack, "chat:write.customize")
	place = _sharing_channel(slack, arguments)
	thread_ts = thread_of(place, arguments) if place else None
	done = [_finish(slack, file) for file in wanted]
	answer = [{**file, "shares": {}, "channels": [], "groups": []} for file in done]
	if place:
		_share(slack, place, thread_ts, done, arguments)
	return {"files": answer}


def _sharing_channel(slack, arguments: dict) -> Channel | None:
	if not arguments.get("channel_id"):
		return None
	place = channel_of(slack, arguments, "channel_id")
	if not place.is_member:
		raise Refusal("not_in_channel")
	if place.is_archived:
		raise Refusal("posting_to_channel_denied")
	return place


def _finish(slack, wanted: dict) -> dict:
	ticket = slack.tickets.pop(wanted["id"])
	file = slack.add_file(BOT_USER, ticket["name"], ticket["body"], file=wanted["id"])
	file["title"] = wanted.get("title") or ticket["name"]
	return file


def _share(slack, place: Channel, thread_ts: str | None, files: list[dict], arguments: dict) -> None:
	text = arguments.get("initial_comment") or ""
	message = bot_message(text, arguments.get("username")) | {"subtype": "file_share", "upload": False}
	slack.store(place, message, thread_ts)
	message["files"] = [slack.share(file, place, message) for file in files]
	slack.record({"to": place.id, "text": text, "fields": arguments, "ts": message["ts"]})
	slack.announce(slack.message_event(place, message), place, is_echo=True)


def _known(slack, file: str) -> dict:
	if file not in slack.files:
		raise Refusal("file_not_found")
	if slack.files[file]["mode"] == "tombstone":
		raise Refusal("file_deleted")
	return slack.files[file]


@method("files.info", "files:read", per_minute=TIER_4, required={"file": "file_not_found"})
def files_info(slack, arguments: dict) -> dict:
	file = _known(slack, arguments["file"])
	places = [slack.channels[name] for name in [*file["channels"], *file["groups"]]]
	if file["user"] != BOT_USER and not any(place.is_member for place in places):
		raise Refusal("not_visible")
	return {"file": file, "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", "files:write", per_minute=TIER_3, required={"file": "file_not_found"})
def files_delete(slack, arguments: dict) -> dict:
	"""Of a file that was shared its messages keep a tombstone."""
	file = _known(slack, arguments["file"])
	if file["user"] != BOT_USER:
		raise Refusal("cant_delete_file")
	slack.bury(file, is_echo=True)
	return {}
