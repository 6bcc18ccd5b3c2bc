"""Twilio: its Messages and its Account."""

import base64
import itertools
import json
import re
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.gateways import configure, save
from tests.gateways.server import HttpServer

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2

AUTH_TOKEN = "5b2e8a2f9c" * 3 + "ab"

SENDER = "+15005550006"


class Twilio(HttpServer):
	"""The Messages resource, and the Account, which is ``account_status``.

	Its own mode: ``code NNNNN``, an error of that number as Twilio documents it.
	"""

	account_status = "active"
	numbers = itertools.count(time.time_ns())  # no two messages have one SID, not even of two servers

	def respond(self, request, body):
		fields = dict(parse_qsl(body))
		wanted = "Basic " + base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
		if request.headers.get("Authorization") != wanted:
			return self.error(401, 20003, "Authenticate")
		if request.path == f"/2010-04-01/Accounts/{ACCOUNT_SID}.json" and request.command == "GET":
			account = {
				"sid": ACCOUNT_SID,
				"friendly_name": "Ours",
				"status": self.account_status,
				"type": "Full",
			}
			return 200, json.dumps(account), {"Content-Type": "application/json"}
		if request.path != f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json" or request.command != "POST":
			return self.error(404, 20404, "The requested resource was not found")
		if self.mode.startswith("403 "):
			return self.error(403, int(self.mode.removeprefix("403 ")), "Not allowed")
		if self.mode.startswith("code "):
			return self.error(400, int(self.mode.removeprefix("code ")), f"Something about {fields['To']}")
		if self.mode in ("500", "429"):
			return self.error(
				int(self.mode), 20429 if self.mode == "429" else 20500, "Busy", {"Retry-After": "99"}
			)
		return self.accept(fields)

	def accept(self, fields):
		for code, is_wrong in self.checks(fields).items():
			if is_wrong:
				return self.error(400, code, "A parameter is missing or not valid")
		sid = f"SM{next(self.numbers):032x}"
		text = fields.get("Body") or fields["ContentVariables"]
		self.record({"to": fields["To"], "text": text, "fields": fields, "sid": sid})
		answer = {"sid": sid, "status": "queued", "to": fields["To"], "body": text, "error_code": None}
		return 201, json.dumps({**answer, "account_sid": ACCOUNT_SID}), {"Content-Type": "application/json"}

	def checks(self, fields) -> dict[int, bool]:
		"""What Twilio refuses: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource"""
		sender, to = fields.get("From", fields.get("MessagingServiceSid", "")), fields.get("To", "")
		is_content = bool(re.fullmatch(r"HX[0-9a-f]{32}", fields.get("ContentSid", "")))
		mixed = "From" in fields and sender.startswith("whatsapp:") != to.startswith("whatsapp:")
		return {
			21604: not to,
			21603: not sender,
			21619: not (fields.get("Body") or "ContentSid" in fields),
			21655: "ContentSid" in fields and not is_content,
			21656: not _are_variables(fields.get("ContentVariables", "{}")),
			21609: not _can_be_called(fields.get("StatusCallback", "https://a.example")),
			21617: len(fields.get("Body", "")) > 1600,
			21910: mixed,
		}

	def error(self, status, code, message, headers=None):
		more = f"https://www.twilio.com/docs/errors/{code}"
		body = {"code": code, "message": message, "more_info": more, "status": status}
		return status, json.dumps(body), {"Content-Type": "application/json", **(headers or {})}


def _are_variables(text: str) -> bool:
	"""A JSON object of texts, none of them empty: WhatsApp refuses a template with an empty place."""
	try:
		values = json.loads(text)
	except ValueError:
		return False
	return isinstance(values, dict) and all(isinstance(value, str) and value for value in values.values())


def _can_be_called(address: str) -> bool:
	"""An absolute address whose host has a dot and no underscore."""
	parts = urlsplit(address)
	host = parts.hostname or ""
	return parts.scheme in ("http", "https") and "." in host and "_" not in host


def use_twilio(twilio: Twilio, sender: str = SENDER, **values) -> None:
	save(
		**{
			"sms_provider": "Twilio",
			"twilio_account_sid": ACCOUNT_SID,
			"twilio_auth_token": AUTH_TOKEN,
			"twilio_sender": sender,
			"twilio_api_base": twilio.url,
			"provider_timeout_seconds": 2,
			**values,
		}
	)


@pytest.fixture
def twilio(site):
	"""Customer Portal Settings leads to this Twilio."""
	server = Twilio()
	use_twilio(server)
	yield server
	server.stop()
	configure(sms_provider="", twilio_api_base="")
