"""Writes Portal Status Event: one row per change, which awaits its messages until the outbox has them."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import cint

from customer_portal import agents, history, rows, statuses
from customer_portal.clock import utc_now
from customer_portal.constants import TICKET_KEY
from customer_portal.notifications import wake
from customer_portal.statuses import SubStatus

LEDGER = "Portal Status Event"
BACKFILL = "Back-fill"  # the source of what was taken from an older ticket's history
RECORDED = "portal_recorded_sub_status"
CHANGED_AT = "portal_sub_status_changed_at"
TAKEN_AT_ONCE = 20  # candidates that are looked at; another worker may have some of them
SHORTEST_PAUSE = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(hours=24)


def begin(doc) -> None:
	"""Before each save: what an earlier save of the same object has recorded may have been undone since.

	The time of the last update is the ledger's, whoever sends another one.
	"""
	doc.flags.pop(RECORDED, None)
	doc.flags.pop(CHANGED_AT, None)
	before = doc.get_doc_before_save()
	doc.portal_updated_on = before.get("portal_updated_on") if before else None


def stamp(doc) -> None:
	"""Before the save, once the sub-status is settled: the ticket's own UPDATE writes when it has changed."""
	before = doc.get_doc_before_save()
	if doc.get("sub_status") and doc.sub_status != (before and before.get("sub_status")):
		doc.portal_updated_on = doc.flags[CHANGED_AT] = utc_now()


def record(doc) -> str | None:
	"""After the save: appends one event, or does nothing when nothing changed; returns the event's name.

	An event that is told to the customer carries ``awaits_messages``: it is the outbox's entry until the delivery
	job turns it into messages, so that the agent's save waits for one INSERT only. The ledger's own last row
	decides, so that the same change is never written twice.
	"""
	if not doc.get("sub_status") or doc.sub_status == _known_sub_status(doc):
		return None
	doc.flags[RECORDED] = doc.sub_status
	row = statuses.template_of(doc).sub_status(doc.sub_status)
	if row is None:
		return None
	event = _append(doc, row)
	if event and _is_told(doc, row):
		wake.after_commit()
	return event


def _is_told(doc, row: SubStatus) -> bool:
	"""Helpdesk closes a ticket that it merges into another, where the work goes on: that end is no news."""
	return row.notify and not cint(doc.get("is_merged"))


def take_awaiting() -> str | None:
	"""The oldest event whose messages are still to be written, for the caller alone; None when there is none.

	The caller writes the messages and commits; a rollback, or its death, gives the event back. Workers do not wait
	for each other: who finds an event in another's hands takes the next one.
	"""
	name = next(filter(_lock_awaiting, _awaiting()), None)
	if name:
		query = f"UPDATE `tab{LEDGER}` FORCE INDEX (PRIMARY) SET awaits_messages = 0 WHERE name = %(name)s"
		frappe.db.sql(query, {"name": name})
	return name


def _awaiting() -> list[str]:
	query = f"""SELECT name FROM `tab{LEDGER}` WHERE awaits_messages = 1
		AND (messages_after IS NULL OR messages_after <= %(now)s) ORDER BY occurred_at LIMIT {TAKEN_AT_ONCE}"""
	return frappe.db.sql(query, {"now": utc_now()}, pluck=True)


def _lock_awaiting(name: str) -> bool:
	query = f"""SELECT name FROM `tab{LEDGER}` FORCE INDEX (PRIMARY)
		WHERE name = %(name)s AND awaits_messages = 1 FOR UPDATE SKIP LOCKED"""
	return bool(frappe.db.sql(query, {"name": name}))


def note_seen(ticket: str) -> None:
	"""The verified customer looks at the ticket's page: all that this transaction reads is seen. The caller commits.

	Not what was committed since its first read, which the page does not show yet. By name, as each row is changed.
	"""
	unseen = f"SELECT name FROM `tab{LEDGER}` WHERE ticket = %(ticket)s AND seen_at IS NULL"
	names = frappe.db.sql(unseen, {"ticket": ticket}, pluck=True)
	if names:
		query = f"""UPDATE `tab{LEDGER}` FORCE INDEX (PRIMARY) SET seen_at = %(now)s
			WHERE name IN %(names)s AND seen_at IS NULL"""
		frappe.db.sql(query, {"names": names, "now": utc_now()})


def was_seen(event: str) -> bool:
	return bool(frappe.db.get_value(LEDGER, event, "seen_at"))


def postpone(event: str) -> bool:
	"""The messages of an event could not be written: again when it is twice as old. False when it is given up.

	So the pauses double from a minute on, and about ten attempts fill ``GIVE_UP_AFTER``. The first failure gives up
	nothing: all workers may have stood still for a weekend.
	"""
	now = utc_now()
	occurred_at, last = frappe.db.get_value(LEDGER, event, ["occurred_at", "messages_after"])
	age = now - occurred_at if last else SHORTEST_PAUSE
	is_kept = age < GIVE_UP_AFTER
	query = f"""UPDATE `tab{LEDGER}` FORCE INDEX (PRIMARY)
		SET awaits_messages = %(is_kept)s, messages_after = %(after)s WHERE name = %(name)s"""
	values = {"is_kept": int(is_kept), "after": now + max(age, SHORTEST_PAUSE), "name": event}
	frappe.db.sql(query, values)
	return is_kept


