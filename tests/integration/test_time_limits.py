"""Servers that answer byte by byte: no wait for one read is long, and all of them together are bounded too."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from customer_portal.integrations import http, smtp
from customer_portal.integrations.failures import TemporaryFailure, UnknownResult
from customer_portal.notifications import outbox

PAUSE = 0.2
ENDLESS = b"x" * 10_000
STATUS_LINE = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def dripping(at_once: bytes, slowly: bytes = ENDLESS):
	"""A server's port: each client gets the first part at once, and the second byte by byte."""
	with socket.create_server(("127.0.0.1", 0)) as server:
		threading.Thread(target=_serve, args=(server, at_once, slowly), daemon=True).start()
		yield server.getsockname()[1]


def _serve(server: socket.socket, at_once: bytes, slowly: bytes) -> None:
	with suppress(OSError):
		while True:
			client, _address = server.accept()
			threading.Thread(target=_drip, args=(client, at_once, slowly), daemon=True).start()


def _drip(client: socket.socket, at_once: bytes, slowly: bytes) -> None:
	with client, suppress(OSError):
		client.sendall(at_once)
		for number in range(len(slowly)):
			time.sleep(PAUSE)
			client.sendall(slowly[number : number + 1])
		client.shutdown(socket.SHUT_WR)
		while client.recv(4096):
			pass


@pytest.mark.parametrize(
	"at_once",
	[
		b"",
		STATUS_LINE + b"X-Long: ",
		STATUS_LINE + b"Content-Length: 5000\r\n\r\n",
		STATUS_LINE + b"Transfer-Encoding: chunked\r\n\r\n1388\r\n",
		STATUS_LINE + b"Connection: close\r\n\r\n",
	],
)
def test_a_gateway_that_drips_is_given_up(at_once):
	with dripping(at_once) as port:
		begun = time.monotonic()
		with pytest.raises(UnknownResult):
			http.request("POST", f"http://127.0.0.1:{port}/send", 1, data={"a": "b"})
		assert 0.9 < time.monotonic() - begun < 30


def test_a_slow_answer_in_time_is_read():
	body = b"all is well"
	with dripping(STATUS_LINE + b"Connection: close\r\n\r\n", body) as port:
		answer = http.request("GET", f"http://127.0.0.1:{port}/", 10)
	assert (answer.status, answer.text) == (200, body.decode())


GREETING = b"220 slow\r\n"


class Account:
	"""What of an Email Account a mail server is made from."""

	def __init__(self, port: int):
		self.port = port

	def sendmail_config(self):
		return {"server": "127.0.0.1", "port": self.port, "login": None, "password": None}


def send(port: int) -> None:
	with smtp.mail_server(Account(port), 1) as server:
		server.session.sendmail("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\nx")


@pytest.mark.parametrize("at_once", [b"", GREETING + b"250-"])
def test_a_mail_server_that_drips_is_given_up(monkeypatch, at_once):
	monkeypatch.setattr(smtp, "LONGEST_SECONDS", 2)
	with dripping(at_once) as port:
		begun = time.monotonic()
		with pytest.raises(TemporaryFailure):
			send(port)
		assert time.monotonic() - begun < 30


def test_one_that_drips_after_the_mail_leaves_its_fate_unknown(monkeypatch):
	monkeypatch.setattr(smtp, "LONGEST_SECONDS", 10)
	taken = GREETING + b"250 hello\r\n" + b"250 ok\r\n" * 2 + b"354 go\r\n"
	with dripping(taken) as port, pytest.raises(UnknownResult):
		send(port)


def test_a_conversation_ends_long_before_another_worker_takes_the_message():
	assert smtp.LONGEST_SECONDS <= outbox.LEASE_SECONDS / 2
