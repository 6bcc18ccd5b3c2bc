"""The three loopback servers of the outbox: page, SMS gateway and SMTP."""

import json
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dev.outbox import page
from dev.outbox.messages import Store

LOOPBACK = "127.0.0.1"
LARGEST = 1_000_000
OWN_HOST = re.compile(r"^(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost)(:\d+)?$")
PAGE_POLICY = (
	"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
	" frame-src 'self'; img-src data:"
)
FRAME_POLICY = (
	"default-src 'none'; style-src 'unsafe-inline'; img-src data: http://*.localhost:*;"
	" sandbox allow-popups allow-popups-to-escape-sandbox"
)


class Mailbox:
	"""aiosmtpd's handler: takes every mail."""

	def __init__(self, store: Store):
		self.store = store

	async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
		self.store.add_mail(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
		return "250 OK"


def smtp_server(store: Store, port: int) -> Controller:
	return Controller(Mailbox(store), hostname=LOOPBACK, port=port)


def http_server(store: Store, port: int, site_url: str) -> ThreadingHTTPServer:
	handler = type("OutboxHandler", (Handler,), {"store": store, "site_url": site_url})
	return ThreadingHTTPServer((LOOPBACK, port), handler)


class Handler(BaseHTTPRequestHandler):
	"""``/`` and ``/messages`` for the reader, ``/mail/<number>`` for a frame, ``/sms`` for the site."""

	store: Store
	site_url: str

	def do_GET(self) -> None:
		if not self._is_for_us():
			return
		address = urlsplit(self.path)
		if address.path == "/":
			self._answer(page.page(self.store, self.site_url))
		elif address.path == "/messages":
			self._messages(parse_qs(address.query))
		elif address.path == "/sms":
			self._take_sms(parse_qs(address.query))
		else:
			self._mail(address.path)

	def do_POST(self) -> None:
		if not self._is_for_us() or urlsplit(self.path).path != "/sms":
			self.send_error(HTTPStatus.NOT_FOUND)
			return
		self._take_sms(self._form())

	def _is_for_us(self) -> bool:
		"""A page elsewhere must not read the outbox through a host name that resolves to this machine."""
		if OWN_HOST.match(self.headers.get("Host", "").lower()):
			return True
		self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
		return False

	def _messages(self, query: dict[str, list[str]]) -> None:
		if query.get("after") == [str(self.store.latest)]:
			self._answer("", HTTPStatus.NO_CONTENT)
		else:
			self._answer(page.messages(self.store))

	def _mail(self, path: str) -> None:
		number = path.removeprefix("/mail/")
		mail = self.store.mail(int(number)) if number.isdecimal() else None
		if mail:
			self._answer(page.frame(mail), policy=FRAME_POLICY)
		else:
			self.send_error(HTTPStatus.NOT_FOUND)

	def _take_sms(self, values: dict[str, list[str]]) -> None:
		"""As Frappe's SMS Settings send it: ``to`` and ``text`` in the query, a form or a JSON object."""
		recipient, text = values.get("to", [""])[0], values.get("text", [""])[0]
		if not recipient or not text:
			self.send_error(HTTPStatus.BAD_REQUEST, "to and text are needed")
			return
		sms = self.store.add_sms(recipient, text)
		self._answer(json.dumps({"id": sms.number, "status": "accepted"}), kind="application/json")

	def _form(self) -> dict[str, list[str]]:
		length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
		body = self.rfile.read(length).decode(errors="replace")
		if "json" not in self.headers.get("Content-Type", ""):
			return parse_qs(body)
		values = json.loads(body or "{}")
		return {name: [str(value)] for name, value in values.items()} if isinstance(values, dict) else {}

	def _answer(
		self,
		text: str,
		status: HTTPStatus = HTTPStatus.OK,
		kind: str = "text/html; charset=utf-8",
		policy: str = PAGE_POLICY,
	) -> None:
		body = text.encode()
		self.send_response(status)
		for name, value in self._headers(kind, policy, len(body)).items():
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(body)

	def _headers(self, kind: str, policy: str, length: int) -> dict[str, str]:
		return {
			"Content-Type": kind,
			"Content-Length": str(length),
			"Content-Security-Policy": policy,
			"Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff",
			"X-Latest": str(self.store.latest),
		}

	def log_message(self, format: str, *arguments: object) -> None:
		"""Nothing: gateways that send by GET have the code in the address."""
