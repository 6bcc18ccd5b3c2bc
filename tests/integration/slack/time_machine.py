"""Pauses, leases and the pace, cut short: what is due later is due now."""

import frappe

from customer_portal.slack import delivery
from customer_portal.slack.outbox import DOCTYPE

TIMES = ("wanted_at", "queued_at", "due_at", "sent_at", "claimed_at", "doubtful_since")


def make_due() -> None:
	"""Everything that waits, and no channel was written to lately."""
	shift = "INTERVAL 1 HOUR"
	frappe.db.sql(f"UPDATE `tab{DOCTYPE}` SET due_at = due_at - {shift} WHERE state = 'Queued'")
	frappe.db.sql(f"UPDATE `tab{DOCTYPE}` SET sent_at = sent_at - {shift}")
	frappe.db.commit()


def forget_limits() -> None:
	"""What Slack has asked for by Retry-After is over."""
	frappe.cache.delete_keys("customer_portal:slack_waits")


def expire_claims() -> None:
	"""Who works on a row counts as dead."""
	frappe.db.sql(
		f"UPDATE `tab{DOCTYPE}` SET claimed_at = claimed_at - INTERVAL 1 HOUR WHERE state = 'Sending'"
	)
	frappe.db.commit()


def sweep(times: int = 1) -> None:
	"""What the scheduler does each minute."""
	for _minute in range(times):
		make_due()
		delivery.sweep()
	frappe.db.rollback()


def sweep_until_quiet(most: int = 60) -> None:
	"""Until nothing waits that could go out now."""
	for _minute in range(most):
		sweep()
		if not frappe.db.exists(DOCTYPE, {"state": ("in", ("Queued", "Sending"))}):
			return
	left = frappe.get_all(DOCTYPE, {"state": ("in", ("Queued", "Sending"))}, ["kind", "reason", "attempts"])
	raise AssertionError(f"Still waiting: {left}")


def live_through(minutes: int) -> None:
	"""The scheduler's sweep of each of these minutes, of which none is waited for."""
	for _minute in range(minutes):
		sets = ", ".join(f"{field} = {field} - INTERVAL 1 MINUTE" for field in TIMES)
		frappe.db.sql(f"UPDATE `tab{DOCTYPE}` SET {sets}")
		frappe.db.commit()
		delivery.sweep()
	frappe.db.rollback()
