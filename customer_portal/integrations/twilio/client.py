"""SMS and WhatsApp by Twilio's Programmable Messaging API, through Twilio's own package."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import frappe
from frappe import _
from twilio.base.exceptions import TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from customer_portal import settings
from customer_portal.integrations import http
from customer_portal.integrations.failures import (
	OptedOut,
	PermanentFailure,
	TemporaryFailure,
	nothing_is_sent_yet,
)
from customer_portal.integrations.twilio import errors

API = "https://api.twilio.com"
TELEPHONY_SETTINGS = "TP Twilio Settings"
MESSAGING_SERVICE_PREFIX = "MG"
BUSY = 429
NOT_LET_IN = (401, 403)  # wrong or replaced credentials, a suspended account: an admin will put it right


@dataclass(frozen=True)
class Credentials:
	account_sid: str
	auth_token: str
	sender: str

	@property
	def is_complete(self) -> bool:
		return bool(self.account_sid and self.auth_token and self.sender)

	def __repr__(self) -> str:
		"""Tracebacks and logs may show objects."""
		return f"Credentials({self.account_sid[:4]}…)"


def is_configured(sender: str | None = None) -> bool:
	"""``sender`` stands for the settings' one for SMS when it is another."""
	return credentials(sender).is_complete


def send(number: str, text: str, receipts: str = "") -> str:
	"""Sends ``text`` to an E.164 ``number`` and returns Twilio's message SID.

	``receipts`` is the address to which Twilio reports what became of it; empty for none.
	"""
	with nothing_is_sent_yet():
		account = _complete(credentials())
	return _create(account, to=number, body=text, receipts=receipts, **_sender(account.sender))


def send_template(
	number: str, sender: str, template: str, variables: Mapping[str, str], receipts: str
) -> str:
	"""Sends an approved WhatsApp text by its Content SID to an E.164 ``number``; returns the message SID."""
	with nothing_is_sent_yet():
		account = _complete(credentials(sender))
		values = json.dumps(variables, ensure_ascii=False)
	return _create(
		account,
		to=f"whatsapp:{number}",
		content_sid=template,
		content_variables=values,
		receipts=receipts,
		**_whatsapp_sender(account.sender),
	)


def account_status() -> str:
	"""``active``, ``suspended`` or ``closed``, by a request that changes nothing.

	https://www.twilio.com/docs/iam/api/account. Raises what ``send`` raises.
	"""
	with nothing_is_sent_yet():
		account = credentials()
		client = Client(account.account_sid, account.auth_token, http_client=_Http())
	try:
		return client.api.accounts(account.account_sid).fetch().status
	except TwilioRestException as error:
		raise _failure_of(error) from None


def _complete(account: Credentials) -> Credentials:
	if not account.is_complete:
		raise TemporaryFailure(_("Twilio is not fully configured in Customer Portal Settings."))
	return account


def _create(account: Credentials, receipts: str, **message: str) -> str:
	"""https://www.twilio.com/docs/messaging/api/message-resource"""
	with nothing_is_sent_yet():
		client = Client(account.account_sid, account.auth_token, http_client=_Http())
	if receipts:
		message["status_callback"] = receipts
	try:
		return client.messages.create(**message).sid
	except TwilioRestException as error:
		raise _failure_of(error) from None


def credentials(sender: str | None = None) -> Credentials:
	"""Our own, or those of the Telephony app where it is installed and the admin chose so."""
	own = settings.get()
	sender = own.twilio_sender if sender is None else sender
	source = _telephony() if own.use_telephony_credentials else None
	if source is not None:
		return _credentials(source.account_sid, source, "auth_token", sender)
	return _credentials(own.twilio_account_sid, own, "twilio_auth_token", sender)


def _credentials(account_sid: str | None, document, token_field: str, sender: str | None) -> Credentials:
	token = document.get_password(token_field, raise_exception=False)
	return Credentials(account_sid or "", token or "", sender or "")


def _telephony():
	if "telephony" not in frappe.get_installed_apps():
		return None
	return frappe.get_cached_doc(TELEPHONY_SETTINGS)


def _sender(sender: str) -> dict[str, str]:
	if sender.startswith(MESSAGING_SERVICE_PREFIX) and len(sender) == 34:
		return {"messaging_service_sid": sender}
	return {"from_": sender}


def _whatsapp_sender(sender: str) -> dict[str, str]:
	fields = _sender(sender)
	return fields if "messaging_service_sid" in fields else {"from_": f"whatsapp:{sender}"}


class _Http(HttpClient):
	"""Our time limits, the address from the settings, and no log of what is sent."""

	def __init__(self):
		super().__init__(logging.getLogger(__name__), is_async=False)
		self.base = (settings.get().twilio_api_base or API).rstrip("/")

	def request(
		self,
		method: str,
		uri: str,
		params: Mapping | None = None,
		data: Mapping | None = None,
		headers: Mapping | None = None,
		auth: tuple[str, str] | None = None,
		timeout: float | None = None,
		allow_redirects: bool = False,
	) -> Response:
		answer = http.request(
			method,
			self.base + uri.removeprefix(API),
			settings.get().provider_timeout_seconds,
			params=params,
			data=data,
			headers=headers,
			auth=auth,
		)
		_refuse_busy(answer)
		return Response(answer.status, answer.text, answer.headers)


def _refuse_busy(answer: http.Answer) -> None:
	"""Here, because Twilio's package drops the Retry-After header from its exception."""
	if answer.status == BUSY:
		raise TemporaryFailure(
			_("Twilio has too many requests from us at the moment."), http.retry_after(answer)
		)


def _failure_of(error: TwilioRestException) -> PermanentFailure | TemporaryFailure:
	if error.status >= 500 or error.code in errors.TEMPORARY:
		return TemporaryFailure(_("Twilio is out of order at the moment (error {0}).").format(error.code))
	if error.status in NOT_LET_IN:
		return TemporaryFailure(errors.reason(error.code))
	if error.code == errors.OPTED_OUT:
		return OptedOut(errors.reason(error.code))
	return PermanentFailure(errors.reason(error.code))
