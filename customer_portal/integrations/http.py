"""One HTTP request to a provider, with time limits, whose every bad end is a named failure.

Requests that follow each other closely share a kept-alive connection: with TLS a new one costs several times as much
as the request. A provider may close an idle connection at any moment; one that it has closed already is seen before
a request is written to it, and replaced. Should it close it in the moment between, nobody can know whether the
request was read (RFC 9112, 9.3.1), so a connection that has rested for ``REST_SECONDS`` is not used again: common
servers wait longer.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
from frappe import _
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from customer_portal.integrations import deadlines
from customer_portal.integrations.failures import PermanentFailure, TemporaryFailure, UnknownResult

CONNECT_SECONDS = 3.05  # just above the 3 s in which TCP sends a lost first packet again
REST_SECONDS = 1
LARGEST_ANSWER = 65536  # bytes
INVALID = (
	requests.exceptions.InvalidHeader,
	requests.exceptions.InvalidSchema,
	requests.exceptions.InvalidURL,
	requests.exceptions.MissingSchema,
)


@dataclass(frozen=True)
class Answer:
	status: int
	text: str
	headers: dict[str, str]


def request(method: str, url: str, read_seconds: float, **options) -> Answer:
	"""Redirects are not followed, so that credentials stay with the host they were meant for. The whole answer must
	have come within ``read_seconds``.

	Raises ``TemporaryFailure`` when the request certainly did not arrive, ``UnknownResult`` when it may have.
	"""
	with _answer(method, url, read_seconds, **options) as response:
		text = response.raw.read(LARGEST_ANSWER, decode_content=True).decode("utf-8", "replace")
		return Answer(response.status_code, text, dict(response.headers))


def download(url: str, read_seconds: float, most: int, **options) -> bytes | None:
	"""The content of up to ``most`` bytes; None for a larger one, and for what is refused or elsewhere.

	Raises what ``request`` raises, and ``TemporaryFailure`` where the server is out of order.
	"""
	with _answer("GET", url, read_seconds, **options) as response:
		if response.status_code >= 500 or response.status_code == 429:
			raise TemporaryFailure(_("The provider is out of order at the moment."))
		content = _whole(response, most) if response.status_code == 200 else None
	return content if content is not None and len(content) <= most else None


def _whole(response: requests.Response, most: int) -> bytes:
	"""Up to a byte more than ``most``; raises where the connection broke before the end."""
	content = b""
	while len(content) <= most and (part := response.raw.read(most + 1 - len(content), decode_content=True)):
		content += part
	return content


@contextmanager
def _answer(method: str, url: str, read_seconds: float, **options) -> Iterator[requests.Response]:
	try:
		with (
			_session() as session,
			session.request(
				method,
				url,
				timeout=(CONNECT_SECONDS, read_seconds),
				allow_redirects=False,
				stream=True,
				**options,
			) as response,
		):
			yield response
	except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
		raise TemporaryFailure(_("The provider could not be reached.")) from error
	except requests.ConnectionError as error:
		raise _failure_of(error) from error
	except INVALID as error:
		raise PermanentFailure(_("The provider's address is not a valid web address.")) from error
	except (requests.RequestException, OSError, HTTPError) as error:
		raise UnknownResult(_("The provider did not answer in time.")) from error


class _Kept(threading.local):
	"""A session for each thread, since Requests does not promise that threads may share one."""

	session: requests.Session | None = None
	used_at = 0.0


_kept = _Kept()


@contextmanager
def _session() -> Iterator[requests.Session]:
	if _kept.session is None:
		_kept.session = requests.Session()
		for scheme in ("http://", "https://"):
			_kept.session.mount(scheme, deadlines.Adapter())
		_kept.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no request knows another
	elif time.monotonic() - _kept.used_at > REST_SECONDS:
		_kept.session.close()  # its connections; the next request opens another
	yield _kept.session
	_kept.used_at = time.monotonic()


def _forget_session() -> None:
	"""A forked process must not write to its parent's connection."""
	_kept.session = None


os.register_at_fork(after_in_child=_forget_session)


def _failure_of(error: requests.ConnectionError) -> TemporaryFailure | UnknownResult:
	"""Requests has one exception for a refused connection and for one that broke after the request."""
	cause = getattr(error.args[0], "reason", None) if error.args else None
	if isinstance(cause, NewConnectionError | ConnectTimeoutError):
		return TemporaryFailure(_("The provider could not be reached."))
	return UnknownResult(_("The provider broke the connection before it answered."))


def retry_after(answer: Answer) -> int | None:
	"""Seconds from a Retry-After header (RFC 9110, 10.2.3); None for a date or nonsense."""
	value = answer.headers.get("Retry-After", "").strip()
	return int(value) if value.isascii() and value.isdigit() else None
