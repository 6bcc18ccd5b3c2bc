"""The address that limits count: never one that a client may choose."""

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from customer_portal import request_address, settings


@pytest.fixture
def address_of(monkeypatch):
	"""Call it with the peer, the header and how many proxies the settings name."""

	def call(peer, header=None, proxies=1):
		headers = {"X-Forwarded-For": header} if header is not None else {}
		environ = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer}).get_environ()
		monkeypatch.setattr(frappe.local, "request", Request(environ), raising=False)
		monkeypatch.setattr(settings, "number", lambda fieldname: {"trusted_proxies": proxies}[fieldname])
		return request_address.client_address()

	return call


@pytest.mark.parametrize(
	("peer", "header", "proxies", "expected"),
	[
		("127.0.0.1", None, 1, "127.0.0.1"),
		("127.0.0.1", "", 1, "127.0.0.1"),
		("127.0.0.1", " , ", 1, "127.0.0.1"),
		("127.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
		("127.0.0.1", "1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
		("127.0.0.1", "1.1.1.1,2.2.2.2,203.0.113.9", 1, "203.0.113.9"),
		("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
		("127.0.0.1", "203.0.113.9", 2, "203.0.113.9"),
		("127.0.0.1", "203.0.113.9", 0, "127.0.0.1"),
		("10.1.2.3", "203.0.113.9", 1, "203.0.113.9"),
		("8.8.8.8", "203.0.113.9", 1, "8.8.8.8"),
		("2001:4860:4860::8888", "203.0.113.9", 1, "2001:4860:4860::8888"),
	],
)
def test_client_address(address_of, peer, header, proxies, expected):
	assert address_of(peer, header, proxies) == expected


def test_outside_a_request_there_is_no_address(monkeypatch):
	monkeypatch.setattr(frappe.local, "request", None, raising=False)
	assert request_address.client_address() == request_address.UNKNOWN


@pytest.mark.parametrize(
	("address", "expected"),
	[
		("203.0.113.9", "203.0.113.9"),
		(" 203.0.113.9 ", "203.0.113.9"),
		("203.0.113.9:4711", "203.0.113.9"),
		("::ffff:203.0.113.9", "203.0.113.9"),
		("[::ffff:203.0.113.9]:4711", "203.0.113.9"),
		("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
		("2001:db8:1:2::1", "2001:db8:1:2::/64"),
		("2001:0DB8:0001:0002:0000::1", "2001:db8:1:2::/64"),
		("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
		("fe80::1%eth0", "fe80::/64"),
		("2001:db8:1:3::1", "2001:db8:1:3::/64"),
		("", "unknown"),
		("nonsense", "unknown"),
		("203.0.113.999", "unknown"),
		("1" * 10_000, "unknown"),
	],
)
def test_network(address, expected):
	assert request_address.network(address) == expected
