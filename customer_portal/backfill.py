"""Gives tickets from before the install their sub-status and ledger, in batches, from Helpdesk's history.

Each batch is a transaction of its own. What is done is seen from the ledger, so that any number of runs, crashes
and restarts end in the same rows. Nobody is notified, and ``modified`` stays.
"""

import time

import frappe
from frappe import _
from redis.exceptions import RedisError

from customer_portal import history, timeline
from customer_portal.constants import BACKFILL_BATCH, BACKFILL_JOB_SECONDS, TICKET_KEY
from customer_portal.settings import DOCTYPE as SETTINGS

JOB = "customer_portal.backfill.run"
WITHOUT_EVENTS = f"""not exists (
	select 1 from `tabPortal Status Event` event where event.ticket = {TICKET_KEY})"""


def start() -> None:
	"""Fills a small site at once and leaves a large one to a background job. Without Redis the daily task tries
	again."""
	waiting = remaining()
	if not waiting:
		return
	if waiting <= BACKFILL_BATCH:
		_fill_batch("")
		_show(0, waiting)
		return
	try:
		frappe.enqueue(JOB, queue="long", job_id=JOB, deduplicate=True, enqueue_after_commit=True)
	except (RedisError, frappe.ValidationError) as error:  # Redis is down, or Frappe finds its queue too long
		frappe.log_error("Customer Portal: the back-fill waits for the daily task", str(error))


def run() -> None:
	"""The job: all that remains, or as much as its time allows."""
	total, done, last = remaining(), 0, ""
	deadline = time.monotonic() + BACKFILL_JOB_SECONDS
	while batch := _fill_batch(last):
		last, done = batch[-1], done + len(batch)
		_show(total - done, total)
		frappe.db.commit()  # a batch that is written stays written, and its tickets are unlocked
		if time.monotonic() > deadline:
			break
	_show(remaining(), total)


def remaining() -> int:
	query = f"select count(*) from `tabHD Ticket` ticket where {WITHOUT_EVENTS}"
	return frappe.db.sql(query)[0][0]


def _fill_batch(after: str) -> list[str]:
	"""The names of the tickets that were filled. Tickets that an agent is saving just now are left out."""
	tickets = frappe.db.sql(
		f"""select {", ".join(f"ticket.`{name}`" for name in history.FIELDS)} from `tabHD Ticket` ticket
		where ticket.name > %(after)s and {WITHOUT_EVENTS}
		order by ticket.name limit %(limit)s for update skip locked""",
		{"after": after, "limit": BACKFILL_BATCH},
		as_dict=True,
	)
	_set_sub_statuses(timeline.backfill(tickets))
	return [str(ticket.name) for ticket in tickets]


def _set_sub_statuses(ended: dict[str, str]) -> None:
	by_sub_status: dict[str, list[str]] = {}
	for ticket, sub_status in ended.items():
		by_sub_status.setdefault(sub_status, []).append(ticket)
	for sub_status, tickets in by_sub_status.items():
		frappe.db.sql(
			"update `tabHD Ticket` set sub_status = %s where name in %s and ifnull(sub_status, '') = ''",
			(sub_status, tickets),
		)


def _show(left: int, total: int) -> None:
	"""In the settings, and as a progress bar for whoever looks at them."""
	done = total - left
	text = _("{0} of {1} tickets").format(done, total) if left else _("Done")
	frappe.db.set_single_value(SETTINGS, "backfill_progress", text, update_modified=False)
	if total:
		frappe.publish_progress(
			done * 100 / total, title=_("Back-fill of older tickets"), doctype=SETTINGS, docname=SETTINGS
		)
