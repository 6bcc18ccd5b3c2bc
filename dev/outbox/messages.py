"""What arrived, in memory: it ends with the process."""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

KEPT = 200


@dataclass(frozen=True)
class Sms:
	number: int
	received: datetime
	recipient: str
	text: str


@dataclass(frozen=True)
class Mail:
	number: int
	received: datetime
	sender: str
	recipient: str
	subject: str
	text: str
	html: str


class Store:
	"""The last messages of each kind, newest first. Safe for several threads."""

	def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)):
		self._now = now
		self._numbers = itertools.count(1)
		self._lock = threading.Lock()
		self._sms: deque[Sms] = deque(maxlen=KEPT)
		self._mails: deque[Mail] = deque(maxlen=KEPT)
		self.latest = 0

	def add_sms(self, recipient: str, text: str) -> Sms:
		with self._lock:
			sms = Sms(self._next(), self._now(), recipient, text)
			self._sms.appendleft(sms)
			return sms

	def add_mail(self, sender: str, recipients: list[str], content: bytes) -> Mail:
		subject, text, html = read_mail(content)
		with self._lock:
			mail = Mail(self._next(), self._now(), sender, ", ".join(recipients), subject, text, html)
			self._mails.appendleft(mail)
			return mail

	def sms(self) -> list[Sms]:
		with self._lock:
			return list(self._sms)

	def mails(self) -> list[Mail]:
		with self._lock:
			return list(self._mails)

	def mail(self, number: int) -> Mail | None:
		return next((mail for mail in self.mails() if mail.number == number), None)

	def _next(self) -> int:
		self.latest = next(self._numbers)
		return self.latest


def read_mail(content: bytes) -> tuple[str, str, str]:
	"""Subject, plain text and HTML of an RFC 5322 message; what it does not have is empty."""
	message = message_from_bytes(content, policy=policy.default)
	return str(message["Subject"] or ""), _body(message, "plain"), _body(message, "html")


def _body(message: EmailMessage, kind: str) -> str:
	part = message.get_body(preferencelist=(kind,))
	return str(part.get_content()).strip() if part else ""
