"""What a channel is. A new one is a module in this package with one subclass of ``Channel``."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from customer_portal.integrations.failures import (
	PermanentFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
	nothing_is_sent_yet,
)

__all__ = [
	"Channel",
	"Message",
	"PermanentFailure",
	"Receipt",
	"TemporaryFailure",
	"UnexpectedFailure",
	"UnknownResult",
	"available",
	"nothing_is_sent_yet",
	"registry",
	"switched_on",
]


@dataclass(frozen=True)
class Message:
	"""``text`` is all that an SMS has; e-mail has all three.

	``ticket`` threads an e-mail into its ticket. ``reference`` is the same for every attempt at the same message.
	``redacted`` is what a log may keep of the text: no link, no code.
	"""

	subject: str
	text: str
	html: str = ""
	ticket: str = ""
	reference: str = ""
	redacted: str = ""


@dataclass(frozen=True)
class Receipt:
	"""``provider_id`` names the message at the provider; empty when the provider gives none."""

	provider_id: str


class Channel(ABC):
	"""``name`` is stored in rows and shown to agents."""

	name: ClassVar[str]

	def __init_subclass__(cls, **options):
		super().__init_subclass__(**options)
		registry[cls.name] = cls()

	@abstractmethod
	def is_on(self) -> bool:
		"""Whether the admin has switched the channel on."""

	@abstractmethod
	def is_ready(self) -> bool:
		"""Whether everything that sending needs is configured."""

	@abstractmethod
	def send(self, recipient: str, message: Message) -> Receipt:
		"""Sends to an E.164 number or an e-mail address, and returns once the provider has taken the message.

		Raises ``TemporaryFailure``, ``PermanentFailure`` or ``UnknownResult``. Whatever else it raises counts as
		``UnknownResult``, so what comes before the hand-over belongs into ``nothing_is_sent_yet``.
		"""


registry: dict[str, Channel] = {}


def switched_on() -> list[str]:
	return [name for name, channel in registry.items() if channel.is_on()]


def available() -> list[str]:
	"""The channels by which this site can really send."""
	return [name for name, channel in registry.items() if channel.is_on() and channel.is_ready()]
