"""Runs inside the tools' environment: makes a bench, or adds an app to it, through bench's own library.

The ``bench`` command refuses to run as root, its library does not.
"""

import sys

from bench.app import get_app
from bench.utils import setup_logging
from bench.utils.system import init


def make(folder: str, address: str, branch: str, python: str) -> None:
	init(
		folder,
		frappe_path=address,
		frappe_branch=branch,
		python=python,
		no_backups=True,
		skip_assets=True,
	)


def add(folder: str, address: str, branch: str) -> None:
	setup_logging(folder)
	get_app(address, branch=branch, bench_path=folder, skip_assets=True, resolve_deps=False)


if __name__ == "__main__":
	{"make": make, "add": add}[sys.argv[1]](*sys.argv[2:])
