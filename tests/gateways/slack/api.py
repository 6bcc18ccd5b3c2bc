"""What all methods of the Web API share: who may call them with what, and how they refuse.

https://docs.slack.dev/apis/web-api and https://docs.slack.dev/authentication
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

TOKEN = "xoxb-1111111111-2222222222-abcdefghijklmnopqrstuvwx"
SCOPES = {
	"channels:history",
	"channels:read",
	"chat:write",
	"chat:write.customize",
	"files:read",
	"files:write",
	"groups:history",
	"groups:read",
	"users:read",
	"users:read.email",
}
TIER_3, TIER_4, SPECIAL = 50, 100, 600  # calls a minute: https://docs.slack.dev/apis/web-api/rate-limits


class Refusal(Exception):
	"""An ``ok: false``; ``more`` stands beside the error."""

	def __init__(self, error: str, **more):
		super().__init__(error)
		self.answer = {"ok": False, "error": error, **more}


@dataclass(frozen=True)
class Method:
	"""``scopes``: the token needs one of them. ``required`` are arguments, with the error that their absence is."""

	call: Callable
	scopes: tuple[str, ...]
	per_minute: int
	required: dict[str, str]
	takes_json: bool


METHODS: dict[str, Method] = {}


def method(
	name: str, *scopes: str, per_minute: int, required: dict[str, str] | None = None, takes_json: bool = True
):
	def register(call):
		METHODS[name] = Method(call, scopes, per_minute, required or {}, takes_json)
		return call

	return register


def invalid_arguments(*messages: str) -> Refusal:
	texts = [f"[ERROR] {message}" for message in messages]
	return Refusal("invalid_arguments", response_metadata={"messages": texts})


def need(slack, *scopes: str) -> None:
	"""Refuses unless the token has one of the scopes."""
	if scopes and not slack.scopes.intersection(scopes):
		raise Refusal("missing_scope", needed=",".join(scopes), provided=",".join(sorted(slack.scopes)))


def authorise(slack, headers, arguments: dict) -> None:
	kind, _, token = (headers.get("Authorization") or "").partition(" ")
	token = token if kind == "Bearer" else arguments.pop("token", "")
	if not token:
		raise Refusal("not_authed")
	if token != slack.token:
		raise Refusal("invalid_auth")
	if slack.token_error:
		raise Refusal(slack.token_error)


def arguments_of(headers, query: str, body: bytes) -> dict:
	"""Of the body, JSON or a form, over those of the address."""
	arguments = dict(parse_qsl(query, keep_blank_values=True))
	kind, _, charset = (headers.get("Content-Type") or "").partition(";")
	if not body:
		return arguments
	if charset.strip() and charset.strip().lower() not in ("charset=utf-8", "charset=iso-8859-1"):
		raise Refusal("invalid_charset")
	if kind == "application/x-www-form-urlencoded":
		return arguments | dict(parse_qsl(body.decode(), keep_blank_values=True))
	if kind != "application/json":
		raise Refusal("invalid_post_type" if kind else "missing_post_type")
	return arguments | _json_object(body)


def _json_object(body: bytes) -> dict:
	try:
		found = json.loads(body)
	except ValueError:
		raise Refusal("invalid_json") from None
	if not isinstance(found, dict):
		raise Refusal("json_not_object")
	return found


def check_required(found: Method, arguments: dict) -> None:
	missing = [name for name in found.required if arguments.get(name) in (None, "")]
	if missing and found.required[missing[0]]:
		raise Refusal(found.required[missing[0]])
	if missing:
		raise invalid_arguments(*(f"missing required field: {name}" for name in missing))


def is_true(value: object) -> bool:
	"""Forms carry truth as 1 or true."""
	return value in (True, 1, "1", "true", "True")


def decoded(value: object, error: str) -> object:
	"""A structure that a form carries as JSON."""
	if not isinstance(value, str):
		return value
	try:
		return json.loads(value)
	except ValueError:
		raise Refusal(error) from None
