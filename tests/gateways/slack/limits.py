"""Rate limits: https://docs.slack.dev/apis/web-api/rate-limits"""

import math
import time

from tests.gateways.slack.api import METHODS

POSTING = "chat.postMessage"


class Bucket:
	"""Holds ``size`` calls and gets ``per_second`` back."""

	def __init__(self, size: float, per_second: float):
		self.size, self.per_second = size, per_second
		self.left, self.at = float(size), time.monotonic()

	def wait(self) -> float:
		"""Seconds until a call is free; 0 takes it."""
		now = time.monotonic()
		self.left = min(self.size, self.left + (now - self.at) * self.per_second)
		self.at = now
		if self.left < 1:
			return (1 - self.left) / self.per_second
		self.left -= 1
		return 0


class Limits:
	"""``burst`` posts at once into one channel, then ``posts_per_second``; other methods by their tier.

	``refused`` counts the 429 that a caller has provoked, ``impatient`` the calls of a method before the
	``Retry-After`` of its last 429 was over.
	"""

	def open_limits(self) -> None:
		self.is_limited = True
		self.burst = 3
		self.posts_per_second = 1.0
		self.retry_after = 1  # seconds, at least; and what a 429 storm asks for
		self.refused = 0
		self.impatient = 0
		self.buckets: dict[tuple[str, str], Bucket] = {}
		self.closed_until: dict[str, float] = {}

	def note_patience(self, method: str) -> None:
		if time.monotonic() < self.closed_until.get(method, 0):
			self.impatient += 1

	def wait_of(self, method: str, arguments: dict) -> int:
		"""Whole seconds that the caller has to wait; 0 lets the call through."""
		if not self.is_limited:
			return 0
		seconds = self._bucket(method, str(arguments.get("channel"))).wait()
		if not seconds:
			return 0
		self.refused += 1
		return max(self.retry_after, math.ceil(seconds))

	def close(self, method: str, seconds: float) -> None:
		self.closed_until[method] = time.monotonic() + seconds

	def _bucket(self, method: str, channel: str) -> Bucket:
		key = (method, channel if method == POSTING else "")
		if key not in self.buckets:
			size = METHODS[method].per_minute
			is_post = method == POSTING
			self.buckets[key] = (
				Bucket(self.burst, self.posts_per_second) if is_post else Bucket(size, size / 60)
			)
		return self.buckets[key]
