"""Wakes a job soon after a commit. Redis is only a bell here: without it, a sweep finds the work each minute."""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe.utils.background_jobs import create_job_id, get_queue
from redis.exceptions import RedisError

AWAKE_SECONDS = 60  # longer than such a job works and waits


@dataclass(frozen=True)
class Bell:
	"""``name`` is the prefix of the job's ids; ``job`` is a dotted function that takes ``slot``."""

	name: str
	job: str
	queue: str
	timeout_seconds: int

	@property
	def awake(self) -> str:
		"""The mark of a job that works or waits."""
		return f"customer_portal:{self.name}_is_awake"

	def after_commit(self, act: Callable[[], object]) -> None:
		"""Once for all changes of a transaction: an agent may change thousands of tickets in one."""
		flag = f"portal_{self.name}_rings_for"
		if frappe.flags.get(flag) is frappe.local.db:
			return

		def forget() -> None:
			frappe.flags[flag] = None

		def ring_at_its_end() -> None:
			forget()
			act()

		frappe.flags[flag] = frappe.local.db
		frappe.db.after_commit.add(ring_at_its_end)
		frappe.db.after_rollback.add(forget)

	def ring_unless_awake(self, ring: Callable[[], bool]) -> None:
		"""A job that is awake finds the new rows by itself: asking for the mark is all that a save pays."""
		try:
			is_asleep = frappe.cache.set(frappe.cache.make_key(self.awake), 1, ex=AWAKE_SECONDS, nx=True)
		except RedisError as error:
			self._log(error)
		else:
			if is_asleep and not ring():
				self.fall_asleep()  # nobody was woken: the next change tries again

	def fall_asleep(self) -> None:
		"""The job is about to end: from now on the next change rings. It must look once more after this."""
		frappe.cache.delete_value(self.awake)

	def ring(self, slot: int = 0) -> bool:
		"""Enqueues the job unless one of the slot waits already; False when the queue takes none.

		Each job has an id of its own. Frappe's deduplication by one id would keep silent while a job runs, although it
		may have had its last look, and for minutes after its worker was killed, since its record still says "started".

		Called after the commit, where an error would look like a failed save although everything is saved: an
		unreachable or full queue is logged.
		"""
		job_id = f"{self.name}_{slot}_"
		try:
			if not self._waits(job_id):
				job_id += frappe.generate_hash(length=10)
				frappe.enqueue(
					self.job, queue=self.queue, timeout=self.timeout_seconds, job_id=job_id, slot=slot
				)
		except RedisError as error:
			return self._log(error)
		except frappe.ValidationError as error:
			frappe.clear_last_message()  # the sentence that Frappe has for who waits for the job: nobody does
			return self._log(error)
		return True

	def _waits(self, job_id: str) -> bool:
		"""By the queue's own list, since a job's record may outlive its place in it."""
		prefix = create_job_id(job_id)
		return any(waiting.startswith(prefix) for waiting in get_queue(self.queue).job_ids)

	def _log(self, error: Exception) -> bool:
		reason = f"{self.job} waits for the sweep: {type(error).__name__} from Redis"
		frappe.logger("customer_portal").warning(reason)
		return False
