"""npm's oidc-provider, at which the tests sign in as at Google and Microsoft: in the cache, outside the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

from dev.options import CACHE
from dev.toolchain import FOLDER as TOOLS

VERSION = "9.13.3"
PACKAGE = f"oidc-provider@{VERSION}"
FOLDER = CACHE / f"openid-provider-{VERSION}"
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error")


def is_installed() -> bool:
	return (FOLDER / "node_modules" / "oidc-provider" / "package.json").exists()


def install() -> Path:
	"""The folder that has it; npm brings it there when it is not there yet. Another process may do so meanwhile."""
	if not is_installed():
		half_made = FOLDER.with_name(f"{FOLDER.name}-{os.getpid()}")
		half_made.mkdir(parents=True, exist_ok=True)
		subprocess.run([command("npm"), "install", f"--prefix={half_made}", *FLAGS, PACKAGE], check=True)
		if is_installed():
			shutil.rmtree(half_made)
		else:
			half_made.replace(FOLDER)
	return FOLDER


def command(name: str) -> str:
	"""The machine's own ``node`` or ``npm``, else the one that ``toolchain`` has brought."""
	return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{TOOLS / 'bin'}") or name
