"""What the machine itself must have. Only this module installs system packages."""

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.shell import Failure, Shell, step

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# Packages must not start their services now.\nexit 101\n"
CHROMIUM_NAMES = ("chromium", "google-chrome")  # those that tests/browsers.py looks for
ROOT = Path("/")


def is_command(name: str) -> bool:
	return bool(find_command(name))


def find_command(name: str) -> str | None:
	"""Looks in the system's folders too, which a user's PATH may lack."""
	return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def find_chromium() -> str | None:
	"""A real Chromium; a stub that only asks for a snap is none."""
	for name in CHROMIUM_NAMES:
		path = find_command(name)
		if path and not _is_snap_stub(Path(path)):
			return path
	return None


def _is_snap_stub(path: Path) -> bool:
	return b"snap" in path.read_bytes()[:2000]


def _has_headers() -> bool:
	return Path(sysconfig.get_path("include"), "Python.h").exists()


def _has_ensurepip() -> bool:
	command = ["python3", "-c", "import ensurepip, venv"]
	return not subprocess.run(command, capture_output=True, check=False).returncode


def _has_mariadb_headers() -> bool:
	command = ["pkg-config", "--exists", "libmariadb"]
	return is_command("pkg-config") and not subprocess.run(command, check=False).returncode


def _has_fonts() -> bool:
	return any(Path("/usr/share/fonts").glob("**/NotoSansArabic*"))


def _has_imap_server() -> bool:
	"""The program alone is Debian's dovecot-core, which speaks no IMAP."""
	return is_command("dovecot") and Path("/usr/lib/dovecot/imap").exists()


def _needs(*names: str) -> Callable[[], bool]:
	return lambda: all(is_command(name) for name in names)


NEEDED: dict[str, Callable[[], bool]] = {
	"git": _needs("git"),
	"build-essential": _needs("cc", "make"),
	"pkg-config": _needs("pkg-config"),
	"python3-venv": _has_ensurepip,
	"python3-dev": _has_headers,
	"libmariadb-dev": _has_mariadb_headers,
	"mariadb-server-core": _needs("mariadbd", "mariadb-install-db"),
	"mariadb-client": _needs("mariadb", "mariadb-dump"),
	"redis-server": _needs("redis-server"),
}
NEEDED_FOR_TESTS: dict[str, Callable[[], bool]] = {
	"chromium": lambda: bool(find_chromium()),
	"fonts-noto-core": _has_fonts,
	"dovecot-imapd": _has_imap_server,
}


def missing_packages(needed: dict[str, Callable[[], bool]]) -> list[str]:
	return [package for package, is_there in needed.items() if not is_there()]


def prepare(shell: Shell, for_tests: bool) -> None:
	"""Installs what is missing, without a question and without starting a service.

	``mariadb-server-core`` is the server without a service or data folder of its own.
	"""
	missing = missing_packages(NEEDED | (NEEDED_FOR_TESTS if for_tests else {}))
	if "chromium" in missing and is_ubuntu():
		missing.remove("chromium")  # there it is a snap; Playwright's own build serves
	if not missing:
		return
	if not is_command("apt-get"):
		raise Failure(f"These are missing: {', '.join(missing)}.", "Install them with your package manager.")
	with step(f"Installing {', '.join(missing)}"), _services_held_back(shell):
		_as_root(shell, ["apt-get", "update"])
		_as_root(shell, ["apt-get", "install", "--yes", "--no-install-recommends", *missing])


def is_ubuntu() -> bool:
	release = Path("/etc/os-release")
	return release.exists() and "ID=ubuntu" in release.read_text().splitlines()


@contextmanager
def _services_held_back(shell: Shell) -> Iterator[None]:
	"""Debian's way to install a package without its service: policy-rc.d says no while we install."""
	if POLICY.exists():
		yield
		return
	text = shell.log.with_suffix(".policy")
	text.parent.mkdir(parents=True, exist_ok=True)
	text.write_text(POLICY_TEXT)
	_as_root(shell, ["install", "--mode=755", str(text), str(POLICY)])
	try:
		yield
	finally:
		_as_root(shell, ["rm", str(POLICY)])
		text.unlink()


def _as_root(shell: Shell, command: list[str]) -> None:
	sudo = [] if os.geteuid() == 0 else ["sudo"]
	shell.run([*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *command], cwd=ROOT)
