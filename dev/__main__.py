"""``python3 -m dev demo|test|bench|stop``: the Makefile calls it, with the standard library alone."""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dev import bench, demo, machine, options, suite, toolchain
from dev.services import Services
from dev.shell import Failure, Shell, heading

COMMANDS: dict[str, Callable[[Services], int]] = {
	"demo": demo.run,
	"test": suite.run,
	"bench": suite.run_benchmarks,
	"stop": demo.stop,
}
LOCK_NAME = "customer-portal-dev.lock"
# A virtual environment or a site that happens to be active must not leak into the bench.
LEFT_OUT = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "FRAPPE_SITE", "SITES_PATH", "MAKEFLAGS", "MAKELEVEL")


def main(arguments: list[str]) -> int:
	if len(arguments) != 1 or arguments[0] not in COMMANDS:
		print(f"Usage: python3 -m dev {'|'.join(COMMANDS)}", file=sys.stderr)
		return 2
	services = None
	try:
		services = _services()
		with alone(services.bench.folder / "logs" / LOCK_NAME):
			if arguments[0] != "stop":
				_prepare(services, for_tests=arguments[0] != "demo")
			return COMMANDS[arguments[0]](services)
	except (Failure, options.WrongOption) as failure:
		_explain(failure, services)
		return 1
	except KeyboardInterrupt:
		return 130


@contextmanager
def alone(file: Path) -> Iterator[None]:
	"""One run at a time on a bench: two would drop each other's site. Raises ``Failure`` for the second."""
	file.parent.mkdir(parents=True, exist_ok=True)
	with file.open("w") as lock:
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError as error:
			raise Failure(
				"Another `make` works on this bench.", "Wait for it, or set FRAPPE_BENCH."
			) from error
		yield


def _services() -> Services:
	chosen = options.read(os.environ)
	environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
	shell = Shell(chosen.bench / "logs" / bench.LOG_NAME, environment)
	toolchain.use(shell)
	return Services(bench.Bench(chosen, shell))


def _prepare(services: Services, for_tests: bool) -> None:
	heading(f"Bench {services.bench.folder}")
	machine.prepare(services.bench.shell, for_tests)
	bench.prepare(services.bench)


def _explain(failure: Exception, services: Services | None) -> None:
	tail = getattr(failure, "tail", "")
	if tail:
		print(f"\n{tail}", file=sys.stderr)
	print(f"\n{failure}", file=sys.stderr)
	if getattr(failure, "advice", ""):
		print(failure.advice, file=sys.stderr)
	if services:
		print(f"The whole log: {services.bench.shell.log}", file=sys.stderr)


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
