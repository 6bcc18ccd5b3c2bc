"""Background processes with a record of each, so that ``make stop`` ends what was started here, and nothing else."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.shell import Failure, tail

GRACE_SECONDS = 30


@dataclass(frozen=True)
class Record:
	"""A process that was started here. Its start time tells it from a later one with the same id."""

	name: str
	pid: int
	started: str | None
	"""None for one that had ended before it was looked at."""

	@property
	def is_running(self) -> bool:
		return self.started is not None and start_time(self.pid) == self.started


def start_time(pid: int) -> str | None:
	"""Field 22 of ``/proc/<pid>/stat`` (proc(5)): clock ticks since boot; None for a dead process."""
	try:
		text = Path(f"/proc/{pid}/stat").read_text()
	except (FileNotFoundError, ProcessLookupError):
		return None
	state, *fields = text.rsplit(")", 1)[1].split()
	return None if state == "Z" else fields[18]


class Processes:
	"""The records lie in ``folder``, one file for each name; the output goes to ``logs``."""

	def __init__(self, folder: Path, logs: Path, environment: dict[str, str]):
		self.folder = folder
		self.logs = logs
		self.environment = environment

	def start(self, name: str, command: Sequence[str | Path], cwd: Path, **extra: str) -> None:
		"""Starts it unless the one that was started before still runs."""
		if self.is_running(name):
			return
		self.folder.mkdir(parents=True, exist_ok=True)
		self.logs.mkdir(parents=True, exist_ok=True)
		with self.log(name).open("ab") as log:
			process = subprocess.Popen(
				[str(part) for part in command],
				cwd=cwd,
				stdin=subprocess.DEVNULL,
				stdout=log,
				stderr=log,
				env={**self.environment, **extra},
				start_new_session=True,
			)
		record = {"name": name, "pid": process.pid, "started": start_time(process.pid)}
		self._file(name).write_text(json.dumps(record))

	def wait(self, name: str, is_ready: Callable[[], bool], seconds: int = 60) -> None:
		"""Until it serves. Raises ``Failure`` with the end of its log when it died or takes too long."""
		deadline = time.monotonic() + seconds
		while not is_ready():
			if not self.is_running(name) or time.monotonic() > deadline:
				log = self.log(name)
				raise Failure(f"{name} did not start.", f"Its log is {log}.", tail(log))
			time.sleep(0.2)

	def stop(self, name: str) -> bool:
		"""Ends it and its children; True when there was something to end."""
		record = self.read(name)
		was_running = bool(record and record.is_running)
		if record and was_running:
			_end(record)
		self._file(name).unlink(missing_ok=True)
		return was_running

	def is_running(self, name: str) -> bool:
		record = self.read(name)
		return bool(record and record.is_running)

	def names(self) -> list[str]:
		return sorted(file.stem for file in self.folder.glob("*.json"))

	def read(self, name: str) -> Record | None:
		file = self._file(name)
		return Record(**json.loads(file.read_text())) if file.exists() else None

	def log(self, name: str) -> Path:
		return self.logs / f"dev-{name}.log"

	def _file(self, name: str) -> Path:
		return self.folder / f"{name}.json"


def _end(record: Record) -> None:
	"""Asks the whole session to end, and insists when it does not."""
	os.killpg(record.pid, signal.SIGTERM)
	deadline = time.monotonic() + GRACE_SECONDS
	while record.is_running and time.monotonic() < deadline:
		_reap(record.pid)
		time.sleep(0.1)
	if record.is_running:
		os.killpg(record.pid, signal.SIGKILL)


def _reap(pid: int) -> None:
	"""A child of this very run stays a zombie until it is waited for."""
	try:
		os.waitpid(pid, os.WNOHANG)
	except ChildProcessError:
		return
