"""The loopback server: the Web API under ``/api/``, uploads, downloads and response addresses."""

import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.gateways.server import HttpServer
from tests.gateways.slack import chat, files, reading  # noqa: F401 - they register their methods
from tests.gateways.slack.api import (
	METHODS,
	SCOPES,
	TOKEN,
	Refusal,
	arguments_of,
	authorise,
	check_required,
	need,
)
from tests.gateways.slack.clicks import Clicks
from tests.gateways.slack.events import Events
from tests.gateways.slack.limits import Limits
from tests.gateways.slack.people import People
from tests.gateways.slack.workspace import Workspace

JSON = {"Content-Type": "application/json; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Call:
	"""One call of the Web API, or an ``upload`` or ``download``; ``at`` is of the monotonic clock. ``answer`` is empty where there was no answer to see."""

	method: str
	arguments: dict
	at: float
	answer: dict = field(default_factory=dict)

	@property
	def error(self) -> str:
		return self.answer.get("error", "")


@dataclass
class Failure:
	error: str
	times: int
	is_taken: bool
	retry_after: int


class Slack(People, Clicks, files.FileStore, Events, Limits, Workspace, HttpServer):
	"""A workspace with the app in it.

	Modes: ok; 500 and 429 (nothing is taken); hang and drop (taken, and no answer). ``stop`` and ``start`` are an outage
	in which connections are refused. ``fail`` is for single calls. ``in_between`` is the status with which a proxy answers
	all calls in Slack's place; a message that has one of ``fail_texts`` in it is always answered with 500. ``retry_after_header`` is what 429
	says in place of the seconds, ``errors_without_status`` what posting is answered with by 200 and an error alone.
	"""

	takes_bytes = True

	def __init__(self):
		self.token = TOKEN
		self.token_error = ""
		self.in_between = 0
		self.fail_texts: set[str] = set()
		self.retry_after_header: str | None = None
		self.errors_without_status: set[str] = set()
		self.scopes = set(SCOPES)
		self.calls: list[Call] = []
		self.responses: list[dict] = []  # what was posted to the response_url of a click
		self.failures: dict[str, list[Failure]] = {}
		self.found()
		self.triage = self.add_channel("triage")
		self.open_files()
		self.open_events()
		self.open_limits()
		super().__init__()

	def fail(
		self, method: str, error: str, times: int = 1, is_taken: bool = False, retry_after: int = 1
	) -> None:
		"""What the next ``times`` calls of a method, of ``upload`` or of ``download`` get: an error of Slack's, ``ratelimited`` (429), ``500``, ``hang`` or
		``drop``. The last two have taken the call before, the others where ``is_taken``.
		"""
		is_taken = is_taken or error in ("hang", "drop")
		self.failures.setdefault(method, []).append(Failure(error, times, is_taken, retry_after))

	def calls_of(self, method: str) -> list[Call]:
		return [call for call in self.calls if call.method == method]

	def respond(self, request, body: bytes):
		path = urlsplit(request.path).path
		if self.in_between:
			return self.in_between, "<html><body>A proxy</body></html>", HTML
		if path.startswith("/api/"):
			return self._answer_call(request, path.removeprefix("/api/"), body)
		if path.startswith(files.DOWNLOADS):
			return self._answer_bytes(request, "download", lambda: self.answer_download(request))
		if path.startswith(files.UPLOADS) and request.command == "POST":
			return self._answer_bytes(request, "upload", lambda: self.answer_upload(path, body))
		if path.startswith("/actions/") and request.command == "POST":
			self.responses.append({"path": path, **json.loads(body)})
			return 200, "ok", HTML
		return (200, files.LOGIN_PAGE, HTML) if path == "/" else (404, "Not found", HTML)

	def _answer_call(self, request, name: str, body: bytes):
		call = Call(name, {}, time.monotonic())
		self.calls.append(call)
		with self.lock:
			self.note_patience(name)
			try:
				call.arguments = arguments_of(request.headers, urlsplit(request.path).query, body)
				if self.mode in ("500", "429"):
					return self._broken() if self.mode == "500" else self._ratelimited(call, self.retry_after)
				return self._take(request, call)
			except Refusal as refusal:
				return self._told(call, refusal.answer)

	def _answer_bytes(self, request, name: str, answer):
		"""Uploads and downloads are no methods, but are recorded and fail like them."""
		call = Call(name, {"path": request.path}, time.monotonic())
		self.calls.append(call)
		if self.mode == "500":
			return self._broken()
		failure = self._next_failure(name)
		found = None if failure and not failure.is_taken else answer()
		return self._failed(request, call, failure) if failure else found

	def _take(self, request, call: Call):
		"""Token, method, scopes, limits, arguments."""
		authorise(self, request.headers, call.arguments)
		if call.method not in METHODS:
			raise Refusal("unknown_method", req_method=call.method)
		failure = self._next_failure(call.method)
		if failure and not failure.is_taken:
			return self._failed(request, call, failure)
		if call.method == "chat.postMessage" and self.errors_without_status:
			return self._told(call, {"ok": False, "error": min(self.errors_without_status)})
		if any(text in str(call.arguments.get("text")) for text in self.fail_texts):
			return self._broken()
		answer = self._carry_out(request, call)
		return self._failed(request, call, failure) if failure else answer

	def _carry_out(self, request, call: Call):
		method = METHODS[call.method]
		need(self, *method.scopes)
		wait = self.wait_of(call.method, call.arguments)
		if wait:
			return self._ratelimited(call, wait)
		is_json = (request.headers.get("Content-Type") or "").startswith("application/json")
		arguments = {} if is_json and not method.takes_json else call.arguments
		check_required(method, arguments)
		return self._told(call, {"ok": True, **method.call(self, arguments)})

	def _next_failure(self, method: str) -> Failure | None:
		for failure in self.failures.get(method, []):
			if failure.times:
				failure.times -= 1
				return failure
		return None

	def _failed(self, request, call: Call, failure: Failure):
		if failure.error in ("hang", "drop"):
			request.own_mode = failure.error
		if failure.error == "ratelimited":
			return self._ratelimited(call, failure.retry_after)
		if failure.error in ("500", "hang", "drop"):
			return self._broken()
		return self._told(call, {"ok": False, "error": failure.error})

	def _ratelimited(self, call: Call, seconds: int):
		self.close(call.method, seconds)
		_, body, headers = self._told(call, {"ok": False, "error": "ratelimited"})
		told = str(seconds) if self.retry_after_header is None else self.retry_after_header
		return 429, body, headers | ({"Retry-After": told} if told else {})

	def _told(self, call: Call, answer: dict):
		call.answer = answer
		accepted = METHODS[call.method].scopes if call.method in METHODS else ()
		scopes = {
			"x-oauth-scopes": ",".join(sorted(self.scopes)),
			"x-accepted-oauth-scopes": ",".join(accepted),
		}
		is_known = answer.get("error") not in ("not_authed", "invalid_auth")
		return 200, json.dumps(answer), JSON | (scopes if is_known else {})

	def _broken(self):
		return 500, "<html><body>Server Error</body></html>", HTML
