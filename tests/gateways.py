"""Loopback providers that misbehave on demand: an SMS gateway, Twilio, and a mail server. Fixtures for conftest.

Each records what it really received. ``sent_texts`` and ``sent_mails`` of the whole run feed ``tests/secrets.py``.
"""

import base64
import itertools
import json
import re
import socket
import threading
import time
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import frappe
import pytest
from aiosmtpd.controller import Controller

from customer_portal import settings

HANG_SECONDS = 4
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "5b2e8a2f9c" * 3 + "ab"
SENDER = "+15005550006"
sent_texts: list[str] = []
sent_mails: list[str] = []


class Recorder:
	"""``mode`` is what the next requests get: ok, 500, 429, hang, drop, refused, or one of the server's own.
	``close after`` answers, and then ends the connection without having said so.
	"""

	def __init__(self):
		self.mode = "ok"
		self.received: list[dict] = []
		self.before_answer = lambda: None  # runs when a request has arrived and has no answer yet

	def record(self, message: dict) -> None:
		self.received.append(message)
		sent_texts.append(message.get("text") or "")

	def texts_to(self, number: str) -> list[str]:
		return [message["text"] for message in self.received if message["to"] == number]

	def wait_for(self, count: int, seconds: float = 30) -> list[dict]:
		deadline = time.monotonic() + seconds
		while len(self.received) < count and time.monotonic() < deadline:
			time.sleep(0.05)
		return self.received


class Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"  # keeps connections alive
	disable_nagle_algorithm = True

	def do_GET(self):
		self.answer()

	def do_POST(self):
		self.answer()

	def answer(self):
		recorder = self.server.recorder
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
		status, reply, headers = self.server.respond(self, body)
		recorder.before_answer()
		if recorder.mode == "hang":
			time.sleep(HANG_SECONDS)
		if recorder.mode in ("hang", "drop"):
			self.close_connection = True
			return
		content = reply.encode()
		self.send_response(status)
		for name, value in {"Content-Length": str(len(content)), **headers}.items():
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(content)
		if recorder.mode == "close after":
			self.close_connection = True

	def log_message(self, *arguments):
		pass


class Listener(ThreadingHTTPServer):
	"""Counts the connections, and ends those that are still open when it is closed."""

	daemon_threads = True

	def __init__(self, *arguments):
		super().__init__(*arguments)
		self.connections: set[socket.socket] = set()
		self.accepted = 0

	def get_request(self):
		connection, address = super().get_request()
		self.connections.add(connection)
		self.accepted += 1
		return connection, address

	def shutdown_request(self, request):
		self.connections.discard(request)
		super().shutdown_request(request)

	def server_close(self):
		super().server_close()
		for connection in list(self.connections):
			with suppress(OSError):  # its own thread may end it at the same moment
				connection.shutdown(socket.SHUT_RDWR)


class HttpServer(Recorder):
	"""Runs on a free loopback port; ``stop`` ends all connections and refuses new ones, ``start`` brings it back on
	the same port.
	"""

	def __init__(self):
		super().__init__()
		self.port = 0
		self.start()

	def start(self) -> None:
		self.server = Listener(("127.0.0.1", self.port), Handler)
		self.port = self.server.server_port
		self.server.recorder = self
		self.server.respond = self.respond
		threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

	def stop(self) -> None:
		self.server.shutdown()
		self.server.server_close()

	@property
	def url(self) -> str:
		return f"http://127.0.0.1:{self.port}"


class SmsGateway(HttpServer):
	"""The kind that SMS Settings is made for. Its own mode: ``error in body``, with ``error_body`` under a 200."""

	error_body = json.dumps({"status": "error", "message": "no credit"})

	def respond(self, request, body):
		fields = dict(parse_qsl(urlsplit(request.path).query))
		is_json = (request.headers.get("Content-Type") or "").startswith("application/json")
		fields |= json.loads(body) if is_json else dict(parse_qsl(body))
		refused = int(self.mode) if self.mode in ("500", "429", "400", "401", "403") else 0
		if refused:
			return refused, "no", {"Retry-After": "77"}
		if self.mode == "error in body":
			return 200, self.error_body, {}
		self.record(
			{
				"to": fields["to"],
				"text": fields["message"],
				"method": request.command,
				"path": request.path,
				"headers": dict(request.headers),
				"fields": fields,
			}
		)
		return 200, json.dumps({"status": "OK", "id": f"gw-{len(self.received)}"}), {}


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


