"""What an act of verification came to, as data: a thrown error would roll its counters back."""

from dataclasses import dataclass, field
from datetime import datetime

SENT = "sent"
VERIFIED = "verified"
UNREADABLE = "unreadable"
MISMATCH = "mismatch"
WRONG = "wrong"
WAIT = "wait"
LIMITED = "limited"
LOCKED = "locked"
REVOKED = "revoked"
EXPIRED = "expired"
SUPERSEDED = "superseded"
USED = "used"
SPENT = "spent"
MISSING = "missing"
UNAVAILABLE = "unavailable"
UNFINISHED = "unfinished"
REFUSED = "refused"

HTTP_STATUS = {
	SENT: 200,
	VERIFIED: 200,
	UNREADABLE: 422,
	MISMATCH: 422,
	WRONG: 422,
	WAIT: 429,
	LIMITED: 429,
	LOCKED: 429,
	REVOKED: 404,
	EXPIRED: 410,
	SUPERSEDED: 410,
	USED: 410,
	SPENT: 410,
	MISSING: 410,
	UNAVAILABLE: 409,
	UNFINISHED: 400,
	REFUSED: 403,
}


@dataclass(frozen=True)
class Outcome:
	"""``message`` is a whole translated sentence or two, to be shown as it is.

	``kind`` is one of the constants of this module; the page chooses by it what to show next. ``retry_after`` is
	the number of seconds until the same act may succeed. ``tries_left`` comes with ``wrong`` only.
	``user`` comes with ``verified`` by a sign-in. ``session_token`` and ``expires`` come with ``verified`` only: the cookie's value (64 hexadecimal characters,
	stored nowhere) and its end in naive UTC, None for a cookie that ends with the browser.
	"""

	kind: str
	message: str
	retry_after: int | None = None
	tries_left: int | None = None
	session_token: str | None = field(default=None, repr=False)
	expires: datetime | None = None
	user: str | None = None

	@property
	def http_status(self) -> int:
		return HTTP_STATUS[self.kind]

	@property
	def is_success(self) -> bool:
		return self.kind in (SENT, VERIFIED)
