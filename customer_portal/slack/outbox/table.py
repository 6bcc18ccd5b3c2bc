"""The rows of Portal Slack Message, past the document layer. Every change is one conditional UPDATE."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe

from customer_portal import rows

DOCTYPE = "Portal Slack Message"
POST, MESSAGE, FILE = OURS = ("Post", "Message", "File")  # what we put there
REPLY, NOTE, IGNORED = "Reply", "Note", "Ignored"  # what people write there
ENCLOSED = "Enclosed"  # a file that they sent along
INSIDE, UNMARKED, REFUSED = "alerts only", "unmarked", "refused"  # why nothing became of a message
EMPTIED = "nothing but its file"  # why an answer is not there any more: its file was deleted
QUEUED, SENDING, SENT, FAILED, REMOVED, RECEIVED = (
	"Queued",
	"Sending",
	"Sent",
	"Failed",
	"Removed",
	"Received",
)


class Lost(Exception):
	"""Another worker has taken the row: it counts this one as dead."""


@dataclass(frozen=True)
class Row:
	"""A claimed row. ``claim`` proves that its holder may still record what happened; ``wanted`` is what it found.

	``ts`` is Slack's name for what is there, and of a file its ID; ``shown`` is set once it has been there.
	"""

	name: str
	creation: datetime
	ticket: str | None
	kind: str
	channel: str
	source: str
	ts: str | None
	thread_ts: str | None
	reason: str | None
	attempts: int
	wanted: int
	doubtful_since: datetime | None
	is_history: bool
	shown: str | None
	queued_at: datetime
	claimed_at: datetime
	claim: str


FIELDS = tuple(Row.__dataclass_fields__)


def change(name: str, state: str, values: dict[str, object], claim: str | None = None) -> bool:
	"""By the primary key alone: by the index on ``state`` it would lock its neighbours, and workers each other."""
	assignments = ", ".join(f"`{field}` = %({field})s" for field in values)
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET {assignments}
		WHERE name = %(_name)s AND state = %(_state)s"""
	if claim:
		query += " AND claim = %(_claim)s"
	return rows.affected(query, {**values, "_name": name, "_state": state, "_claim": claim}) == 1


def put_in_order(names: list[str], start: datetime, step: timedelta) -> None:
	"""Of these rows those that wait: the first one a ``step`` behind ``start``, each of the others behind the one before."""
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET queued_at = %(start)s + INTERVAL FIND_IN_SET(name, %(places)s) * %(step)s MICROSECOND
		WHERE name IN %(names)s AND state = 'Queued'"""
	known = {"names": names, "places": ",".join(names), "start": start}
	if names:
		frappe.db.sql(query, {**known, "step": step // timedelta(microseconds=1)})


def key_of(channel: str, kind: str, ticket: str, source: str) -> str:
	"""With the ticket: Helpdesk moves messages from one to another."""
	return f"{channel}:{kind}:{ticket}:{source}"


def post_of(ticket: str, channel: str) -> frappe._dict | None:
	"""The ticket's post in this channel."""
	return frappe.db.get_value(DOCTYPE, {"key": key_of(channel, POST, ticket, ticket)}, "*", as_dict=True)


def by_ts(channel: str, ts: str) -> frappe._dict | None:
	"""What we have posted there, or somebody else has written."""
	return frappe.db.get_value(DOCTYPE, {"channel": channel, "ts": ts}, "*", as_dict=True)


def has_unanswered_post(channel: str) -> bool:
	"""Whether a post may be in this channel without that we know its ``ts``."""
	unknown = {"channel": channel, "kind": POST, "ts": ("is", "not set")}
	return bool(
		frappe.db.exists(DOCTYPE, {**unknown, "state": SENDING})
		or frappe.db.exists(
			DOCTYPE, {**unknown, "state": QUEUED, "is_follow_up": 0, "doubtful_since": ("is", "set")}
		)
	)
