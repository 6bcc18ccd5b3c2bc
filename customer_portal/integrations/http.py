"""One HTTP request to a provider, with time limits, whose every bad end is a named failure."""

from dataclasses import dataclass

import requests
from frappe import _
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from customer_portal.integrations.failures import PermanentFailure, TemporaryFailure, UnknownResult

CONNECT_SECONDS = 3.05  # just above the 3 s in which TCP sends a lost first packet again
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
	"""Redirects are not followed, so that credentials stay with the host they were meant for.

	Raises ``TemporaryFailure`` when the request certainly did not arrive, ``UnknownResult`` when it may have.
	"""
	try:
		with requests.request(
			method,
			url,
			timeout=(CONNECT_SECONDS, read_seconds),
			allow_redirects=False,
			stream=True,
			**options,
		) as response:
			text = response.raw.read(LARGEST_ANSWER, decode_content=True).decode("utf-8", "replace")
			return Answer(response.status_code, text, dict(response.headers))
	except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as error:
		raise TemporaryFailure(_("The provider could not be reached.")) from error
	except requests.ConnectionError as error:
		raise _failure_of(error) from error
	except INVALID as error:
		raise PermanentFailure(_("The provider's address is not a valid web address.")) from error
	except (requests.RequestException, OSError, HTTPError) as error:
		raise UnknownResult(_("The provider did not answer in time.")) from error


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
