"""SMS by the HTTP gateway of Frappe's SMS Settings.

Frappe's own ``send_sms`` has no time limit, takes any body of a 200 for success, and on version 15 raises after it
has sent. So this is our own request with the same settings: address, parameters, headers, GET or POST.

A gateway that answers 200 may still have refused. An answer counts as refused when

- it is JSON whose ``success``, ``ok`` or ``sent`` is false, whose ``error``, ``errors``, ``error_message``,
  ``error_code`` or ``errorCode`` is neither empty nor zero, or whose ``status``, ``result`` or ``state`` is one of
  the words of refusal below or a number from 400 on; the same one level deeper, and in the first items of a list;
- or it is plain text that begins with such a word, as ``ERR: 101 …`` or ``Failed - no credit``.
"""

import json
import re

import frappe
from frappe import _

from customer_portal import settings
from customer_portal.integrations import http
from customer_portal.integrations.failures import PermanentFailure, TemporaryFailure, nothing_is_sent_yet

DOCTYPE = "SMS Settings"
JSON_TYPE = "application/json"
BUSY = 429
REQUEST_TIMEOUT = 408
NOT_LET_IN = (401, 403)  # wrong or replaced credentials: an admin will put it right
DEPTH = 2  # levels of a JSON answer that are read
ITEMS = 5  # items of a list that are read

FALSE_MEANS_REFUSED = ("success", "ok", "sent")
CONTENT_MEANS_REFUSED = ("error", "errors", "error_message", "error_code", "errorcode")
WORD_MEANS_REFUSED = ("status", "result", "state")
REFUSALS = frozenset(
	{
		"error",
		"err",
		"fail",
		"failed",
		"failure",
		"rejected",
		"refused",
		"denied",
		"invalid",
		"unauthorized",
		"nok",
	}
)
NOTHING_WRONG = frozenset({"", "0", "00", "000", "none", "null", "false", "no", "ok", "success"})
ID_FIELDS = ("message_id", "messageid", "msgid", "sid", "id")
LONGEST_ID = 140


def is_configured() -> bool:
	gateway = _settings()
	return bool(gateway.sms_gateway_url and gateway.message_parameter and gateway.receiver_parameter)


def send(number: str, text: str, receipts: str = "") -> str:
	"""Sends ``text`` to an E.164 ``number``; returns the gateway's id of the message, or nothing.

	``receipts`` is not used: the gateways that Frappe knows have no common way to report.
	"""
	with nothing_is_sent_yet():
		if not is_configured():
			raise TemporaryFailure(_("SMS Settings has no gateway."))
		gateway = _settings()
	answer = _call(gateway, number, text)
	_refuse_status(answer)
	body = _parsed(answer.text)
	if _is_refused(body, DEPTH):
		raise PermanentFailure(_("The SMS gateway refused the message."))
	return _message_id(body)


def _settings():
	return frappe.get_cached_doc(DOCTYPE)


def _call(gateway, number: str, text: str) -> http.Answer:
	headers = {row.parameter: row.value for row in gateway.parameters if row.header}
	values = {row.parameter: row.value for row in gateway.parameters if not row.header}
	values |= {gateway.message_parameter: text, gateway.receiver_parameter: number}
	return http.request(
		"POST" if gateway.use_post else "GET",
		gateway.sms_gateway_url.strip(),
		settings.get().provider_timeout_seconds,
		headers={"Accept": "application/json, text/plain, */*", **headers},
		**{_place(gateway, headers): values},
	)


def _place(gateway, headers: dict[str, str]) -> str:
	if not gateway.use_post:
		return "params"
	content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
	return "json" if (content_type or "").startswith(JSON_TYPE) else "data"


def _refuse_status(answer: http.Answer) -> None:
	status = answer.status
	if status in (BUSY, REQUEST_TIMEOUT) or status >= 500:
		reason = _("The SMS gateway is out of order at the moment (HTTP {0}).").format(status)
		raise TemporaryFailure(reason, http.retry_after(answer))
	if status in NOT_LET_IN:
		raise TemporaryFailure(_("The SMS gateway does not know its user or key (HTTP {0}).").format(status))
	if not 200 <= status < 300:
		raise PermanentFailure(_("The SMS gateway refused the message (HTTP {0}).").format(status))


def _parsed(text: str) -> object:
	try:
		return json.loads(text)
	except ValueError:
		return text


def _is_refused(body: object, depth: int) -> bool:
	if isinstance(body, str):
		return _first_word(body) in REFUSALS
	if isinstance(body, list):
		return depth > 0 and any(
			_is_refused(item, depth - 1) for item in body[:ITEMS] if not isinstance(item, str)
		)
	if isinstance(body, dict):
		return _says_refused(body) or (
			depth > 0
			and any(_is_refused(part, depth - 1) for part in body.values() if isinstance(part, dict | list))
		)
	return False


def _says_refused(body: dict) -> bool:
	fields = {str(name).lower(): value for name, value in body.items()}
	return (
		any(_is_false(fields[name]) for name in FALSE_MEANS_REFUSED if name in fields)
		or any(_is_something(fields[name]) for name in CONTENT_MEANS_REFUSED if name in fields)
		or any(_is_refusal(fields[name]) for name in WORD_MEANS_REFUSED if name in fields)
	)


def _is_false(value: object) -> bool:
	return value is False or str(value).strip().lower() in ("false", "0", "no")


def _is_something(value: object) -> bool:
	if isinstance(value, dict | list):
		return bool(value)
	return str(value).strip().lower() not in NOTHING_WRONG


def _is_refusal(value: object) -> bool:
	if isinstance(value, dict | list):
		return False
	text = str(value).strip()
	return _first_word(text) in REFUSALS or (text.isascii() and text.isdigit() and 400 <= int(text) < 600)


def _first_word(text: str) -> str:
	word = re.match(r"\W*([A-Za-z]+)", text)
	return word[1].lower() if word else ""


def _message_id(body: object) -> str:
	if not isinstance(body, dict):
		return ""
	fields = {str(name).lower(): value for name, value in body.items()}
	found = next((fields[name] for name in ID_FIELDS if isinstance(fields.get(name), str | int)), "")
	return str(found)[:LONGEST_ID]
