"""An answer that is read to its end in a given time, however slowly its bytes come.

A socket's own timeout is about one read: who sends a byte now and then could keep its reader for ever.
"""

import http.client
import io
import socket
import time

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


def reader(connection: socket.socket, deadline: float) -> io.BufferedReader:
	"""What comes from the connection until ``deadline`` (``time.monotonic``); reading on raises ``TimeoutError``."""
	return io.BufferedReader(_UntilDeadline(connection, deadline))


class _UntilDeadline(io.RawIOBase):
	def __init__(self, connection: socket.socket, deadline: float):
		self._connection, self._deadline = connection, deadline
		self._longest = connection.gettimeout() or deadline
		self._bytes = connection.makefile("rb", buffering=0)

	def readable(self) -> bool:
		return True

	def readinto(self, buffer) -> int | None:
		left = self._deadline - time.monotonic()
		if left <= 0:
			raise TimeoutError
		self._connection.settimeout(min(left, self._longest))
		return self._bytes.readinto(buffer)

	def close(self) -> None:
		self._bytes.close()
		super().close()


class _Response(http.client.HTTPResponse):
	"""The timeout of a read, which the socket has by now, is that of the whole answer."""

	def __init__(self, sock: socket.socket, *arguments, **options):
		super().__init__(sock, *arguments, **options)
		self.fp.close()
		self.fp = reader(sock, time.monotonic() + sock.gettimeout())


class _Connection(HTTPConnection):
	response_class = _Response


class _TlsConnection(HTTPSConnection):
	response_class = _Response


class _Pool(HTTPConnectionPool):
	ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
	ConnectionCls = _TlsConnection


POOLS = {"http": _Pool, "https": _TlsPool}


class Adapter(HTTPAdapter):
	"""For a Requests session, each request of which has a read timeout."""

	def init_poolmanager(self, *arguments, **options) -> None:
		super().init_poolmanager(*arguments, **options)
		self.poolmanager.pool_classes_by_scheme = POOLS

	def proxy_manager_for(self, proxy: str, **options):
		manager = super().proxy_manager_for(proxy, **options)
		if not proxy.lower().startswith("socks"):  # those have connections of their own
			manager.pool_classes_by_scheme = POOLS
		return manager
