"""Counts for the workspace: no ticket, no address, only how many and how fast. Days are UTC days."""

from collections import Counter
from datetime import datetime, timedelta

import frappe

from customer_portal import links, sessions
from customer_portal.clock import utc_now
from customer_portal.notifications import outbox

WEEK_DAYS = 7
MONTH_DAYS = 30
STATES = ("Queued", "Sending", "Sent", "Delivered", "Failed")


def links_opened() -> int:
	"""Links whose ticket a verified customer has looked at in the last 7 days."""
	return frappe.db.count(links.DOCTYPE, {"last_opened_at": (">=", _days_ago(WEEK_DAYS))})


def verifications() -> int:
	return frappe.db.count(sessions.DOCTYPE, {"verified_at": (">=", _days_ago(WEEK_DAYS))})


def messages(*states: str) -> int:
	"""Messages of the last 7 days, by the time at which they were due, that are in one of the states."""
	return frappe.db.count(outbox.DOCTYPE, {"state": ("in", states), "due_at": (">=", _days_ago(WEEK_DAYS))})


def locked() -> int:
	"""Links that take no codes for a while, and live links that wrong codes have revoked."""
	locked_for_now = {"locked_until": (">", utc_now())}
	revoked = {"is_revoked": 1, "is_revoked_by_failures": 1}
	return frappe.db.count(links.DOCTYPE, locked_for_now) + frappe.db.count(links.DOCTYPE, revoked)


def median_seconds() -> float | None:
	"""From a change of status to its message at the customer, or at the provider where nobody reports.

	Of the last 7 days; None without any.
	"""
	query = f"""SELECT DISTINCT MEDIAN(TIMESTAMPDIFF(SECOND, occurred_at, COALESCE(delivered_at, sent_at))) OVER ()
		FROM `tab{outbox.DOCTYPE}`
		WHERE state IN ('Sent', 'Delivered') AND kind = 'Status' AND due_at >= %(since)s"""
	found = frappe.db.sql(query, {"since": _days_ago(WEEK_DAYS)})
	return float(found[0][0]) if found else None


def deliveries() -> dict[str, dict[str, int]]:
	"""Channel → state → messages of the last 30 days. Those that a newer one replaced are left out."""
	query = f"""SELECT channel, state, COUNT(*) FROM `tab{outbox.DOCTYPE}`
		WHERE state IN %(states)s AND due_at >= %(since)s GROUP BY channel, state"""
	found: dict[str, dict[str, int]] = {}
	for channel, state, count in frappe.db.sql(query, {"states": STATES, "since": _days_ago(MONTH_DAYS)}):
		found.setdefault(channel, dict.fromkeys(STATES, 0))[state] = count
	return dict(sorted(found.items()))


def verifications_per_day() -> dict[str, int]:
	"""ISO date → verifications, for each of the last 30 days, the oldest first."""
	first = utc_now().date() - timedelta(days=MONTH_DAYS - 1)
	query = (
		f"SELECT DATE(verified_at), COUNT(*) FROM `tab{sessions.DOCTYPE}` WHERE verified_at >= %s GROUP BY 1"
	)
	counts = Counter(dict(frappe.db.sql(query, (first,))))
	days = [first + timedelta(days=number) for number in range(MONTH_DAYS)]
	return {day.isoformat(): counts[day] for day in days}


def _days_ago(days: int) -> datetime:
	return utc_now() - timedelta(days=days)
