"""A call of Slack's Web API, through Slack's own package. https://docs.slack.dev/apis/web-api"""

import logging
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request

from frappe import _
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from customer_portal import settings
from customer_portal.integrations.failures import SendFailure, TemporaryFailure, UnknownResult
from customer_portal.integrations.slack import errors, patience

HOST = "https://slack.com"
NOT_SENT = (ConnectionRefusedError, socket.gaierror, ssl.SSLError)
_quiet = logging.getLogger(f"{__name__}.quiet")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False  # slack_sdk logs failures, which are told by ours


def call(method: str, **arguments) -> SlackResponse:
	"""Raises ``TemporaryFailure`` (of which ``errors.Shut`` is one), ``PermanentFailure`` (``errors.Refused``) or
	``UnknownResult``, as ``integrations.failures`` defines them.
	"""
	known = token()
	if not known:
		raise errors.Shut(
			errors.WORKSPACE,
			"not_authed",
			_("There is no bot token of Slack in Customer Portal Settings."),
			errors.WORKSPACE_PAUSE_SECONDS,
		)
	if seconds := patience.left(method):
		raise TemporaryFailure(_("Slack has too many requests from us at the moment."), seconds)
	try:
		return _client(known).api_call(method, **{_form_of(method): arguments})
	except SlackApiError as error:
		raise _failure_of(method, error) from None
	except URLError as error:
		raise _unreached(error) from None
	except (OSError, HTTPException, ValueError, SlackClientError) as error:
		raise UnknownResult(_("Slack did not answer in time.")) from error


def token() -> str:
	"""The bot's; empty where there is none."""
	return settings.get().get_password("slack_bot_token", raise_exception=False) or ""


def base() -> str:
	"""Of the API: Slack's, or the one in the settings, without a slash at its end."""
	return (settings.get().slack_api_base or HOST).rstrip("/")


def _form_of(method: str) -> str:
	"""Methods that only read take their arguments as a form. https://docs.slack.dev/apis/web-api/#post_bodies"""
	return "json" if method.startswith("chat.") or method == "files.completeUploadExternal" else "data"


class _Client(WebClient):
	"""Its token stays with the host that it is meant for: ``urllib`` hands all headers on where it is redirected to."""

	def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict:
		req.add_unredirected_header("Authorization", req.headers.pop("Authorization", ""))
		return super()._perform_urllib_http_request_internal(url, req)


def _client(known: str) -> WebClient:
	"""Without its own attempts: an attempt that broke off may have posted."""
	return _Client(
		known,
		base_url=f"{base()}/api/",
		timeout=settings.number("provider_timeout_seconds"),
		retry_handlers=[],
		logger=_quiet,
	)


def _failure_of(method: str, error: SlackApiError) -> SendFailure:
	answer: SlackResponse = error.response
	data = answer.data if isinstance(answer.data, dict) else {}
	failure = errors.failure_of(
		str(data.get("error") or ""), answer.status_code, _retry_after(answer.headers)
	)
	if isinstance(failure, TemporaryFailure) and failure.retry_after and not isinstance(failure, errors.Shut):
		patience.note(method, failure.retry_after)
	return failure


def _retry_after(headers: Mapping[str, str]) -> int | None:
	given = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
	return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _unreached(error: URLError) -> Exception:
	if isinstance(error.reason, NOT_SENT):
		return TemporaryFailure(_("Slack could not be reached."))
	return UnknownResult(_("Slack did not answer in time."))
