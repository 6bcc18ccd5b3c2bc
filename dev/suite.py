"""``make test`` and ``make bench``: fresh sites, the app on them as an admin would install it, and the suite."""

import json
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dev import compare, demo, machine, openid_provider, sites
from dev.options import CHECKOUT
from dev.services import Services
from dev.shell import Failure, heading, step

SUMMARY = re.compile(r"=* ?(?P<counts>\d+ .*) in (?P<seconds>[\d.]+)s(?: \([\d:]+\))? ?=*")
COUNT = re.compile(r"(\d+) (\w+)")
MADE_BY_TESTS = frozenset(
	{
		"Assignment Rule",
		"Contact",
		"Has Role",
		"HD Ticket",
		"HD Ticket Template",
		"HD Ticket Template Field",
		"HD Ticket Type",
	}
	| {"HD Ticket Status", "HD Service Level Agreement", "HD View", "HD Ticket Priority"}
)
CONFIGURATION = CHECKOUT / "pyproject.toml"


def run(services: Services) -> int:
	"""0 when style, the life cycle of an installation, and the suite all passed. Each is tried, whatever became
	of the one before; the suite's own last line is the last one printed.
	"""
	site = services.bench.options.test_site
	suite = Suite(services, site)
	try:
		_pause_demo(services)
		services.start()
		_prepare_browser(services)
		_prepare_openid_provider()
		heading(f"Style, and install, migrate and uninstall on {site}")
		failed = _failing("style", _check_style, services) + _failing(
			"installation", check_lifecycle, services, site
		)
		heading(f"The suite on {site}")
		failed += _failing("suite", suite.run)
	finally:
		services.stop_started()
	print(f"\nFailed: {', '.join(failed)}." if failed else "\nAll passed.")
	print(suite.summary)
	return 1 if failed else 0


def _pause_demo(services: Services) -> None:
	"""The workers of a bench take the jobs of all its sites: the demo's would run those of the tests."""
	if demo.stop_site(services):
		print("  The demo was running and is stopped; `make demo` brings it back.")


def _failing(name: str, check: Callable[..., None], *arguments: object) -> list[str]:
	"""The name, when the check fails; what it found is printed."""
	try:
		check(*arguments)
	except Failure as failure:
		print(f"\n{failure.tail}\n\n{failure}")
		return [name]
	return []


def run_benchmarks(services: Services) -> int:
	"""``python -m benchmarks`` on a site of its own, with its output on the terminal."""
	try:
		_pause_demo(services)
		services.start()
		site = services.bench.options.bench_site
		sites.make(services, site, host_name=_address(services, site))
		with step("Installing the app"):
			sites.install_app(services, site)
		status, _ = _show(services, site, "-m", "benchmarks")
		return status
	finally:
		services.stop_started()


def _check_style(services: Services) -> None:
	with step("Checking style"):
		for arguments in (("check",), ("format", "--check")):
			command = [services.bench.python, "-m", "ruff", *arguments, CHECKOUT]
			services.bench.shell.run(command, cwd=CHECKOUT)


def _prepare_browser(services: Services) -> None:
	"""Where the machine has no Chromium (Ubuntu's is a snap), Playwright brings one."""
	if machine.find_chromium():
		return
	with step("Installing Chromium"):
		command = [services.bench.python, "-m", "playwright", "install", "--with-deps", "chromium"]
		services.bench.shell.run(command, cwd=services.folder)


def _prepare_openid_provider() -> None:
	if openid_provider.is_installed():
		return
	with step("Installing an OpenID provider"):
		openid_provider.install()


def check_lifecycle(services: Services, site: str) -> None:
	"""A site with tickets gets the app; a second migration changes nothing; an uninstall leaves no trace."""
	sites.make(services, site, host_name=_address(services, site))
	with step("Filing tickets before the install"):
		services.bench.script("dev.old_tickets", site)
	before = _fingerprint(services, site)
	with step("Installing the app"):
		sites.install_app(services, site)
	_check_second_migration(services, site)
	with step("Uninstalling the app"):
		sites.uninstall_app(services, site)
	_require_same("The uninstall", before, _fingerprint(services, site))


def _check_second_migration(services: Services, site: str) -> None:
	with step("Migrating once"):
		sites.migrate(services, site)
	before = _fingerprint(services, site, "with-ours")
	with step("Migrating twice"):
		sites.migrate(services, site)
	_require_same("The second migration", before, _fingerprint(services, site, "with-ours"))


@dataclass(frozen=True)
class Lane:
	"""A part of the suite that runs beside the others, on a site of its own."""

	name: str
	site: str
	arguments: tuple[str | Path, ...]


