"""``make test`` and ``make bench``: fresh sites, the app on them as an admin would install it, and the suite."""

import json
from collections.abc import Callable
from pathlib import Path

from dev import compare, demo, machine, openid_provider, sites
from dev.options import CHECKOUT
from dev.services import Services
from dev.shell import Failure, heading, step

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


class Suite:
	"""pytest on a fresh site with the app, and what the app's uninstall leaves of that."""

	def __init__(self, services: Services, site: str):
		self.services = services
		self.site = site
		self.summary = "The suite did not run."

	def run(self) -> None:
		"""Raises ``Failure`` when a test fails, or when the uninstall leaves something."""
		sites.make(self.services, self.site, host_name=_address(self.services, self.site))
		before = _fingerprint(self.services, self.site)
		with step("Installing the app"):
			sites.install_app(self.services, self.site)
		status = self._run_tests()
		with step("Uninstalling the app"):
			sites.uninstall_app(self.services, self.site)
		_require_same("The uninstall", before, _fingerprint(self.services, self.site), MADE_BY_TESTS)
		sites.drop(self.services, self.site)
		if status:
			raise Failure("The suite failed.")

	def _run_tests(self) -> int:
		arguments = ["-m", "pytest", "-c", CONFIGURATION, f"--rootdir={CHECKOUT}", CHECKOUT / "tests"]
		status, self.summary = _show(self.services, self.site, *arguments)
		return status


def _show(services: Services, site: str, *arguments: str | Path) -> tuple[int, str]:
	"""Runs Python in the bench's environment; its status and its last line."""
	environment = {"FRAPPE_BENCH": str(services.bench.folder), "CUSTOMER_PORTAL_SITE": site}
	command = [services.bench.python, *arguments]
	return services.bench.shell.show(command, services.bench.sites, PYTHONPATH=str(CHECKOUT), **environment)


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
