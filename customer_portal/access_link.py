"""A ticket link as data. ``links`` reads and writes it; ``sessions`` and ``otp`` only look at it."""

from dataclasses import dataclass, field
from datetime import datetime

from customer_portal.clock import utc_now


@dataclass(frozen=True)
class AccessLink:
	"""One row of Portal Access Link. Times are naive UTC."""

	name: str
	ticket: str
	version: int
	nonce: str = field(repr=False)
	digest: str = field(repr=False)
	expires_at: datetime | None
	is_revoked: bool
	is_revoked_by_failures: bool
	revoke_reason: str | None
	locked_until: datetime | None
	was_locked: bool
	failures_in_a_row: int
	unlocked_at: datetime | None
	first_opened_at: datetime | None
	last_opened_at: datetime | None
	opens: int
	is_muted: bool

	@property
	def is_expired(self) -> bool:
		return self.expires_at is not None and self.expires_at <= utc_now()

	@property
	def is_live(self) -> bool:
		return not self.is_revoked and not self.is_expired

	@property
	def keeps_sessions(self) -> bool:
		"""Wrong codes end no session; an agent's revocation and expiry end them all."""
		return not self.is_expired and (not self.is_revoked or bool(self.is_revoked_by_failures))

	@property
	def lock_seconds(self) -> int:
		"""Seconds until the lock ends; 0 when there is none."""
		if self.locked_until is None:
			return 0
		return max(0, int((self.locked_until - utc_now()).total_seconds()))