def lanes(site: str) -> tuple[Lane, ...]:
	"""Of about the same length; together they are all that pytest finds."""
	tests, integration = CHECKOUT / "tests", CHECKOUT / "tests" / "integration"
	parts = {
		"pages": [tests / "browser"],
		"slack": [integration / "slack", tests / "unit"],
		"tickets": sorted(integration.glob("test_*.py")),
	}
	others = [f"--ignore={path}" for paths in parts.values() for path in paths]
	return (
		*(Lane(name, f"{name}-{site}", tuple(paths)) for name, paths in parts.items()),
		Lane("rest", site, (tests, *others)),
	)


class Suite:
	"""pytest on fresh sites with the app, and what the app's uninstall leaves of that."""

	def __init__(self, services: Services, site: str):
		self.services = services
		self.lanes = lanes(site)
		self.summary = "The suite did not run."

	def run(self) -> None:
		"""Raises ``Failure`` when a test fails, or when the uninstall leaves something."""
		before = [self._prepare(lane) for lane in self.lanes]
		with ThreadPoolExecutor() as pool:
			results = list(pool.map(self._run_tests, self.lanes))
		self.summary = summary_of([lines for _status, lines in results])
		for lane, fingerprint in zip(self.lanes, before, strict=True):
			self._clear(lane, fingerprint)
		if any(status for status, _lines in results):
			raise Failure("The suite failed.")

	def _prepare(self, lane: Lane) -> compare.Fingerprint:
		sites.make(self.services, lane.site, host_name=_address(self.services, lane.site))
		before = _fingerprint(self.services, lane.site)
		with step("Installing the app"):
			sites.install_app(self.services, lane.site)
		return before

	def _run_tests(self, lane: Lane) -> tuple[int, list[str]]:
		arguments = ("-m", "pytest", "-c", CONFIGURATION, f"--rootdir={CHECKOUT}", *lane.arguments)
		return _show(self.services, lane.site, *arguments, label=f"{lane.name}: ")

	def _clear(self, lane: Lane, before: compare.Fingerprint) -> None:
		with step("Uninstalling the app"):
			sites.uninstall_app(self.services, lane.site)
		_require_same("The uninstall", before, _fingerprint(self.services, lane.site), MADE_BY_TESTS)
		sites.drop(self.services, lane.site)


def summary_of(outputs: list[list[str]]) -> str:
	"""Which tests failed, a line each, and pytest's last lines added up."""
	failed = [line for lines in outputs for line in lines if line.startswith(("FAILED ", "ERROR "))]
	return "\n".join([*failed, sum_of([lines[-1] if lines else "nothing was printed" for lines in outputs])])


def sum_of(last_lines: list[str]) -> str:
	"""One last line of pytest's for several runs side by side: "3 failed, 20 passed in 60.1s". Each line as it is when
	one of them is not of that form.
	"""
	counts: Counter[str] = Counter()
	longest = 0.0
	for line in last_lines:
		found = SUMMARY.fullmatch(line)
		if found is None:
			return " / ".join(last_lines)
		counts.update({word: int(number) for number, word in COUNT.findall(found["counts"])})
		longest = max(longest, float(found["seconds"]))
	return f"{', '.join(f'{number} {word}' for word, number in counts.items())} in {longest:.2f}s"


def _show(services: Services, site: str, *arguments: str | Path, label: str = "") -> tuple[int, list[str]]:
	"""Runs Python in the bench's environment; its status and its lines."""
	environment = {"FRAPPE_BENCH": str(services.bench.folder), "CUSTOMER_PORTAL_SITE": site}
	command = [services.bench.python, *arguments]
	environment["PYTHONPATH"] = str(CHECKOUT)
	return services.bench.shell.show(command, services.bench.sites, label, **environment)


def _fingerprint(services: Services, site: str, *arguments: str) -> compare.Fingerprint:
	file = services.folder / "fingerprint.json"
	services.bench.script("dev.fingerprint", site, str(file), *arguments)
	return json.loads(file.read_text())


def _require_same(
	act: str, before: compare.Fingerprint, after: compare.Fingerprint, may_grow: frozenset[str] = frozenset()
) -> None:
	lines = compare.differences(before, after, may_grow)
	if lines:
		shown = "\n".join(lines[:40])
		raise Failure(f"{act} left {len(lines)} differences in Helpdesk or Frappe.", tail=shown)


def _address(services: Services, site: str) -> str:
	return f"http://{site}:{services.bench.options.ports['WEB_PORT']}"
