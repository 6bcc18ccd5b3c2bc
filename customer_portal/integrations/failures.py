"""How sending a message can end badly. Each carries a ``reason``: one sentence for the agent, with no secret in it."""

from collections.abc import Iterator
from contextlib import contextmanager


class SendFailure(Exception):
	def __init__(self, reason: str):
		super().__init__(reason)
		self.reason = reason


class TemporaryFailure(SendFailure):
	"""Nothing was sent; the same message may be tried again, after ``retry_after`` seconds where that is known."""

	def __init__(self, reason: str, retry_after: int | None = None):
		super().__init__(reason)
		self.retry_after = retry_after


class UnexpectedFailure(TemporaryFailure):
	"""Something nobody foresaw failed before the message was handed over; known by the name of its kind alone."""

	def __init__(self, error: Exception):
		super().__init__(f"Unexpected {type(error).__name__} before sending")


class PermanentFailure(SendFailure):
	"""Nothing was sent, and trying again would not help."""


class OptedOut(PermanentFailure):
	"""The provider sends nothing to this recipient, who has told it to stop."""


class UnknownResult(SendFailure):
	"""The message was handed over, but no answer came: it may have been sent."""


@contextmanager
def nothing_is_sent_yet() -> Iterator[None]:
	"""For all that comes before a message is handed to a provider: what fails inside may be tried again.

	The cause is dropped: a traceback's variables would hold the link or the code.
	"""
	try:
		yield
	except SendFailure:
		raise
	except Exception as error:  # noqa: BLE001
		raise UnexpectedFailure(error) from None
