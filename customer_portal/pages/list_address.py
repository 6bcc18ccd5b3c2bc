"""What the address of the list of tickets says: filters and order. Read strictly, and written in one way only.

What cannot be read is refused, never passed over: a list that shows more than its address asks for would mislead whoever
it was sent to. Parameters that are not ours, such as those of newsletters, are.
"""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from customer_portal import ticket_filters
from customer_portal.exceptions import DayUnreadable, ListUnreadable
from customer_portal.pages import forms
from customer_portal.ticket_filters import NEWEST, SORTS, Filters

NAMES = {
	"search": "q",
	"status": "status",
	"form": "form",
	"requester": "requester",
	"priority": "priority",
	"start": "from",
	"end": "to",
	"sort": "sort",
}  # field of ``Filters`` and parameter
_DAY = re.compile(r"(?:19[7-9]|2\d\d)\d-\d\d-\d\d", re.ASCII)


def read(request: Request) -> Filters:
	"""Raises ``PortalError``, ``ListUnreadable`` and ``DayUnreadable``."""
	given = {field: forms.query(request, name) for field, name in NAMES.items()}
	if given["status"] and not ticket_filters.is_status(given["status"]):
		raise ListUnreadable
	if given["sort"] not in ("", *SORTS):
		raise ListUnreadable
	days = {field: _day(given[field]) for field in ("start", "end")}
	return Filters(**{**given, **days, "sort": given["sort"] or NEWEST})


def write(filters: Filters, **places: str) -> str:
	"""The part of the address after the path, empty for the list as it opens; ``places`` are cursors."""
	given = {name: str(getattr(filters, field) or "") for field, name in NAMES.items()}
	if filters.sort == NEWEST:
		del given["sort"]
	kept = {name: value for name, value in {**given, **places}.items() if value}
	return f"?{urlencode(kept)}" if kept else ""


def without(filters: Filters, *fields: str) -> str:
	"""The address of the list without these filters."""
	empty = Filters()
	return write(replace(filters, **{field: getattr(empty, field) for field in fields}))


def _day(text: str) -> date | None:
	"""ISO 8601, as ``<input type="date">`` sends it; from 1970 to 2999."""
	if not text:
		return None
	try:
		return date.fromisoformat(_DAY.fullmatch(text)[0])
	except (TypeError, ValueError):
		raise DayUnreadable from None
