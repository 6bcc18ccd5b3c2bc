"""A channel made for tests, and messages that no job delivers. Fixtures for conftest."""

import pytest

from customer_portal.channels import base, sms
from customer_portal.channels.base import PHONE, Channel, Message, Receipt, Words
from customer_portal.notifications import wake
from tests import events


class Recording(Channel):
	"""``failures`` are raised one after the other before it works; ``sent`` has what it was given."""

	name = "Recording"

	def __init_subclass__(cls, **options):
		"""A test's own kind of it is no channel of the app either."""

	def __init__(self, name: str = name, kind: str = PHONE, rank: int = 10, rings: bool = True):
		self.name, self.address_kind, self.rank, self.rings = name, kind, rank, rings
		self.failures: list[Exception] = []
		self.sent: list[tuple[str, Message]] = []

	def is_on(self) -> bool:
		return True

	def is_ready(self) -> bool:
		return True

	def compose(self, words: Words) -> Message:
		return Message("", sms.text_of(words), ticket=words.ticket, reference=words.reference)

	def send(self, recipient: str, message: Message) -> Receipt:
		if self.failures:
			raise self.failures.pop(0)
		self.sent.append((recipient, message))
		return Receipt(f"receipt-{len(self.sent)}")


base.registry.pop(Recording.name)


@pytest.fixture
def no_jobs(site, monkeypatch):
	"""No job delivers behind the test's back, and nothing is left of earlier tests."""
	monkeypatch.setattr(wake, "ring", lambda *arguments, **options: None)
	events.clear()
	yield
	events.clear()


@pytest.fixture
def channel(monkeypatch):
	"""Stands in for SMS; rows are written, nothing leaves the machine."""
	recording = Recording("SMS")
	monkeypatch.setitem(base.registry, "SMS", recording)
	return recording
