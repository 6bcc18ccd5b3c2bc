"""Runs commands: everything goes to one log file, the terminal gets one short line for each step."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

TAIL_LINES = 25
MASK = "********"


class Failure(Exception):
	"""Ends the run: what went wrong, what the log says, and what to do."""

	def __init__(self, message: str, advice: str = "", tail: str = ""):
		super().__init__(message)
		self.advice = advice
		self.tail = tail


class Shell:
	"""One log file and one environment for all commands of a run."""

	def __init__(self, log: Path, environment: dict[str, str]):
		self.log = log
		self.environment = environment
		self.secrets: set[str] = set()
		"""Not written to the log where a command has them: after an equals sign, or quoted in SQL."""

	def run(self, command: Sequence[str | Path], cwd: Path, stdin: Path | None = None, **extra: str) -> None:
		"""Runs to the end, output to the log. Raises ``Failure`` when it ends with another status than 0."""
		start = self._note(command, cwd)
		with self.log.open("ab") as log, open(stdin or os.devnull, "rb") as source:
			status = subprocess.run(
				[str(part) for part in command],
				cwd=cwd,
				stdin=source,
				stdout=log,
				stderr=log,
				env={**self.environment, **extra},
			).returncode
		if status:
			raise Failure(f"`{self._shown(command)}` ended with status {status}.", tail=tail(self.log, start))

	def show(
		self, command: Sequence[str | Path], cwd: Path, label: str = "", **extra: str
	) -> tuple[int, list[str]]:
		"""Runs with its output on the terminal and in the log, each line behind the label; its status and its lines
		that are not empty. Several may run at once.
		"""
		self._note(command, cwd)
		process = subprocess.Popen(
			[str(part) for part in command],
			cwd=cwd,
			stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT,
			text=True,
			errors="replace",
			env={**self.environment, **extra},
		)
		lines = []
		with self.log.open("a") as log:
			for line in process.stdout:
				for out in (log, sys.stdout):
					print(label, line, sep="", end="", file=out, flush=True)
				lines += filter(None, [line.strip()])
		return process.wait(), lines

	def output(self, command: Sequence[str | Path], cwd: Path, **extra: str) -> str:
		"""Standard output of a command that must succeed; errors go to the log."""
		start = self._note(command, cwd)
		with self.log.open("ab") as log:
			result = subprocess.run(
				[str(part) for part in command],
				cwd=cwd,
				stdin=subprocess.DEVNULL,
				stdout=subprocess.PIPE,
				stderr=log,
				text=True,
				env={**self.environment, **extra},
			)
		if result.returncode:
			message = f"`{self._shown(command)}` ended with status {result.returncode}."
			raise Failure(message, tail=tail(self.log, start))
		return result.stdout

	def _note(self, command: Sequence[str | Path], cwd: Path) -> int:
		"""Writes the command to the log; returns the log's length, where the command's output begins."""
		self.log.parent.mkdir(parents=True, exist_ok=True)
		with self.log.open("ab") as log:
			log.write(f"\n{time.strftime('%F %T')} {cwd} $ {self._shown(command)}\n".encode())
			return log.tell()

	def _shown(self, command: Sequence[str | Path]) -> str:
		shown = " ".join(str(part) for part in command)
		for secret in self.secrets:
			shown = shown.replace(f"={secret}", f"={MASK}").replace(f"'{secret}'", f"'{MASK}'")
		return shown


def tail(log: Path, start: int = 0, lines: int = TAIL_LINES) -> str:
	"""The last lines of a log file, from byte ``start`` on."""
	with log.open("rb") as file:
		file.seek(start)
		text = file.read().decode(errors="replace")
	return "\n".join(text.splitlines()[-lines:])


@contextmanager
def step(title: str) -> Iterator[None]:
	"""Prints the title at once, and how long it took at the end."""
	print(f"  {title} …", end="", flush=True)
	start = time.monotonic()
	try:
		yield
	except BaseException:
		print(" failed", flush=True)
		raise
	print(f" {time.monotonic() - start:.0f} s", flush=True)


def heading(title: str) -> None:
	print(f"\n{title}", flush=True)
