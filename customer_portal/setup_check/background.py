"""What runs behind the pages: scheduler, workers, Redis, and what waits in the outbox."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, now_datetime
from frappe.utils.background_jobs import generate_qname, get_queue, get_workers
from frappe.utils.scheduler import is_scheduler_inactive
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from customer_portal.clock import utc_now
from customer_portal.notifications import outbox, wake
from customer_portal.setup_check.finding import Finding, failed, off, ok, warning

JOB = "customer_portal.tasks.every_minute"
JOBS = "/app/rq-job"
LATE_TICKS = 3
MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=5)
REDIS_SECONDS = 3
LONG_QUEUE = 200  # jobs: more than some minutes of work for one worker
TICK_SECONDS = 240  # of Frappe's scheduler, unless scheduler_tick_interval says another


def scheduler() -> Finding:
	"""Our job runs each minute: retries, quiet hours and all that a dead worker left depend on it."""
	enable = _("Run bench enable-scheduler for this site, and take pause_scheduler and maintenance_mode out.")
	if is_scheduler_inactive(verbose=False):
		return failed(_("The scheduler is off for this site."), enable)
	job = frappe.db.get_value(
		"Scheduled Job Type", {"method": JOB}, ["stopped", "last_execution"], as_dict=True
	)
	if not job or job.stopped:
		return failed(
			_("The job that runs each minute is missing or stopped."),
			_("Run bench migrate, and start the job in Scheduled Job Type."),
			"/app/scheduled-job-type",
		)
	return _liveness(job.last_execution)


def _liveness(last: datetime | None) -> Finding:
	mend = _("See whether bench schedule and a worker of the queue default are running.")
	if last is None:
		return warning(_("The job that runs each minute has not run yet."), mend)
	age = now_datetime() - last
	tick = timedelta(seconds=cint(frappe.conf.scheduler_tick_interval) or TICK_SECONDS)
	if age > MINUTE + LATE_TICKS * tick:
		minutes = int(age / MINUTE)
		return failed(_("The job that runs each minute ran {0} minutes ago.").format(minutes), mend)
	return ok(_("The scheduler is on, and the job that runs each minute has run."))


def workers() -> Finding:
	"""Codes and messages go out by the queue short, the scheduler's jobs run in default."""
	_reach("redis_queue")
	served = {name for worker in get_workers() for name in worker.queue_names()}
	idle = [queue for queue in wake.OTHER_QUEUES if generate_qname(queue) not in served]
	if idle:
		return failed(
			_("No worker takes jobs of: {0}.").format(", ".join(idle)),
			_("Start bench worker for these queues; without it nothing is sent."),
			"/app/rq-worker",
		)
	waiting = {queue: get_queue(queue).count for queue in wake.OTHER_QUEUES}
	long = [f"{queue} ({count})" for queue, count in waiting.items() if count > LONG_QUEUE]
	if long:
		return warning(
			_("Workers are running, and many jobs wait in: {0}.").format(", ".join(long)),
			_("Add workers, or look which jobs hold them up."),
			JOBS,
		)
	return ok(_("Workers are running, and {0} jobs wait.").format(sum(waiting.values())))


def redis() -> Finding:
	lost = [name for name in ("redis_queue", "redis_cache") if not _answers(name)]
	if lost:
		return failed(
			_("Redis does not answer at the address of: {0}.").format(", ".join(lost)),
			_("Start Redis, or mend its address in common_site_config.json."),
		)
	return ok(_("Redis answers, for the queue and for the cache."))


def _answers(name: str) -> bool:
	try:
		_reach(name)
	except (RedisError, OSError):
		return False
	return True


def _reach(name: str) -> None:
	"""A short call of its own first: Frappe's connections wait without a limit."""
	limits = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
	try:
		Redis.from_url(frappe.conf.get(name), **limits).ping()
	except AuthenticationError:  # it answers, and only asks who we are
		return


def backlog() -> Finding:
	due = {"state": "Queued", "due_at": ("<", utc_now() - LATE)}
	waiting = frappe.db.count(outbox.DOCTYPE, due)
	if waiting:
		return warning(
			_("{0} messages should have gone out more than 5 minutes ago.").format(waiting),
			_("Look at scheduler and workers first, then at the reason of each message."),
			"/app/portal-notification?state=Queued",
		)
	if not frappe.db.exists(outbox.DOCTYPE, {"state": ("!=", "Superseded")}):
		return off(_("No message has been written yet."))
	return ok(_("No message waits longer than it should."))
