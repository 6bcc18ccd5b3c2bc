"""Starts the delivery job of the outbox, at the latest by the sweep of each minute."""

from frappe.utils.background_jobs import get_queue

from customer_portal.bells import Bell

QUEUE = "short"
OTHER_QUEUES = ("short", "default")
BELL = Bell("customer_portal_deliver", "customer_portal.notifications.dispatch.deliver", QUEUE, 240)
AWAKE = BELL.awake


def after_commit() -> None:
	BELL.after_commit(ring_unless_awake)


def ring_unless_awake() -> None:
	BELL.ring_unless_awake(ring)


def fall_asleep() -> None:
	BELL.fall_asleep()


def ring(slot: int = 0) -> bool:
	return BELL.ring(slot)


def others_wait() -> bool:
	"""Whether other jobs, such as one with a customer's code, wait for a worker."""
	return any(get_queue(name).count for name in OTHER_QUEUES)
