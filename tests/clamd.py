"""A scanner that speaks clamd's protocol (clamd(8)): z-commands, INSTREAM in chunks, its size limit, its answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner:
	"""``scanned`` are the contents that it was given; ``largest`` is StreamMaxLength; ``is_silent``: it hangs up."""

	def __init__(self, server: socket.socket):
		self.scanned: list[bytes] = []
		self.largest = 25 * 1024 * 1024
		self.is_silent = False
		self.server = server
		threading.Thread(target=self._serve, daemon=True).start()

	def _serve(self) -> None:
		while True:
			try:
				client, _address = self.server.accept()
			except OSError:
				return
			with client:
				self._answer(client)

	def _answer(self, client: socket.socket) -> None:
		command = _until_null(client)
		if self.is_silent:
			return
		if command != b"zINSTREAM":
			client.sendall(b"UNKNOWN COMMAND\0")
			return
		content = b""
		while size := int.from_bytes(_exactly(client, 4), "big"):
			content += _exactly(client, size)
			if len(content) > self.largest:
				client.sendall(b"INSTREAM size limit exceeded. ERROR\0")
				return
		self.scanned.append(content)
		client.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")


@contextmanager
def unix_scanner(path: Path) -> Iterator[Scanner]:
	with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
		server.bind(str(path))
		server.listen()
		yield Scanner(server)


@contextmanager
def tcp_scanner() -> Iterator[tuple[Scanner, str]]:
	with socket.create_server(("127.0.0.1", 0)) as server:
		yield Scanner(server), f"127.0.0.1:{server.getsockname()[1]}"


def _until_null(client: socket.socket) -> bytes:
	read = b""
	while not read.endswith(b"\0"):
		part = client.recv(1)
		if not part:
			break
		read += part
	return read.rstrip(b"\0")


def _exactly(client: socket.socket, size: int) -> bytes:
	read = b""
	while len(read) < size:
		part = client.recv(size - len(read))
		if not part:
			raise ConnectionError("The client broke off")
		read += part
	return read
