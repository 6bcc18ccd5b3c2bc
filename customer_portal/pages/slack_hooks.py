"""What Slack tells us, at addresses that only Slack can use: each request is signed with the app's signing secret.

Slack waits three seconds for the answer (https://docs.slack.dev/apis/events-api/#responding): a request is stored, and
what it asks for is done by a job. No cookie, no form token, no page: strangers get 401.
"""

import json
from urllib.parse import parse_qs

from werkzeug.wrappers import Request, Response

from customer_portal.exceptions import FormTooLarge, PortalError, SlackNotSigned
from customer_portal.integrations.slack import signature
from customer_portal.pages import headers
from customer_portal.slack import inbox

PATH = "/portal/hooks/slack/"
LARGEST_BODY = 1024 * 1024  # bytes; a message of 40,000 signs comes several times in one event
TIMESTAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


def take_event(request: Request, _starred: tuple[str, ...]) -> Response:
	"""Raises ``SlackNotSigned`` before anything is read or written, and ``PortalError`` for what is no event."""
	body, signed = _signed(request)
	event = _read(body)
	inbox.take_event(event, signed)
	if event.get("type") == "url_verification":
		return Response(
			str(event.get("challenge") or "")[:1000], headers=headers.SECURITY, mimetype="text/plain"
		)
	return Response(headers=headers.SECURITY)


def take_action(request: Request, _starred: tuple[str, ...]) -> Response:
	"""A press of a button in one of our posts. Raises what ``take_event`` raises."""
	body, signed = _signed(request)
	try:
		fields = parse_qs(body.decode("ascii"), errors="strict", max_num_fields=5)
		action = _read((fields.get("payload") or [""])[0])
	except ValueError as error:
		raise PortalError from error
	inbox.take_action(action, signed)
	return Response(headers=headers.SECURITY)


def refuse_unsigned(request: Request) -> None:
	"""For a body that Frappe could not read, before this page was asked. Raises ``SlackNotSigned``."""
	if request.path.startswith(PATH):
		_signed(request)


def is_readable(request: Request) -> bool:
	"""Whether it is JSON for one of these addresses, and nothing that Frappe itself fails at, as at halves of signs."""
	try:
		json.dumps(json.loads(request.get_data()), ensure_ascii=False).encode()
	except (ValueError, RecursionError):
		return False
	return request.path.startswith(PATH)


def _signed(request: Request) -> tuple[bytes, str]:
	"""The body as it came, and its signature."""
	body = request.get_data()
	if len(body) > LARGEST_BODY:
		raise FormTooLarge
	given = request.headers.get(SIGNATURE, "")
	if not signature.is_valid(body, request.headers.get(TIMESTAMP, ""), given):
		raise SlackNotSigned
	return body, given


def _read(body: bytes | str) -> dict:
	"""Halves of signs, which cannot be stored, as question marks."""
	try:
		read = json.loads(json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace"))
	except (ValueError, RecursionError) as error:
		raise PortalError from error
	if not isinstance(read, dict):
		raise PortalError
	return read
