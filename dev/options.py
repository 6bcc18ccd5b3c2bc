"""What a person can choose, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "customer-portal-dev"

APPS = ("frappe", "telephony", "helpdesk")
DEFAULT_SOURCES = {app: f"https://github.com/frappe/{app}" for app in APPS}
DEFAULT_BRANCHES = {"frappe": "version-16", "telephony": "develop", "helpdesk": "main"}
DEFAULT_PORTS = {
	"WEB_PORT": 8000,
	"OUTBOX_PORT": 8025,
	"SMTP_PORT": 8026,
	"SOCKETIO_PORT": 9000,
	"REDIS_QUEUE_PORT": 11000,
	"REDIS_CACHE_PORT": 13000,
	"MARIADB_PORT": 33306,
}


class WrongOption(ValueError):
	"""An environment variable has a value that cannot be meant."""


@dataclass(frozen=True)
class Source:
	"""Where an app comes from: a git address, or ``file://`` and a folder."""

	app: str
	address: str
	branch: str


@dataclass(frozen=True)
class Options:
	bench: Path
	sources: tuple[Source, ...]
	ports: Mapping[str, int]
	chosen_ports: frozenset[str]
	"""Names of the ports that the person set; the others may move to a free one."""
	python: str | None
	demo_site: str
	test_site: str
	bench_site: str
	is_fresh: bool
	"""Make the demo's site anew."""


def read(environment: Mapping[str, str]) -> Options:
	"""Options from environment variables; an empty variable counts as unset.

	Raises ``WrongOption`` for a port that is no number between 1 and 65535.
	"""
	values = {name: value.strip() for name, value in environment.items() if value.strip()}
	return Options(
		bench=Path(values.get("FRAPPE_BENCH", "~/frappe-bench")).expanduser().absolute(),
		sources=tuple(_source(app, values) for app in APPS),
		ports={name: _port(name, values.get(name, default)) for name, default in DEFAULT_PORTS.items()},
		chosen_ports=frozenset(DEFAULT_PORTS.keys() & values.keys()),
		python=values.get("BENCH_PYTHON"),
		demo_site=values.get("DEMO_SITE", "portal-demo.localhost"),
		test_site=values.get("TEST_SITE", "portal-test.localhost"),
		bench_site=values.get("BENCHMARK_SITE", "portal-benchmark.localhost"),
		is_fresh=values.get("FRESH") == "1",
	)


def _source(app: str, values: Mapping[str, str]) -> Source:
	address = values.get(f"{app.upper()}_SOURCE", DEFAULT_SOURCES[app])
	branch = values.get(f"{app.upper()}_BRANCH", DEFAULT_BRANCHES[app])
	return Source(app, git_address(address), branch)


def git_address(address: str) -> str:
	"""A folder becomes a ``file://`` address, so that bench clones it instead of reading its remotes."""
	folder = Path(address).expanduser()
	return folder.resolve().as_uri() if folder.is_dir() else address


def _port(name: str, value: str | int) -> int:
	if not str(value).isdecimal() or not 1 <= int(value) <= 65535:
		raise WrongOption(f"{name} must be a port number between 1 and 65535, not {value!r}.")
	return int(value)
