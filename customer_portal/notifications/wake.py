"""Starts the delivery job. Redis is only a bell here: without it, the sweep finds the rows each minute."""

import frappe
from frappe.utils.background_jobs import create_job_id, get_queue
from redis.exceptions import RedisError

QUEUE = "short"
OTHER_QUEUES = ("short", "default")
JOB = "customer_portal.notifications.dispatch.deliver"
TIMEOUT_SECONDS = 240
AWAKE = "customer_portal:delivery_is_awake"
AWAKE_SECONDS = 60  # longer than a delivery job delivers and waits


def after_commit() -> None:
	"""Once for all changes of a transaction: an agent may change thousands of tickets in one."""
	if frappe.flags.portal_rings_for is not frappe.local.db:
		frappe.flags.portal_rings_for = frappe.local.db
		frappe.db.after_commit.add(_ring_at_its_end)
		frappe.db.after_rollback.add(_forget)


def _ring_at_its_end() -> None:
	_forget()
	ring_unless_awake()


def _forget() -> None:
	frappe.flags.portal_rings_for = None


def ring_unless_awake() -> None:
	"""A delivery job that is awake finds the new rows by itself: asking for the mark is all that a save pays."""
	try:
		is_asleep = frappe.cache.set(frappe.cache.make_key(AWAKE), 1, ex=AWAKE_SECONDS, nx=True)
	except RedisError as error:
		_log(error)
	else:
		if is_asleep and not ring():
			fall_asleep()  # nobody was woken: the next change tries again


def fall_asleep() -> None:
	"""The job is about to end: from now on the next change rings. It must look once more after this."""
	frappe.cache.delete_value(AWAKE)


def ring(slot: int = 0) -> bool:
	"""Enqueues the delivery job unless one of the slot waits already; False when the queue takes none.

	Each job has an id of its own. Frappe's deduplication by one id would keep silent while a job runs, although it
	may have had its last look, and for minutes after its worker was killed, since its record still says "started".

	Called after the commit, where an error would look like a failed save although everything is saved: an
	unreachable or full queue is logged.
	"""
	job_id = f"customer_portal_deliver_{slot}_"
	try:
		if not _waits(job_id):
			job_id += frappe.generate_hash(length=10)
			frappe.enqueue(JOB, queue=QUEUE, timeout=TIMEOUT_SECONDS, job_id=job_id, slot=slot)
	except (RedisError, frappe.ValidationError) as error:
		_log(error)
		return False
	return True


def _waits(job_id: str) -> bool:
	"""By the queue's own list, since a job's record may outlive its place in it."""
	prefix = create_job_id(job_id)
	return any(waiting.startswith(prefix) for waiting in get_queue(QUEUE).job_ids)


def _log(error: Exception) -> None:
	reason = f"Delivery waits for the sweep: {type(error).__name__} from Redis"
	frappe.logger("customer_portal").warning(reason)


def others_wait() -> bool:
	"""Whether other jobs, such as one with a customer's code, wait for a worker."""
	return any(get_queue(name).count for name in OTHER_QUEUES)
