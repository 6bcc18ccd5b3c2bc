"""One way to a provider and back. All that belongs to it is in a cookie of the browser that set out, sealed.

State, nonce and PKCE's verifier are derived from the cookie's secret, so that a state is worth something in that browser
alone. Nothing is stored when somebody sets out; who comes back uses the attempt up in the database.
"""

import base64
import hmac
import json
import re
import secrets
import time
from dataclasses import astuple, dataclass, field

from customer_portal import keys, throttle
from customer_portal.integrations.openid.flow import Secrets

LIFETIME_SECONDS = 600  # time for a second factor
LONGEST = 1500  # characters of a cookie
_SEALED = re.compile(r"([A-Za-z0-9_-]+)\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Attempt:
	"""``provider`` by its name; ``expires_at`` in seconds since 1970."""

	provider: str
	language: str
	expires_at: int
	secret: str = field(repr=False)

	@property
	def secrets(self) -> Secrets:
		return Secrets(*(keys.digest(f"openid-{use}", self.secret) for use in ("state", "nonce", "verifier")))


def make(provider: str, language: str) -> Attempt:
	return Attempt(provider, language, int(time.time()) + LIFETIME_SECONDS, secrets.token_hex(32))


def seal(attempt: Attempt) -> str:
	content = json.dumps(astuple(attempt), separators=(",", ":")).encode()
	text = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
	return f"{text}.{_digest(text)}"


def unseal(cookie: str, provider: str) -> Attempt | None:
	"""The attempt of a cookie that we gave for this provider and that is not too old."""
	match = _SEALED.fullmatch(cookie) if len(cookie) <= LONGEST else None
	if match is None or not hmac.compare_digest(match[2], _digest(match[1])):
		return None
	content = base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4))
	attempt = Attempt(*json.loads(content))
	return attempt if attempt.provider == provider and attempt.expires_at > time.time() else None


def is_state_of(attempt: Attempt, state: str) -> bool:
	return hmac.compare_digest(attempt.secrets.state.encode(), state.encode())


def take(attempt: Attempt) -> bool:
	"""True for the first who comes back with it, ever."""
	return throttle.take_once(throttle.attempt_subject(attempt.secret))


def _digest(text: str) -> str:
	return keys.digest("openid-attempt", text)
