"""``bench --site … customer-portal check``, run as a process of its own, as an admin or a monitor runs it."""

import json
import os
import subprocess
import sys
import time

import frappe
import pytest
from frappe.utils.background_jobs import get_workers

from customer_portal.setup_check import run
from tests.conftest import SITE, SITES
from tests.gateways import configure
from tests.gateways.twilio import AUTH_TOKEN

BENCH = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe"]


def bench(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
	command = [*BENCH, *arguments]
	merged = {**os.environ, **environment}
	return subprocess.run(command, cwd=SITES, env=merged, capture_output=True, text=True, timeout=120)


def check(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
	return bench("--site", SITE, "customer-portal", "check", *arguments, **environment)


def states(process: subprocess.CompletedProcess) -> dict[str, str]:
	return {finding["key"]: finding["state"] for finding in json.loads(process.stdout)}


@pytest.fixture
def scheduler_is_on(site):
	"""What a fresh site of the tests lacks, so that nothing fails but what a test breaks. The job ran just now."""
	was = frappe.db.get_single_value("System Settings", "enable_scheduler")
	_set_scheduler(1)
	frappe.db.set_value(
		"Scheduled Job Type",
		{"method": "customer_portal.tasks.every_minute"},
		{"last_execution": frappe.utils.now_datetime(), "stopped": 0},
	)
	frappe.db.commit()
	yield
	_set_scheduler(was)


def _set_scheduler(value: int) -> None:
	frappe.db.set_single_value("System Settings", "enable_scheduler", value)
	frappe.db.commit()
	frappe.clear_cache()


def wait_for_worker(seconds: float = 180) -> None:
	deadline = time.monotonic() + seconds
	while not get_workers() and time.monotonic() < deadline:
		time.sleep(0.2)


def test_it_ends_with_1_when_something_failed(mail_server, twilio):
	process = check()
	assert process.returncode == 1
	assert "Failed   Workers: No worker takes jobs of: short, default." in process.stdout
	assert AUTH_TOKEN not in process.stdout + process.stderr
	assert "Traceback" not in process.stderr


def test_it_ends_with_0_when_nothing_failed(mail_server, twilio, scheduler_is_on, worker):
	wait_for_worker()
	process = check("--json")
	assert "Failed" not in states(process).values(), process.stdout
	assert "Warning" in states(process).values()
	assert process.returncode == 0


def test_json_has_every_check_with_all_that_the_page_shows(mail_server):
	process = check("--json")
	findings = json.loads(process.stdout)
	assert [finding["key"] for finding in findings] == [one.key for one in run.checks()]
	assert set(findings[0]) == {"key", "title", "state", "found", "mend", "link"}


def test_without_redis_it_says_so():
	process = check("--json", FRAPPE_REDIS_QUEUE="redis://127.0.0.1:1")
	assert process.returncode == 1
	assert (states(process)["redis"], states(process)["workers"]) == ("Failed", "Failed")


def test_what_it_finds_follows_the_settings(mail_server):
	configure(send_email=0)
	assert states(check("--json"))["outgoing_mail"] == "Off"
	configure(send_email=1)
	process = check("--json")
	assert states(process)["outgoing_mail"] == "OK", process.stdout


def test_it_needs_a_site():
	process = bench("--site", "no-such-site.localhost", "customer-portal", "check")
	assert process.returncode not in (0, None)
