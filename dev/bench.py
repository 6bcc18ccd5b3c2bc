"""The bench: made when there is none, used as it is when there is one, with this checkout as one of its apps."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev import ports, toolchain
from dev.options import APPS, CHECKOUT, Options, Source
from dev.shell import Failure, Shell, step

APP = "customer_portal"
SCRIPT = CHECKOUT / "dev" / "bench_script.py"
LOG_NAME = "customer-portal-dev.log"


@dataclass(frozen=True)
class Bench:
	options: Options
	shell: Shell

	@property
	def folder(self) -> Path:
		return self.options.bench

	@property
	def sites(self) -> Path:
		return self.folder / "sites"

	@property
	def services(self) -> Path:
		return self.folder / "services"

	@property
	def python(self) -> Path:
		return self.folder / "env" / "bin" / "python"

	@property
	def config(self) -> dict:
		"""``sites/common_site_config.json``."""
		return json.loads((self.sites / "common_site_config.json").read_text())

	def frappe(self, *arguments: str | Path, site: str | None = None, **extra: str) -> None:
		"""A ``bench`` command, in the way that root may run too."""
		self.shell.run(self.frappe_command(*arguments, site=site), cwd=self.sites, **extra)

	def frappe_command(self, *arguments: str | Path, site: str | None = None) -> list[str]:
		chosen = ["--site", site] if site else []
		command = [self.python, "-m", "frappe.utils.bench_helper", "frappe", *chosen, *arguments]
		return [str(part) for part in command]

	def script(self, module: str, *arguments: str) -> None:
		"""A module of ``dev/`` that needs Frappe, in the bench's environment."""
		self.shell.run(self.script_command(module, *arguments), cwd=self.sites, PYTHONPATH=str(CHECKOUT))

	def script_command(self, module: str, *arguments: str) -> list[str]:
		return [str(self.python), "-m", module, *arguments]


def prepare(bench: Bench) -> None:
	"""Makes the bench, adds the apps that it lacks, and puts this checkout into it."""
	_remove_half_made(bench)
	if not (bench.folder / "apps" / "frappe").exists():
		_make(bench)
	for source in bench.options.sources[1:]:
		if not (bench.folder / "apps" / source.app).exists():
			_add(bench, source)
	_link_checkout(bench)
	_install_checkout(bench)
	_build_assets(bench)


def _make(bench: Bench) -> None:
	_refuse_strange_folder(bench.folder)
	toolchain.prepare(bench.shell)
	python = toolchain.prepare_for(bench.shell, bench.options)
	_mark(bench).parent.mkdir(parents=True, exist_ok=True)
	_mark(bench).touch()
	_write_ports(bench)
	frappe, *others = bench.options.sources
	with step(f"Making a bench with Frappe {frappe.branch}"):
		_bench_library(bench, "make", str(bench.folder), frappe.address, frappe.branch, python)
	for source in others:
		_add(bench, source)
	# Frappe 15 needs pkg_resources to make a site; setuptools 81 dropped it.
	bench.shell.run([*_pip(bench), "setuptools<81"], cwd=bench.folder)
	_mark(bench).unlink()


def _refuse_strange_folder(folder: Path) -> None:
	if folder.exists() and _beside_ours(folder):
		raise Failure(f"{folder} is there, but it is no bench.", "Set FRAPPE_BENCH to another folder.")


def _beside_ours(folder: Path) -> list[Path]:
	"""What lies in the folder beside the two that are made before the bench."""
	return [path for path in folder.iterdir() if path.name not in ("logs", "services")]


def _write_ports(bench: Bench) -> None:
	"""Ports that are free now; bench keeps what it finds in the file and adds the rest."""
	chosen = ports.choose(bench.options)
	config = {
		"redis_cache": f"redis://127.0.0.1:{chosen['REDIS_CACHE_PORT']}",
		"redis_socketio": f"redis://127.0.0.1:{chosen['REDIS_CACHE_PORT']}",
		"redis_queue": f"redis://127.0.0.1:{chosen['REDIS_QUEUE_PORT']}",
		"socketio_port": chosen["SOCKETIO_PORT"],
		"webserver_port": bench.options.ports["WEB_PORT"],
		"background_process_niceness": 0,  # what the suite waits for is not behind the suite itself
	}
	bench.sites.mkdir(parents=True, exist_ok=True)
	(bench.sites / "common_site_config.json").write_text(json.dumps(config, indent=1))


