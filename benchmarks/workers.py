"""Worker processes that deliver at once, and a gateway in a process of its own that clocks what reaches it."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

import frappe
import requests

from tests.gateways.sms import SmsGateway, use_sms_gateway

LONGEST_SECONDS = 1800
_processes = multiprocessing.get_context("spawn")


class _Clock(SmsGateway):
	def record(self, message: dict) -> None:
		self.received.append((time.perf_counter(), message["to"]))


@dataclass(frozen=True)
class Gateway:
	url: str
	_pipe: Connection

	def rate(self, act: Callable[[], None]) -> float:
		"""What reached it a second, from the first to the last, while ``act`` ran."""
		self.clocked()
		act()
		moments = [moment for moment, _number in self.clocked()]
		return (len(moments) - 1) / (moments[-1] - moments[0])

	def clocked(self) -> list[tuple[float, str]]:
		"""The moments (of ``time.perf_counter``) and numbers of the messages since the last call, the oldest first."""
		self._pipe.send("what came since")
		return sorted(self._pipe.recv())


@contextmanager
def gateway() -> Iterator[Gateway]:
	"""SMS Settings leads to it."""
	ours, theirs = _processes.Pipe()
	process = _processes.Process(target=_serve, args=(theirs,), daemon=True)
	process.start()
	found = Gateway(ours.recv(), ours)
	use_sms_gateway(found)
	try:
		yield found
	finally:
		process.kill()
		process.join()


def _serve(pipe: Connection) -> None:
	server = _Clock()
	pipe.send(server.url)
	while pipe.recv():
		messages, server.received = server.received, []
		pipe.send(messages)


def call(url: str, count: int) -> None:
	"""Bare calls by one kept-alive connection, as the channel makes them."""
	form = {"key": "gateway-key", "message": "Your ticket 1 is now: In progress", "to": "+966551234567"}
	with requests.Session() as session:
		session.trust_env = False
		for _number in range(count):
			session.post(f"{url}/send", data=form).raise_for_status()


def deliver(number: int) -> None:
	"""So many processes announce and send all that is due."""
	gate = _processes.Barrier(number)
	place = (frappe.local.site, os.getcwd(), gate)
	team = [_processes.Process(target=_work, args=place) for _worker in range(number)]
	for process in team:
		process.start()
	for process in team:
		process.join()
	if any(process.exitcode for process in team):
		raise RuntimeError("A worker has failed.")


def _work(site: str, sites: str, gate) -> None:
	from customer_portal.notifications import dispatch

	os.chdir(sites)
	frappe.init(site, sites_path=sites)
	frappe.connect()
	frappe.set_user("Administrator")
	gate.wait()
	dispatch.deliver_due(LONGEST_SECONDS)
	frappe.destroy()
