"""A mail server of an Email Account, with time limits, whose every bad end is a named failure (RFC 5321)."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import frappe
from frappe import _
from frappe.email.oauth import Oauth
from frappe.email.smtp import SMTPServer

from customer_portal.integrations import deadlines
from customer_portal.integrations.failures import (
	PermanentFailure,
	SendFailure,
	TemporaryFailure,
	UnexpectedFailure,
	UnknownResult,
)

SERVICE_CLOSING = 421
LONGEST_SECONDS = 120  # for a conversation; after five minutes the outbox takes its worker for dead


class _Session:
	"""``is_handed_over``: the server may have the message, whatever goes wrong from here.

	``content`` is what goes out in the place of what Frappe makes of a queued mail: it parses and folds it anew, and
	encodes long addresses in headers, which mail programs do not know any more then (RFC 2369, section 2).
	"""

	is_handed_over = False
	content: bytes | None = None
	deadline: float | None = None

	def getreply(self):
		if self.deadline is None:
			self.deadline = time.monotonic() + LONGEST_SECONDS
		if self.file is None:
			self.file = deadlines.reader(self.sock, self.deadline)
		return super().getreply()

	def sendmail(self, from_addr, to_addrs, msg, *options, **named):
		return super().sendmail(from_addr, to_addrs, self.content or msg, *options, **named)

	def data(self, message):
		self.is_handed_over = True
		return super().data(message)


class _PlainSession(_Session, smtplib.SMTP):
	pass


class _TlsSession(_Session, smtplib.SMTP_SSL):
	pass


class MailServer(SMTPServer):
	"""Frappe's mail server, which waits two minutes for a connection, with a limit of our own."""

	content: bytes | None = None

	@property
	def session(self):
		if self._session is None:
			self._session = self._open()
		return self._session

	def _open(self):
		session_class = _TlsSession if self.use_ssl else _PlainSession
		session = session_class(self.server, self.port, timeout=self.seconds)
		session.content = self.content
		self.secure_session(session)
		if self.use_oauth:
			Oauth(session, self.email_account, self.login, self.access_token).connect()
		elif self.password:
			session.login(str(self.login or ""), str(self.password))
		return session

	@property
	def is_handed_over(self) -> bool:
		return self._session is not None and self._session.is_handed_over

	def quit(self) -> None:
		"""The message is accepted or refused by now: how the connection ends changes nothing."""
		if self._session is not None:
			with suppress(smtplib.SMTPException, OSError):
				self._session.quit()
			self._session = None


@contextmanager
def mail_server(account, seconds: int, content: bytes | None = None) -> Iterator[MailServer]:
	"""The outgoing server of an Email Account; what fails inside becomes one of the three failures.

	``content``, if given, is the mail that goes out, whatever is handed to the session.
	"""
	server = _server_of(account)
	server.seconds, server.content = seconds, content
	try:
		yield server
	except (smtplib.SMTPException, OSError, frappe.ValidationError) as error:
		raise failure_of(error, server.is_handed_over) from error
	except Exception as error:
		if server.is_handed_over or frappe.get_hooks("override_email_send"):
			raise
		raise UnexpectedFailure(error) from None
	finally:
		server.quit()


def _server_of(account) -> MailServer:
	try:
		return MailServer(**account.sendmail_config())
	except frappe.ValidationError as error:
		raise TemporaryFailure(_("The e-mail account lacks its password or another setting.")) from error


def failure_of(error: Exception, is_handed_over: bool) -> SendFailure:
	"""Server texts may repeat addresses and content, so only the code is kept."""
	code = _code(error)
	if code is not None:
		return _refusal(error, code)
	if isinstance(error, smtplib.SMTPNotSupportedError):
		return TemporaryFailure(
			_("The mail server lacks the sign-in or the encryption that the account asks for.")
		)
	if is_handed_over:
		return UnknownResult(_("The mail server did not say whether it took the message."))
	return TemporaryFailure(_("The mail server could not be reached."))


def _code(error: Exception) -> int | None:
	if isinstance(error, smtplib.SMTPRecipientsRefused):
		return next(iter(error.recipients.values()))[0]
	return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _refusal(error: Exception, code: int) -> SendFailure:
	if isinstance(error, smtplib.SMTPAuthenticationError):
		return TemporaryFailure(_("The mail server refused the account's password (code {0}).").format(code))
	if code == SERVICE_CLOSING or code < 500:
		return TemporaryFailure(_("The mail server refuses mail at the moment (code {0}).").format(code))
	return PermanentFailure(_("The mail server refused the message (code {0}).").format(code))
