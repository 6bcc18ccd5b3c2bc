"""ClamAV, by the protocol of its daemon: ``zINSTREAM`` of clamd(8), over a Unix socket or TCP.

Where ``customer_portal_clamd`` of the site's configuration names a daemon (``/run/clamav/clamd.ctl`` or
``scanner.internal:3310``), or the socket of a usual installation is there, no file passes unchecked. ``off`` turns it
off. A daemon that is down refuses files: a scanner that fails open is none.
"""

import socket
from contextlib import contextmanager, suppress
from pathlib import Path

import frappe

from customer_portal.exceptions import FileHasVirus, FileNotChecked

SETTING = "customer_portal_clamd"
USUAL_SOCKETS = (  # Debian and Ubuntu; Fedora and its relatives; Alpine
	"/run/clamav/clamd.ctl",
	"/run/clamd.scan/clamd.sock",
	"/run/clamav/clamd.sock",
)
OFF = "off"
PORT = 3310
CHUNK = 64 * 1024
CONNECT_SECONDS = 3
ANSWER_SECONDS = 30
LONGEST_ANSWER = 4096


def scan(name: str, content: bytes) -> None:
	"""Raises ``FileHasVirus``, and ``FileNotChecked`` when there is no clear answer."""
	address = configured()
	if address is None:
		return
	try:
		answer = _ask(address, content)
	except (OSError, ValueError) as error:
		frappe.log_error("Customer Portal: ClamAV does not answer", f"{address}: {error}")
		raise FileNotChecked(name) from error
	if answer.endswith("FOUND"):
		raise FileHasVirus(name)
	if answer != "stream: OK":
		frappe.log_error("Customer Portal: ClamAV has not checked a file", f"{address}: {answer[:200]}")
		raise FileNotChecked(name)


def configured() -> str | None:
	"""The daemon's address, None where there is none."""
	written = str(frappe.conf.get(SETTING) or "").strip()
	if written:
		return None if written == OFF else written
	return next((path for path in USUAL_SOCKETS if Path(path).is_socket()), None)


def _ask(address: str, content: bytes) -> str:
	with _connection(address) as daemon:
		with suppress(BrokenPipeError, ConnectionResetError):
			_send(daemon, content)  # past its size limit it says so, and listens no more: the answer is there
		return _answer(daemon)


def _send(daemon: socket.socket, content: bytes) -> None:
	daemon.sendall(b"zINSTREAM\0")
	for start in range(0, len(content), CHUNK):
		chunk = content[start : start + CHUNK]
		daemon.sendall(len(chunk).to_bytes(4, "big") + chunk)
	daemon.sendall(bytes(4))


def _answer(daemon: socket.socket) -> str:
	answer = b""
	while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
		part = daemon.recv(LONGEST_ANSWER)
		if not part:
			break
		answer += part
	return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


@contextmanager
def _connection(address: str):
	daemon = _connect(address)
	with daemon:
		daemon.settimeout(ANSWER_SECONDS)
		yield daemon


def _connect(address: str) -> socket.socket:
	if not address.startswith("/"):
		host, _colon, port = address.rpartition(":")
		pair = (host, int(port)) if host else (port, PORT)
		return socket.create_connection(pair, CONNECT_SECONDS)
	daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
	try:
		daemon.settimeout(CONNECT_SECONDS)
		daemon.connect(address)
	except OSError:
		daemon.close()
		raise
	return daemon
