"""What a channel is. A new one is a module in this package with one subclass of ``Channel``; see docs/channels.md."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from frappe import _

from customer_portal.integrations.failures import (
	OptedOut,
	PermanentFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
	nothing_is_sent_yet,
)

__all__ = [
	"PHONE",
	"Attachment",
	"Channel",
	"Message",
	"OptedOut",
	"PermanentFailure",
	"Receipt",
	"TemporaryFailure",
	"UnexpectedFailure",
	"UnknownResult",
	"Words",
	"available",
	"nothing_is_sent_yet",
	"ranked",
	"registry",
	"switched_on",
]

PHONE, EMAIL = "SMS", "Email"  # the kinds of address, as ``otp.recipients`` names them


@dataclass(frozen=True)
class Words:
	"""All that a message about a change can say, in the customer's language; each on one line, or empty.

	``headline`` is a whole sentence with ticket and label. ``subject`` is set for news without a change, which the label
	alone does not tell. ``message``, ``next_step``, ``ball`` and ``expected`` are
	the template's and optional. ``reference`` is the same for every attempt at the same message.
	``unsubscribe`` is the address of RFC 8058 for this recipient, ``receipts`` the one to which a provider reports
	what became of the message.
	"""

	ticket: str
	reference: str
	language: str
	company: str
	label: str
	headline: str
	link: str
	message: str = ""
	next_step: str = ""
	ball: str = ""
	expected: str = ""
	unsubscribe: str = ""
	receipts: str = ""
	whatsapp_template: str = ""
	subject: str = ""


@dataclass(frozen=True)
class Attachment:
	"""A file of an e-mail; ``kind`` is a media type. One with a ``content_id`` (RFC 2392) stands in the text."""

	name: str
	kind: str
	content: bytes = field(repr=False)
	content_id: str = ""


@dataclass(frozen=True)
class Message:
	"""``text`` is all that an SMS has; e-mail has all three.

	``ticket`` threads an e-mail into its ticket. ``reference`` is the same for every attempt at the same message.
	``redacted`` is what a log may keep of the text: no link, no code. ``receipts`` is the address for a provider's
	reports. ``template`` and ``variables`` are for providers that fill in an approved text of their own. ``headers``, ``files`` and what follows
	are an e-mail's own: ``account`` names the Email Account that is asked for, ``references`` the Message-IDs of the
	thread, the newest last; without them it answers the ticket's last mail.
	"""

	subject: str
	text: str
	html: str = ""
	ticket: str = ""
	reference: str = ""
	redacted: str = ""
	receipts: str = ""
	template: str = ""
	variables: Mapping[str, str] = field(default_factory=dict)
	headers: Mapping[str, str] = field(default_factory=dict)
	files: tuple[Attachment, ...] = ()
	sender_name: str = ""
	account: str = ""
	references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
	"""``provider_id`` names the message at the provider; empty when the provider gives none."""

	provider_id: str


class Channel(ABC):
	"""``name`` is stored in rows and shown to agents. ``address_kind`` is the kind of address it needs.

	``rings`` says that it disturbs: quiet hours hold it back. ``rank`` orders the channels: one that failed hands
	over to the next that the customer has.
	"""

	name: ClassVar[str]
	address_kind: ClassVar[str] = PHONE
	rings: ClassVar[bool] = True
	rank: ClassVar[int] = 50

	def __init_subclass__(cls, **options):
		super().__init_subclass__(**options)
		registry[cls.name] = cls()

	def label(self) -> str:
		"""The name for people, in the language of the request."""
		return _(self.name)

	@abstractmethod
	def is_on(self) -> bool:
		"""Whether the admin has switched the channel on."""

	@abstractmethod
	def is_ready(self) -> bool:
		"""Whether everything that sending needs is configured."""

	@abstractmethod
	def compose(self, words: Words) -> Message:
		"""The message about a change in this channel's form.

		Raises ``PermanentFailure`` when the channel cannot say it, such as without an approved template.
		"""

	def check(self, recipient: str) -> None:  # noqa: B027
		"""Raises ``PermanentFailure`` for an address to which this site never sends; by default there is none."""

	@abstractmethod
	def send(self, recipient: str, message: Message) -> Receipt:
		"""Sends to an E.164 number or an e-mail address, and returns once the provider has taken the message.

		Raises ``TemporaryFailure``, ``PermanentFailure`` or ``UnknownResult``. Whatever else it raises counts as
		``UnknownResult``, so what comes before the hand-over belongs into ``nothing_is_sent_yet``.
		"""

	def send_test(self, recipient: str, message: Message) -> Receipt:
		"""The same for a message of no ticket, which no log keeps."""
		return self.send(recipient, message)


registry: dict[str, Channel] = {}


def switched_on() -> list[str]:
	"""Names, the first choice first."""
	return [channel.name for channel in ranked() if channel.is_on()]


def available() -> list[str]:
	"""The channels by which this site can really send, the first choice first."""
	return [channel.name for channel in ranked() if channel.is_on() and channel.is_ready()]


def ranked() -> list[Channel]:
	"""All that there are, the first choice first."""
	return sorted(registry.values(), key=lambda channel: channel.rank)
