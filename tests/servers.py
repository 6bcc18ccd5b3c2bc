"""Servers as context managers, for the tests and for the benchmarks: a real web server for one site, a worker."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import frappe.app
import requests


def free_port() -> int:
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


@contextmanager
def silent_server() -> Iterator[int]:
	"""Takes connections and never says a word: its port."""
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		listener.listen()
		kept = []

		def take() -> None:
			with suppress(OSError):
				while True:
					kept.append(listener.accept())

		threading.Thread(target=take, daemon=True).start()
		yield listener.getsockname()[1]
		for connection, _address in kept:
			connection.close()


@contextmanager
def web_server(
	site: str, sites: Path, log: Path, workers: int = 2, threads: int = 4, application: str | None = None
) -> Iterator[int]:
	"""Yields the loopback port of a gunicorn that serves the site, with its static files where Frappe can."""
	port = free_port()
	application = application or _application()
	command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", str(workers)]
	if threads > 1:
		command += ["--threads", str(threads)]
	environment = {**os.environ, "SITES_PATH": str(sites)}
	with log.open("w") as out:
		process = subprocess.Popen(
			[*command, "--preload", application], cwd=sites, env=environment, stdout=out, stderr=out
		)
	try:
		_wait_for(port, site, log)
		yield port
	finally:
		process.terminate()
		process.wait(60)


def _application() -> str:
	with_statics = hasattr(frappe.app, "application_with_statics")
	return "frappe.app:application_with_statics()" if with_statics else "frappe.app:application"


@contextmanager
def background_worker(sites: Path, log: Path) -> Iterator[subprocess.Popen]:
	"""A real background worker on all queues."""
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue"]
	with log.open("w") as out:
		process = subprocess.Popen([*command, "short,default,long"], cwd=sites, stdout=out, stderr=out)
	try:
		yield process
	finally:
		process.terminate()
		process.wait(60)


def _wait_for(port: int, site: str, log: Path, seconds: int = 300) -> None:
	address = f"http://127.0.0.1:{port}/api/method/ping"
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		try:
			if requests.get(address, headers={"Host": f"{site}:{port}"}, timeout=5).ok:
				return
		except (requests.ConnectionError, requests.Timeout):
			time.sleep(0.2)
	raise RuntimeError(f"The web server did not start:\n{log.read_text()[-3000:]}")
