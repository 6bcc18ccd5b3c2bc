"""Keeps a ticket's sub-status and status in step and writes the ledger of changes: its only writer.

``reconcile`` runs before each save, ``record`` after it. Both compare values that are in memory already; only a
real change costs queries.
"""

from customer_portal.timeline.ledger import (
	BACKFILL,
	LEDGER,
	backfill,
	begin,
	fill_last_updates,
	forget,
	note_seen,
	postpone,
	record,
	stamp,
	take_awaiting,
	was_seen,
)
from customer_portal.timeline.reading import (
	Step,
	Timeline,
	by_tickets,
	count_since,
	main_status_of,
	read,
	steps,
	surviving,
)
from customer_portal.timeline.reconciliation import reconcile, settle

__all__ = [
	"BACKFILL",
	"LEDGER",
	"Step",
	"Timeline",
	"backfill",
	"begin",
	"by_tickets",
	"count_since",
	"fill_last_updates",
	"forget",
	"main_status_of",
	"note_seen",
	"postpone",
	"read",
	"reconcile",
	"record",
	"settle",
	"stamp",
	"steps",
	"surviving",
	"take_awaiting",
	"was_seen",
]
