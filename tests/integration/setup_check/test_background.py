"""The checks of background work: the scheduler, workers, Redis, and what waits."""

import time
from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_queue

from customer_portal.clock import utc_now
from customer_portal.setup_check import background, run
from customer_portal.setup_check.finding import FAILED, OFF, OK, WARNING
from tests import system_settings
from tests.conftest import SITES
from tests.integration.setup_check.conftest import message
from tests.servers import background_worker, free_port, silent_server


@pytest.fixture
def job():
	"""The scheduler is on, and our job has just run."""
	frappe.db.set_single_value("System Settings", "enable_scheduler", 1)
	name = frappe.db.get_value("Scheduled Job Type", {"method": background.JOB})
	frappe.db.set_value("Scheduled Job Type", name, {"stopped": 0, "last_execution": now_datetime()})
	system_settings.forget()
	yield name
	frappe.db.rollback()
	system_settings.forget()


def test_a_scheduler_that_runs(job):
	assert background.scheduler().state == OK


@pytest.mark.parametrize("key", ["pause_scheduler", "disable_scheduler", "maintenance_mode"])
def test_a_scheduler_that_is_paused(job, monkeypatch, key):
	monkeypatch.setitem(frappe.local.conf, key, 1)
	assert background.scheduler().state == FAILED


@pytest.mark.parametrize(
	("minutes", "state"), [(None, WARNING), (0, OK), (10, OK), (20, FAILED)], ids=["never", "now", "10", "20"]
)
def test_a_scheduler_that_stands_still(job, minutes, state):
	last = now_datetime() - timedelta(minutes=minutes) if minutes is not None else None
	frappe.db.set_value("Scheduled Job Type", job, "last_execution", last)
	assert background.scheduler().state == state


def test_a_stopped_job(job):
	frappe.db.set_value("Scheduled Job Type", job, "stopped", 1)
	assert background.scheduler().state == FAILED


def test_no_workers():
	finding = background.workers()
	assert (finding.state, "short, default" in finding.found) == (FAILED, True)


def test_workers_that_run(tmp_path, monkeypatch):
	for queue in ("short", "default", "long"):
		get_queue(queue).empty()
	with background_worker(SITES, tmp_path / "worker.log"):
		deadline = time.monotonic() + 180
		while background.workers().state != OK and time.monotonic() < deadline:
			time.sleep(0.5)
		assert background.workers().state == OK
		monkeypatch.setattr(background, "LONG_QUEUE", -1)
		assert background.workers().state == WARNING


def test_redis_that_answers():
	assert background.redis().state == OK


@pytest.mark.parametrize("name", ["redis_queue", "redis_cache"])
def test_redis_that_is_gone(monkeypatch, name):
	monkeypatch.setitem(frappe.local.conf, name, f"redis://127.0.0.1:{free_port()}")
	finding = background.redis()
	assert (finding.state, name in finding.found) == (FAILED, True)


def test_redis_that_says_nothing_ends_by_the_time_limit(monkeypatch):
	with silent_server() as port:
		monkeypatch.setitem(frappe.local.conf, "redis_queue", f"redis://127.0.0.1:{port}")
		started = time.monotonic()
		assert background.redis().state == FAILED
		assert run.run("workers").state == FAILED
		assert time.monotonic() - started < 4 * background.REDIS_SECONDS


def test_waiting_messages(no_messages):
	assert background.backlog().state == OFF
	message()
	assert background.backlog().state == OK
	message(state="Queued", due_at=utc_now() - timedelta(minutes=4))
	assert background.backlog().state == OK
	message(state="Queued", due_at=utc_now() - timedelta(minutes=6))
	assert (background.backlog().state, background.backlog().found[:1]) == (WARNING, "1")