def _add(bench: Bench, source: Source) -> None:
	toolchain.prepare(bench.shell)
	with step(f"Adding {source.app} {source.branch}"):
		_bench_library(bench, "add", str(bench.folder), source.address, source.branch)


def _bench_library(bench: Bench, *arguments: str) -> None:
	python = toolchain.FOLDER / "bin" / "python"
	# Isolated: beside the script lies a bench.py of ours, which is not the library.
	bench.shell.run([python, "-I", SCRIPT, *arguments], cwd=bench.folder, GIT_TERMINAL_PROMPT="0")


def _mark(bench: Bench) -> Path:
	"""There while a bench is being made: what a broken run leaves is recognised by it."""
	return bench.services / "being-made"


def _remove_half_made(bench: Bench) -> None:
	if not _mark(bench).exists():
		return
	with step("Removing a bench that was left half made"):
		for path in _beside_ours(bench.folder):
			shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _link_checkout(bench: Bench) -> None:
	"""``apps/customer_portal`` points at this checkout; a real folder of that name is somebody's work."""
	link = bench.folder / "apps" / APP
	if link.exists() and link.resolve() == CHECKOUT:
		return
	if link.exists() and not link.is_symlink():
		raise Failure(f"{link} is another copy of this app.", "Move it away, or run make in that folder.")
	link.unlink(missing_ok=True)
	link.symlink_to(CHECKOUT)


def _install_checkout(bench: Bench) -> None:
	_list_app(bench.sites / "apps.txt")
	stamp = _stamp(bench, "installed", str(CHECKOUT), (CHECKOUT / "pyproject.toml").read_text())
	if stamp.exists():
		return
	with step("Installing this checkout into the bench"):
		bench.shell.run([*_pip(bench), "-e", f"{CHECKOUT}[test]"], cwd=bench.folder)
	_only(stamp)


def _pip(bench: Bench) -> list[str | Path]:
	"""pip of the bench's environment, or uv where the environment was made without pip."""
	if list((bench.folder / "env").glob("lib/python*/site-packages/pip")):
		return [bench.python, "-m", "pip", "install"]
	toolchain.prepare(bench.shell)
	return ["uv", "pip", "install", f"--python={bench.python}"]


def _list_app(apps: Path) -> None:
	names = [name for name in apps.read_text().split() if name != APP]
	apps.write_text("\n".join([*names, APP]) + "\n")


def _build_assets(bench: Bench) -> None:
	"""All apps once; afterwards this app alone, when a file of its own asset sources changed."""
	assets = bench.sites / "assets"
	if not (assets / "helpdesk").exists() or not (assets / "assets.json").exists():
		with step("Building assets (some minutes the first time)"):
			bench.frappe("build", "--force")
	stamp = _stamp(bench, "built", *_asset_files())
	if not stamp.exists() or not (assets / APP).exists():
		with step("Building this app's assets"):
			bench.frappe("build", "--app", APP)
		_only(stamp)


def _asset_files() -> Sequence[str]:
	app = CHECKOUT / APP
	files = [*(app / "public").rglob("*"), *(app / "locale").glob("*.po")]
	return [str(CHECKOUT), *(f"{path}:{path.stat().st_mtime_ns}" for path in sorted(files) if path.is_file())]


def _stamp(bench: Bench, name: str, *parts: str) -> Path:
	digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
	return bench.services / "stamps" / f"{name}-{digest}"


def _only(stamp: Path) -> None:
	"""Makes the stamp and removes the older ones of its kind."""
	stamp.parent.mkdir(parents=True, exist_ok=True)
	for old in stamp.parent.glob(f"{stamp.name.rsplit('-', 1)[0]}-*"):
		old.unlink()
	stamp.touch()


def apps_fingerprint(bench: Bench) -> str:
	"""Changes when Frappe, Telephony or Helpdesk do."""
	parts = [part for app in APPS for part in _app_state(bench, bench.folder / "apps" / app, app)]
	return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _app_state(bench: Bench, folder: Path, app: str) -> list[str]:
	"""The commit and what was edited since; the version for an app that came without git."""
	if not (folder / ".git").exists():
		return [(folder / app / "__init__.py").read_text()]
	git = ["git", "-c", "safe.directory=*"]
	return [bench.shell.output([*git, *arguments], cwd=folder) for arguments in _STATE]


_STATE = (("rev-parse", "HEAD"), ("diff", "HEAD", "--", "*.py", "*.json"), ("status", "--porcelain"))
