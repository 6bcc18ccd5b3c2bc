"""The site that is measured: ``FRAPPE_BENCH`` is the bench's folder, ``CUSTOMER_PORTAL_SITE`` the site's name."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe

from tests.processes import own_redis

SITES = Path(os.environ["FRAPPE_BENCH"]) / "sites"
SITE = os.environ["CUSTOMER_PORTAL_SITE"]


@contextmanager
def connected() -> Iterator[Path]:
	"""As Administrator, with a Redis that nothing else uses; the folder is for logs and gone afterwards."""
	os.chdir(SITES)
	with tempfile.TemporaryDirectory() as name, own_redis(Path(name)) as (_process, environment):
		os.environ.update(environment)
		frappe.init(SITE, sites_path=str(SITES))
		frappe.connect()
		frappe.set_user("Administrator")
		yield Path(name)
