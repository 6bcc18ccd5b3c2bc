"""News without a change of status: nothing was heard for some days, or a promised date has passed. Both are settings.

They are about open tickets on which the next step is not the customer's. Each hour all of those are walked through,
some at a time. Only what became due within ``LOOK_BACK`` is told: so a scheduler that stood still over a long weekend
misses nothing, and an admin who switches this on does not write to the customers of every forgotten ticket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime

from customer_portal import open_tickets, promises, settings, statuses, timezones
from customer_portal.clock import utc_now
from customer_portal.constants import TICKET_KEY
from customer_portal.notifications import outbox
from customer_portal.notifications.outbox import NO_NEWS, SLIPPED

LOOK_BACK = timedelta(days=3)
BATCH = 500  # tickets
_COLUMNS = ", ".join(f"ticket.`{name}`" for name in ("name", "template", "sub_status", *promises.FIELDS))
_BATCH = f"""SELECT {_COLUMNS}, ticket.creation, status.category,
		(SELECT MAX(event.occurred_at) FROM `tabPortal Status Event` event
			WHERE event.ticket = {TICKET_KEY}) AS changed_at,
		(SELECT MAX(mail.creation) FROM `tabCommunication` mail
			WHERE mail.reference_doctype = 'HD Ticket' AND mail.reference_name = {TICKET_KEY}
			AND mail.communication_type = 'Communication') AS written_at,
		(SELECT MAX(told.occurred_at) FROM `tabPortal Notification` told
			WHERE told.ticket = {TICKET_KEY} AND told.kind = '{SLIPPED}') AS slipped_at,
		(SELECT MAX(told.occurred_at) FROM `tabPortal Notification` told
			WHERE told.ticket = {TICKET_KEY} AND told.kind = '{NO_NEWS}') AS no_news_at
	FROM `tabHD Ticket` ticket LEFT JOIN `tabHD Ticket Status` status ON status.name = ticket.status
	WHERE ticket.name > %(after)s AND ticket.sub_status IN %(open)s
		AND ticket.portal_archived = 0 AND ticket.is_merged = 0
	ORDER BY ticket.name LIMIT {BATCH}"""


@dataclass(frozen=True)
class News:
	"""``occasion`` is the same each time it is found, so that it is told once."""

	kind: str
	occasion: str


def tell() -> None:
	"""Hourly: queues what is due by now."""
	days, tells_slipped = settings.number("no_news_days"), bool(settings.get().tell_slipped)
	if not days and not tells_slipped:
		return
	for ticket in _open_tickets():
		news = (tells_slipped and _slipped(ticket)) or (days and _no_news(ticket, timedelta(days=days)))
		if news:
			_queue(str(ticket.name), news)


def _open_tickets() -> Iterator[frappe._dict]:
	"""Those that are neither resolved nor closed, merged or archived, as rows with what was last heard of them."""
	after, names = "", open_tickets.sub_statuses()
	while batch := frappe.db.sql(_BATCH, {"after": after, "open": names}, as_dict=True) if names else []:
		after = batch[-1].name
		yield from batch
		frappe.db.commit()  # a new snapshot for the next ones


def _slipped(ticket) -> News | None:
	"""Once for each date. Not when something has changed after it: that was told then."""
	promised = promises.expected_by(ticket, statuses.template_of(ticket), ticket.sub_status)
	if promised is None or not open_tickets.is_open(ticket) or not _is_recent(promised):
		return None
	if max(filter(None, (ticket.changed_at, ticket.slipped_at)), default=promised) > promised:
		return None
	return News(SLIPPED, f"{SLIPPED} {ticket.name} {promised.isoformat()}")


def _no_news(ticket, silence: timedelta) -> News | None:
	"""Once for each silence, which the next change or message from either side ends."""
	heard = _last_heard(ticket)
	is_told = ticket.no_news_at and ticket.no_news_at > heard
	if (
		is_told
		or not _is_recent(heard + silence)
		or not open_tickets.is_open(ticket)
		or open_tickets.waits_for_customer(ticket)
	):
		return None
	return News(NO_NEWS, f"{NO_NEWS} {ticket.name} {heard.isoformat()}")


def _last_heard(ticket) -> datetime:
	site = (
		timezones.to_utc(get_datetime(moment)) for moment in (ticket.creation, ticket.written_at) if moment
	)
	return max(filter(None, (*site, ticket.changed_at, ticket.slipped_at)))


def _is_recent(due: datetime) -> bool:
	now = utc_now()
	return now - LOOK_BACK < due <= now


def _queue(ticket: str, news: News) -> None:
	"""One ticket that cannot be told of keeps no other waiting. Logged by its kind alone, as in ``dispatch``."""
	try:
		outbox.write_news(ticket, news.kind, news.occasion)
	except Exception as error:  # noqa: BLE001
		outbox.roll_back()
		frappe.log_error("News of a ticket could not be queued", type(error).__name__, "HD Ticket", ticket)
	frappe.db.commit()
