"""What records, and the HTTP server that all providers but the mail server are."""

import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG_SECONDS = 4
sent_texts: list[str] = []


class Recorder:
	"""``mode`` is what the next requests get: ok, 500, 429, hang, drop, refused, or one of the server's own.
	``close after`` answers, and then ends the connection without having said so.
	"""

	takes_bytes = False  # ``respond`` is given the raw body, not its text

	def __init__(self):
		self.mode = "ok"
		self.received: list[dict] = []
		self.before_answer = lambda: None  # runs when a request has arrived and has no answer yet

	def record(self, message: dict) -> None:
		self.received.append(message)
		sent_texts.append(message.get("text") or "")

	def texts_to(self, number: str) -> list[str]:
		return [message["text"] for message in self.received if message["to"] == number]

	def wait_for(self, count: int, seconds: float = 90) -> list[dict]:
		deadline = time.monotonic() + seconds
		while len(self.received) < count and time.monotonic() < deadline:
			time.sleep(0.05)
		return self.received


class Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"  # keeps connections alive
	disable_nagle_algorithm = True
	own_mode = ""  # what ``respond`` wants for this one request in place of the server's mode

	def do_GET(self):
		self.answer()

	def do_POST(self):
		self.answer()

	def answer(self):
		recorder = self.server.recorder
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		self.own_mode = ""
		status, reply, headers = self.server.respond(self, body if recorder.takes_bytes else body.decode())
		recorder.before_answer()
		mode = self.own_mode or recorder.mode
		if mode == "hang":
			time.sleep(HANG_SECONDS)
		if mode in ("hang", "drop"):
			self.close_connection = True
			return
		content = reply if isinstance(reply, bytes) else reply.encode()
		self.send_response(status)
		for name, value in {"Content-Length": str(len(content)), **headers}.items():
			self.send_header(name, value)
		with suppress(BrokenPipeError):  # the other side has given up
			self.end_headers()
			self.wfile.write(content)
		if mode == "close after":
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
		self.place: socket.socket | None = None
		self.start()

	def start(self) -> None:
		if self.place:
			self.place.close()
			self.place = None
		self.server = Listener(("127.0.0.1", self.port), Handler)
		self.port = self.server.server_port
		self.server.recorder = self
		self.server.respond = self.respond
		threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

	def stop(self) -> None:
		self.server.shutdown()
		self.server.server_close()
		self.place = self.place or self._keep_place()

	def _keep_place(self) -> socket.socket:
		"""Nobody else gets the port, and nobody is heard there."""
		place = socket.socket()
		place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		place.bind(("127.0.0.1", self.port))
		return place

	@property
	def url(self) -> str:
		return f"http://127.0.0.1:{self.port}"
