"""Processes of their own that work on the site: to be killed, to race each other, or to live without Redis.

``python -m tests.processes SITE COMMAND [ARGUMENT…]`` runs one; ``start`` does that from a test.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import frappe
import psutil

ROOT = Path(__file__).parents[1]
NOBODY = "redis://127.0.0.1:1"
WITHOUT_QUEUE = {"FRAPPE_REDIS_QUEUE": NOBODY}
WITHOUT_REDIS = {"FRAPPE_REDIS_QUEUE": NOBODY, "FRAPPE_REDIS_CACHE": NOBODY}


def start(command: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen:
	"""Runs a command below; its output is kept for the test that waits for it."""
	paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
	return subprocess.Popen(
		[sys.executable, "-m", "tests.processes", frappe.local.site, command, *arguments],
		env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
		stdout=subprocess.PIPE,
		stderr=subprocess.STDOUT,
		text=True,
	)


def finish(process: subprocess.Popen, seconds: float = 300) -> str:
	"""Waits for a good end and returns the output."""
	output, _none = process.communicate(timeout=seconds)
	if process.returncode:
		raise RuntimeError(f"Exit code {process.returncode}:\n{output}")
	return output


def deliver() -> None:
	from customer_portal.notifications import dispatch

	dispatch.deliver_due()


def die_before_the_call() -> None:
	from customer_portal.channels import base

	for channel in base.registry.values():
		channel.send = _die
	deliver()


def die_after_the_call() -> None:
	"""The provider has answered, and its answer is not recorded yet."""
	from customer_portal.notifications import outbox

	outbox.mark_sent = _die
	deliver()


def reach_slack() -> None:
	from customer_portal.slack import delivery

	delivery.deliver_due(20)


def die_before_slack() -> None:
	"""The row is claimed, and Slack not called yet."""
	from customer_portal.slack import mirror

	mirror.act = _die
	reach_slack()


def die_after_slack() -> None:
	"""Slack has answered, and its answer is not recorded yet."""
	from customer_portal.slack import outbox

	outbox.finish = _die
	reach_slack()


def save(ticket: str, sub_status: str) -> None:
	"""An agent's save, and how long it took in seconds."""
	document = frappe.get_doc("HD Ticket", ticket)
	document.sub_status = sub_status
	started = time.monotonic()
	document.save(ignore_permissions=True)
	frappe.db.commit()
	print(time.monotonic() - started)


def _die(*arguments: object, **options: object) -> None:
	os.kill(os.getpid(), signal.SIGKILL)


COMMANDS = {
	function.__name__: function
	for function in (
		deliver,
		die_before_the_call,
		die_after_the_call,
		reach_slack,
		die_before_slack,
		die_after_slack,
		save,
	)
}


@contextmanager
def own_redis(folder: Path) -> Iterator[tuple[subprocess.Popen, dict[str, str]]]:
	"""A Redis that no other test uses, for queues and cache, and the environment that leads there."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		port = str(probe.getsockname()[1])
	command = ["redis-server", "--port", port, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
	process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
	_wait_for_port(int(port))
	try:
		address = f"redis://127.0.0.1:{port}"
		yield process, {"FRAPPE_REDIS_QUEUE": address, "FRAPPE_REDIS_CACHE": address}
	finally:
		process.kill()
		process.wait(10)


@contextmanager
def queue_worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
	"""A Frappe worker that is killed at the end."""
	command = [
		sys.executable,
		"-m",
		"frappe.utils.bench_helper",
		"frappe",
		"worker",
		"--queue",
		"short,default",
	]
	with log.open("w") as out:
		process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out)
	try:
		yield process
	finally:
		kill_tree(process)


@contextmanager
def queue_and_worker(folder: Path) -> Iterator[tuple[dict[str, str], subprocess.Popen]]:
	with (
		own_redis(folder) as (_redis, environment),
		queue_worker(environment, folder / "worker.log") as worker,
	):
		yield environment, worker


def kill_tree(process: subprocess.Popen) -> None:
	"""A work horse has a process group of its own, so the worker's own group would not do."""
	if process.poll() is None:
		for victim in [*psutil.Process(process.pid).children(recursive=True), process]:
			with suppress(psutil.NoSuchProcess):  # it has just ended by itself
				victim.kill()
		process.wait(10)


def _wait_for_port(port: int, seconds: float = 60) -> None:
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		with socket.socket() as probe:
			if probe.connect_ex(("127.0.0.1", port)) == 0:
				return
		time.sleep(0.05)
	raise RuntimeError(f"Nothing listens on port {port}.")


def main(site: str, command: str, *arguments: str) -> None:
	frappe.init(site, sites_path=".")
	frappe.connect()
	frappe.set_user("Administrator")
	COMMANDS[command](*arguments)
	frappe.destroy()


if __name__ == "__main__":
	main(*sys.argv[1:])