class MailServer(Recorder):
	"""Modes: ok, ``refuse recipient`` (550), ``busy`` (451), ``too big`` (552 after the data), ``hang``, ``drop``."""

	def __init__(self):
		super().__init__()
		self.controller = Controller(self, hostname="127.0.0.1", port=0)
		self.port = _bound_port(self.controller)

	async def handle_RCPT(self, server, session, envelope, address, options):
		if self.mode == "refuse recipient":
			return "550 5.1.1 No such mailbox"
		envelope.rcpt_tos.append(address)
		return "250 OK"

	async def handle_DATA(self, server, session, envelope):
		refusal = {"busy": "451 Try later", "too big": "552 Too big"}.get(self.mode)
		if refusal:
			return refusal
		mail = message_from_bytes(envelope.content, policy=default)
		self.received.append(
			{"to": envelope.rcpt_tos[0], "mail": mail, "text": text_of(mail), "raw": envelope.content}
		)
		self.received[-1]["from"] = envelope.mail_from
		sent_mails.append(text_of(mail))
		self.before_answer()
		if self.mode == "hang":
			await _sleep(HANG_SECONDS)
		if self.mode == "drop":
			server.transport.abort()
		return "250 Taken"

	def mails_to(self, address: str) -> list:
		return [message["mail"] for message in self.received if message["to"] == address]

	def stop(self) -> None:
		self.controller.stop()


async def _sleep(seconds: float) -> None:
	import asyncio

	await asyncio.sleep(seconds)


def _bound_port(controller: Controller) -> int:
	"""aiosmtpd checks its own port when it starts, so the port has to be known before."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		controller.port = probe.getsockname()[1]
	controller.start()
	return controller.port


def text_of(mail) -> str:
	"""Every text part, one after the other."""
	parts = (part for part in mail.walk() if part.get_content_maintype() == "text")
	return "\n".join(part.get_content() for part in parts)


def configure(**values) -> None:
	"""Changes Customer Portal Settings past its validation, for all processes."""
	frappe.db.set_single_value(settings.DOCTYPE, values)
	_publish(settings.DOCTYPE, settings.DOCTYPE)


def _publish(doctype: str, name: str) -> None:
	frappe.clear_document_cache(doctype, name)
	frappe.local.outgoing_email_account = {}  # Frappe's memory for one request
	frappe.db.commit()


def use_sms_gateway(gateway: SmsGateway, **values) -> None:
	document = frappe.get_doc("SMS Settings")
	document.update(
		{
			"sms_gateway_url": f"{gateway.url}/send",
			"message_parameter": "message",
			"receiver_parameter": "to",
			"use_post": 1,
			"parameters": [{"parameter": "key", "value": "gateway-key"}],
			**values,
		}
	)
	document.save(ignore_permissions=True)
	configure(sms_provider="SMS Settings", provider_timeout_seconds=2)


def use_twilio(twilio: Twilio, sender: str = SENDER, **values) -> None:
	document = frappe.get_doc(settings.DOCTYPE)
	document.update(
		{
			"sms_provider": "Twilio",
			"twilio_account_sid": ACCOUNT_SID,
			"twilio_auth_token": AUTH_TOKEN,
			"twilio_sender": sender,
			"twilio_api_base": twilio.url,
			"provider_timeout_seconds": 2,
			**values,
		}
	)
	document.flags.ignore_links = True
	document.save(ignore_permissions=True)
	_publish(settings.DOCTYPE, settings.DOCTYPE)


def use_mail_server(server: MailServer, name: str = "Portal Tests") -> str:
	"""An outgoing default Email Account at the loopback server; returns its name."""
	if frappe.db.exists("Email Account", name):
		frappe.db.set_value("Email Account", name, {"smtp_port": server.port, "enable_outgoing": 1})
	else:
		account = frappe.new_doc("Email Account")
		account.update(
			{
				"email_account_name": name,
				"email_id": "helpdesk@portal-tests.example",
				"enable_incoming": 0,
				"no_smtp_authentication": 1,
				"awaiting_password": 0,
				"smtp_server": "127.0.0.1",
				"smtp_port": server.port,
				"default_outgoing": 1,
				"enable_outgoing": 1,
			}
		)
		account.insert(ignore_permissions=True)
	_publish("Email Account", name)
	configure(send_email=1, provider_timeout_seconds=2)
	return name


@pytest.fixture(scope="session")
def mail_server_process(site):
	server = MailServer()
	yield server
	server.stop()


@pytest.fixture
def mail_server(mail_server_process):
	"""The site's default outgoing account leads to this mail server, which is in order."""
	mail_server_process.mode = "ok"
	mail_server_process.received = []
	mail_server_process.before_answer = lambda: None
	use_mail_server(mail_server_process)
	return mail_server_process


@pytest.fixture
def sms_gateway(site):
	"""SMS Settings leads to this gateway."""
	gateway = SmsGateway()
	use_sms_gateway(gateway)
	yield gateway
	gateway.stop()
	configure(sms_provider="")


@pytest.fixture
def twilio(site):
	"""Customer Portal Settings leads to this Twilio."""
	server = Twilio()
	use_twilio(server)
	yield server
	server.stop()
	configure(sms_provider="", twilio_api_base="")
