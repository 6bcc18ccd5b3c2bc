"""A connected site, a real web server and a real worker for the whole run.

``CUSTOMER_PORTAL_SITE`` names a site of the bench on which the app is installed; ``FRAPPE_BENCH`` is the bench's folder.
"""

import os
from pathlib import Path

import frappe
import pytest
from frappe.installer import update_site_config
from frappe.utils.background_jobs import get_queue, get_redis_conn

from customer_portal.notifications import wake
from customer_portal.slack import wake as slack_wake
from tests import events
from tests.client import Client
from tests.processes import own_redis
from tests.servers import background_worker, web_server

pytest_plugins = [
	"tests.gateways.sms",
	"tests.gateways.twilio",
	"tests.gateways.slack",
	"tests.gateways.mail",
	"tests.gateways.openid",
	"tests.twilio_hooks",
	"tests.mailbox",
	"tests.imap",
	"tests.channels",
	"tests.secrets",
	"tests.doors",
	"tests.browsers",
	"tests.talk",
	"tests.accounts",
	"tests.organisations",
	"tests.sign_ins",
]

SITES = Path(os.environ["FRAPPE_BENCH"]) / "sites"
SITE = os.environ["CUSTOMER_PORTAL_SITE"]
MOST_JOBS = 200
os.environ.pop("CI", None)  # where it is set, Frappe's workers send no mail


@pytest.fixture(scope="session", autouse=True)
def redis(tmp_path_factory):
	"""Queues and a cache of the run's own: its jobs and those of the bench do not meet."""
	with own_redis(tmp_path_factory.mktemp("redis")) as (_process, environment):
		os.environ.update(environment)
		yield


@pytest.fixture(scope="session", autouse=True)
def site(redis):
	os.chdir(SITES)
	frappe.init(SITE, sites_path=str(SITES))
	frappe.connect()
	frappe.local.conf.max_queued_jobs = 100_000  # Frappe refuses more than 500 waiting jobs
	_allow_users(10_000)  # and more than 60 new users an hour
	frappe.set_user("Administrator")
	yield SITE
	_allow_users(None)
	frappe.destroy()


def _allow_users(an_hour: int | None) -> None:
	"""In the site's configuration, which the web server reads too; None is Frappe's own limit."""
	update_site_config("throttle_user_limit", an_hour or "None")


@pytest.fixture(autouse=True)
def clean_slate(site):
	"""Each test starts as Administrator outside any transaction of the one before."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = "en"
	yield
	frappe.db.rollback()
	frappe.local.request = None
	_forget_jobs()


def _forget_jobs() -> None:
	"""Jobs that no worker takes in a run pile up, and the web server refuses what needs one more than 500."""
	for name in ("short", "default", "long"):
		queue = get_queue(name)
		if len(queue) > MOST_JOBS:
			queue.empty()


@pytest.fixture(scope="session")
def server(site, tmp_path_factory):
	"""A real gunicorn that serves the site: its port. Chromium reaches it as ``http://<site>:<port>``."""
	with web_server(site, SITES, tmp_path_factory.mktemp("server") / "web.log") as port:
		yield port


@pytest.fixture
def new_client(server):
	"""Call it for one more browser with cookies of its own."""
	return lambda: Client(server, SITE)


@pytest.fixture
def client(new_client):
	return new_client()


@pytest.fixture
def worker(site, tmp_path):
	"""A real background worker on all queues, for one test: jobs of earlier tests are not its work."""
	connection = get_redis_conn()
	for pattern in ("rq:queue:*", "rq:job:*customer_portal_deliver_*"):
		for key in connection.scan_iter(pattern):
			connection.delete(key)
	for bell in (wake.BELL, slack_wake.OUT, slack_wake.IN):
		bell.fall_asleep()
	events.clear()
	with background_worker(SITES, tmp_path / "worker.log") as process:
		yield process
