"""Secrets of the whole run, and every place where one of them must not lie.

What the gateways received and what browsers were given is known; the database, Redis, job arguments and log files
are searched for it. A pytest plugin: the search runs after all other tests.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import frappe
from frappe.utils import get_bench_path
from frappe.utils.background_jobs import get_redis_conn

from tests import client
from tests.gateways.mail import sent_mails
from tests.gateways.server import sent_texts

LINK = re.compile(r"/t/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
WAY_OUT = re.compile(r"/portal/unsubscribe/([A-Za-z0-9_-]{23,})")
WAY_IN = re.compile(
	r"/portal/sign-in/link/[a-z0-9]+\.([0-9a-f]{32})"
)  # what stands before the dot is a row's name
CODE_SENTENCE = re.compile(r"^.*(?<!\d)\d{4,8}(?!\d) is your code (?:for ticket|to sign in) .*$", re.M)
ORIGIN_BOUND = re.compile(r"^@\S+ #\d{4,8}$", re.M)
SHORTEST_COOKIE = 32
NEWEST_LOG_BYTES = 50_000_000


def pytest_collection_modifyitems(items: list) -> None:
	items.sort(key=lambda item: item.path.name == "test_secrets.py")


def known() -> set[str]:
	"""Tokens of links, of sign-in mails and of unsubscribe addresses, and whole code sentences (four digits alone are everywhere), of all
	messages; and all cookies.
	"""
	texts = "\n".join([*sent_texts, *sent_mails])
	codes = CODE_SENTENCE.findall(texts) + ORIGIN_BOUND.findall(texts)
	cookies = {value for value in client.given_cookies if len(value) >= SHORTEST_COOKIE}
	tokens = [token for kind in (LINK, WAY_IN, WAY_OUT) for token in kind.findall(texts)]
	return {*tokens, *(line.strip() for line in codes), *cookies}


def find(secrets: Iterable[str], places: Iterable[tuple[str, str]]) -> list[str]:
	"""The places that hold one of the secrets; which one is not told, since the output is a log too."""
	wanted = list(secrets)
	return [place for place, text in places if any(secret in text for secret in wanted)]


def database() -> Iterator[tuple[str, str]]:
	frappe.db.rollback()
	for table in frappe.db.get_tables(cached=False):
		for row in frappe.db.sql(f"SELECT * FROM `{table}`"):
			yield f"table {table}", "\n".join(_text(value) for value in row if value)


def redis() -> Iterator[tuple[str, str]]:
	for label, connection in (("cache", frappe.cache), ("queue", get_redis_conn())):
		for key in connection.scan_iter(match="*"):
			yield f"Redis {label}: {_text(key)[:60]}", "\n".join([_text(key), *_values(connection, key)])


def _values(connection, key: bytes) -> list[str]:
	readers = {
		b"string": lambda: [connection.execute_command("GET", key)],
		b"list": lambda: connection.execute_command("LRANGE", key, 0, -1),
		b"set": lambda: connection.execute_command("SMEMBERS", key),
		b"zset": lambda: connection.execute_command("ZRANGE", key, 0, -1),
		b"hash": lambda: _flat(connection.execute_command("HGETALL", key)),
		b"stream": lambda: [str(entry) for entry in connection.execute_command("XRANGE", key, "-", "+")],
	}
	kind = connection.execute_command("TYPE", key)
	read = readers.get(kind if isinstance(kind, bytes) else str(kind).encode(), list)
	return [_text(value) for value in read() if value]


def _flat(found: dict | list) -> list:
	return [part for pair in found.items() for part in pair] if isinstance(found, dict) else found


def _text(value: object) -> str:
	"""RQ compresses the arguments of jobs."""
	if not isinstance(value, bytes):
		return str(value)
	try:
		value = zlib.decompress(value)
	except zlib.error:
		return value.decode("utf-8", "replace")
	return value.decode("utf-8", "replace")


def logs() -> Iterator[tuple[str, str]]:
	"""The bench's and the site's log files, of each the newest part."""
	for folder in (Path(get_bench_path()) / "logs", Path(frappe.get_site_path("logs"))):
		for path in sorted(folder.glob("*.log*")):
			with path.open("rb") as file:
				file.seek(max(0, path.stat().st_size - NEWEST_LOG_BYTES))
				yield f"log {path.name}", file.read().decode("utf-8", "replace")