def _known_sub_status(doc) -> str | None:
	if RECORDED in doc.flags:
		return doc.flags[RECORDED]
	before = doc.get_doc_before_save()
	return before.get("sub_status") if before else None


def _append(doc, row: SubStatus) -> str | None:
	first_key = _first_key(doc.name, row.main_status)
	last = frappe._dict() if doc.flags.in_insert else _last_event(doc, first_key)
	if last.to_sub_status == row.name and last.to_main_status == row.main_status:
		return None
	occurred_at = _after(last.occurred_at, doc.flags.pop(CHANGED_AT, None) or utc_now())
	if doc.portal_updated_on != occurred_at:
		_note_update(doc, occurred_at)
	return _insert(
		{
			"ticket": str(doc.name),
			"from_sub_status": last.to_sub_status,
			"from_main_status": last.to_main_status or 0,
			"to_sub_status": row.name,
			"to_main_status": row.main_status,
			"occurred_at": occurred_at,
			"actor": agents.actor(),
			"source": agents.source_of_change(doc),
			"awaits_messages": int(_is_told(doc, row)),
			"first_key": None if last.is_reached else first_key,
		}
	)


def _note_update(doc, occurred_at: datetime) -> None:
	"""On the ticket too, so that lists can be ordered by it. Past the document: ``modified`` stays."""
	doc.portal_updated_on = occurred_at
	frappe.db.set_value("HD Ticket", doc.name, "portal_updated_on", occurred_at, update_modified=False)


def _insert(values: dict) -> str:
	"""Whoever reaches a main status first has its ``first_key``: the unique index decides a race."""
	event = {"name": frappe.generate_hash(length=20), **values}
	if not event["first_key"] or not rows.insert_new(LEDGER, event):
		rows.insert_one(LEDGER, {**event, "first_key": None})
	return event["name"]


def _last_event(doc, first_key: str) -> frappe._dict:
	"""Of the ticket; an older ticket's events are taken from its history now."""
	last = _read_last(str(doc.name), first_key)
	if last is None:
		backfill([history.row_before(doc)])
		last = _read_last(str(doc.name), first_key)
	return last or frappe._dict()


def _read_last(ticket: str, first_key: str) -> frappe._dict | None:
	"""``is_reached`` tells whether an event of the ticket has the key already."""
	query = f"""SELECT to_sub_status, to_main_status, occurred_at,
		EXISTS (SELECT 1 FROM `tab{LEDGER}` WHERE first_key = %(first_key)s) AS is_reached
		FROM `tab{LEDGER}` WHERE ticket = %(ticket)s ORDER BY occurred_at DESC LIMIT 1"""
	found = frappe.db.sql(query, {"ticket": ticket, "first_key": first_key}, as_dict=True)
	return found[0] if found else None


def _first_key(ticket: str, main_status: int) -> str:
	return f"{ticket}:{main_status}"


def _after(last: datetime | None, moment: datetime) -> datetime:
	"""The moment, but later than the last event even where the clocks of two servers differ."""
	return moment if last is None else max(moment, last + timedelta(microseconds=1))


def backfill(tickets: list) -> dict[str, str]:
	"""Writes the events of tickets (rows of ``history.FIELDS``) that have none yet, from Helpdesk's history.

	Returns the sub-status in which each ticket, by its name, has ended up. Notifies nobody.
	"""
	events, ended = [], {}
	for ticket, steps in history.steps_of(tickets).items():
		events += _past_events(ticket, steps)
		ended[ticket] = steps[-1].sub_status
	if events:
		rows.insert(LEDGER, *events, ignore_duplicates=True)
		fill_last_updates(list(ended))
	return ended


def fill_last_updates(tickets: list[str] | None = None) -> None:
	"""The time of the last event, on tickets that have none yet: these, or all."""
	named = "AND ticket.name IN %(tickets)s" if tickets else ""
	events = "WHERE ticket IN %(tickets)s" if tickets else ""
	frappe.db.sql(
		f"""UPDATE `tabHD Ticket` ticket
		JOIN (SELECT ticket, MAX(occurred_at) AS last FROM `tab{LEDGER}` {events} GROUP BY ticket) event
			ON event.ticket = {TICKET_KEY}
		SET ticket.portal_updated_on = event.last
		WHERE ticket.portal_updated_on IS NULL {named}""",
		{"tickets": tickets},
	)


def _past_events(ticket: str, steps: list[history.PastStep]) -> list[dict]:
	reached: set[int] = set()
	events: list[dict] = []
	for before, step in zip([None, *steps], steps, strict=False):
		is_first = step.main_status not in reached
		reached.add(step.main_status)
		events.append(
			{
				"ticket": ticket,
				"from_sub_status": before.sub_status if before else None,
				"from_main_status": before.main_status if before else 0,
				"to_sub_status": step.sub_status,
				"to_main_status": step.main_status,
				"occurred_at": step.at,
				"actor": step.actor,
				"source": BACKFILL,
				"first_key": _first_key(ticket, step.main_status) if is_first else None,
			}
		)
	return events


def forget(ticket: str) -> None:
	"""Deletes the events of a ticket that is itself deleted."""
	frappe.db.delete(LEDGER, {"ticket": ticket})
