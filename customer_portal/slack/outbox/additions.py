"""What becomes a row, and what has to be looked at again: in the transaction of whatever has happened.

Rows are found by a plain read and changed by their primary key, so that a save waits for no neighbour's locks. Changes
of a post wait behind news of people, as it happens when an agent edits hundreds of tickets at once.
"""

from datetime import timedelta

import frappe

from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.constants import CLOSED
from customer_portal.slack import channels, wake
from customer_portal.slack.outbox.table import (
	DOCTYPE,
	FILE,
	MESSAGE,
	OURS,
	POST,
	QUEUED,
	REMOVED,
	key_of,
	put_in_order,
)

BATCH = 1_000  # rows in one statement
KEPT = timedelta(days=30)
OF_MESSAGE = "/"  # between a message and its file
_OURS = "kind IN ('Post', 'Message', 'File')"
_IS_AT_REST = "state IN ('Sent', 'Failed')"
# What is queued is read when its turn comes; what is on its way is looked at once more. The state is set last.
_TOUCH = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET wanted = wanted + 1,
		wanted_at = IF({_IS_AT_REST}, %(now)s, wanted_at),
		due_at = IF({_IS_AT_REST}, %(now)s, due_at), attempts = IF({_IS_AT_REST}, 0, attempts),
		queued_at = IF({_IS_AT_REST}, %(now)s + INTERVAL FIND_IN_SET(name, %(places)s) MICROSECOND, queued_at),
		is_follow_up = IF({_IS_AT_REST}, %(is_follow_up)s AND ts IS NOT NULL, is_follow_up),
		state = IF({_IS_AT_REST}, 'Queued', state)
	WHERE name IN %(names)s AND state IN ('Sending', 'Sent', 'Failed')"""
# Each keeps its old place, behind the news of the channel.
_LOOK_AGAIN = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET wanted = wanted + 1,
		wanted_at = IF({_IS_AT_REST}, %(now)s, wanted_at),
		due_at = IF({_IS_AT_REST}, %(now)s, due_at), attempts = IF({_IS_AT_REST}, 0, attempts),
		is_follow_up = IF({_IS_AT_REST}, ts IS NOT NULL, is_follow_up),
		state = IF({_IS_AT_REST}, 'Queued', state)
	WHERE name IN %(names)s AND state IN ('Sending', 'Sent', 'Failed')"""
# What one template calls closed may be open in another: then it is taken for open.
_POSTS_OF_OPEN = f"""SELECT post.name FROM `tab{DOCTYPE}` post
	JOIN `tabHD Ticket` ticket ON ticket.name = post.ticket
	WHERE post.channel = %(channel)s AND post.kind = 'Post' AND ticket.portal_archived = 0 AND COALESCE(
		(SELECT MIN(row.main_status) FROM `tabPortal Template Sub-Status` row
			WHERE row.sub_status = ticket.sub_status), 0) < {CLOSED}"""
_REVIVE = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY) SET wanted = wanted + 1, attempts = 0, is_follow_up = 0,
		wanted_at = IF(state = 'Removed', %(now)s, wanted_at),
		due_at = IF(state = 'Removed', %(now)s, due_at), queued_at = IF(state = 'Removed', %(now)s, queued_at),
		state = IF(state = 'Removed', 'Queued', state)
	WHERE name IN %(names)s AND state IN ('Sending', 'Removed')"""


def add_ticket(ticket) -> None:
	"""A post of the HD Ticket in each of its channels. One that was taken out comes back."""
	name = str(ticket.name)
	found = [_row(name, POST, place.channel, name) for place in channels.of_ticket(ticket)]
	if found:
		_insert(found)
		_revive(key=("in", [row["key"] for row in found]))


def add_history(post) -> None:
	"""What has been said, for a post that is new in its channel: before all that is said from now on.

	Messages that Helpdesk has moved here from another ticket leave that one's thread.
	"""
	_forget_ended(post)
	of_ticket = {
		"reference_doctype": "HD Ticket",
		"reference_name": post.ticket,
		"communication_type": "Communication",
	}
	said = frappe.get_all("Communication", filters=of_ticket, pluck="name", order_by="creation, name")
	_insert([{**_row(post.ticket, MESSAGE, post.channel, one), "is_history": 1} for one in said])
	if said:
		_put_in_order(post, said)
		_touch("source IN %(said)s AND ticket != %(ticket)s", said=said, ticket=post.ticket)


def add_message(ticket: str, communication: str, is_history: bool = False) -> None:
	"""A message in each thread of the ticket, but for the one that it came from."""
	threads = _posts(ticket)
	came_from = frappe.db.get_value(DOCTYPE, {"source": communication, "kind": "Reply"}, "channel")
	found = [_row(ticket, MESSAGE, one, communication) for one in threads if one != came_from]
	_insert([{**row, "is_history": int(is_history)} for row in found])


def message_changed(communication: str) -> None:
	"""It may be for customers again, after it was spam or in the trash."""
	touch(communication)
	_revive(source=communication, kind=MESSAGE)


def keep_files(message, files: list[str]) -> None:
	"""The files of a Message row, right behind it; those that it has no more are looked at again."""
	sources = [f"{message.source}{OF_MESSAGE}{file}" for file in files]
	found = [_row(message.ticket, FILE, message.channel, source) for source in sources]
	for place, row in enumerate(found, start=1):
		row["queued_at"] = message.queued_at + timedelta(microseconds=place)
	_insert(found)
	_revive(key=("in", [row["key"] for row in found]))
	values = {"like": f"{message.source}{OF_MESSAGE}%", "kept": sources or [""], "channel": message.channel}
	_touch("channel = %(channel)s AND source LIKE %(like)s AND source NOT IN %(kept)s", **values)


def file_of(source: str) -> tuple[str, str]:
	"""The message and the file that a File row is about."""
	message, _slash, file = source.partition(OF_MESSAGE)
	return message, file


def touch_ticket(ticket: str) -> None:
	"""The ticket has changed, so its posts may."""
	_touch("ticket = %(ticket)s AND kind = 'Post'", ticket=ticket, is_follow_up=1)


def look_again(ticket: str) -> None:
	"""The ticket may belong elsewhere by now: whatever of it is in Slack stays or goes."""
	_touch("ticket = %(ticket)s", ticket=ticket)


def look_again_in(channel: str) -> None:
	"""The channel may be somebody else's by now: whatever of ours is there stays or goes."""
	_look_again(frappe.get_all(DOCTYPE, {"channel": channel, "kind": ("in", OURS)}, pluck="name"))


def look_at_open_in(channel: str) -> None:
	"""The channel has other rules, so posts have other buttons. Those of closed tickets get them with the next change:
	years of them would keep the channel busy for hours.
	"""
	_look_again(frappe.db.sql(_POSTS_OF_OPEN, {"channel": channel}, pluck=True))


def _look_again(names: list[str]) -> None:
	for start in range(0, len(names), BATCH):
		frappe.db.sql(_LOOK_AGAIN, {"names": names[start : start + BATCH], "now": utc_now()})
	if names:
		wake.after_commit()


def touch(source: str) -> None:
	"""A message has changed, or is not there any more; its files follow it."""
	_touch("source = %(source)s", source=source)


def file_removed(ticket: str, file: str) -> None:
	"""It stood in, or came with, a message of the ticket."""
	_touch("ticket = %(ticket)s AND source LIKE %(like)s", ticket=ticket, like=f"%{OF_MESSAGE}{file}")


def forget(ticket: str) -> None:
	"""The ticket is deleted, or its customer erased: nothing of it stays in Slack. Frappe may give its number to another
	one.
	"""
	_forget("ticket = %(ticket)s", ticket=ticket)


def forget_message(message: str) -> None:
	"""The same for a message with its files, wherever its ticket is shown."""
	like = f"{message}{OF_MESSAGE}%"
	_forget(f"(source = %(message)s OR source LIKE %(like)s) AND {_OURS}", message=message, like=like)


def purge() -> None:
	"""What is left of tickets that are gone: so long the thread says that it belongs to none any more. What Slack has not
	let us delete stays. Commits.
	"""
	query = f"""SELECT name FROM `tab{DOCTYPE}` WHERE ticket IS NULL AND state NOT IN ('Queued', 'Sending', 'Failed')
		AND COALESCE(wanted_at, creation) < %(before)s"""
	rows.delete(DOCTYPE, frappe.db.sql(query, {"before": utc_now() - KEPT}, pluck=True))


def has_posts(ticket: str) -> bool:
	return bool(frappe.db.exists(DOCTYPE, {"ticket": ticket, "kind": POST}))


def _posts(ticket: str) -> list[str]:
	"""Channels in which the ticket has a post, or will have."""
	there = {"ticket": ticket, "kind": POST, "state": ("!=", REMOVED)}
	return frappe.get_all(DOCTYPE, filters=there, pluck="channel", order_by="queued_at")


def _forget_ended(post) -> None:
	"""Rows of an earlier post's thread: they would keep their messages out of this one."""
	ended = {
		"ticket": post.ticket,
		"channel": post.channel,
		"kind": ("in", (MESSAGE, FILE)),
		"state": ("in", ("Removed", "Failed")),
	}
	names = frappe.get_all(DOCTYPE, filters=ended, pluck="name")
	if names:
		frappe.db.delete(DOCTYPE, {"name": ("in", names)})


def _put_in_order(post, said: list[str]) -> None:
	"""With room for their files. What came while the post could not be made has lost its distance from it."""
	waiting = {"ticket": post.ticket, "channel": post.channel, "kind": MESSAGE, "state": QUEUED}
	found = frappe.get_all(DOCTYPE, {**waiting, "source": ("in", said)}, ["source", "name"], as_list=True)
	names = dict(found)
	put_in_order([names[one] for one in said if one in names], post.queued_at, timedelta(milliseconds=1))


def _forget(condition: str, **values: object) -> None:
	_touch(condition, **values)
	names = frappe.db.sql(f"SELECT name FROM `tab{DOCTYPE}` WHERE {condition}", values, pluck=True)
	query = f"""UPDATE `tab{DOCTYPE}` FORCE INDEX (PRIMARY)
		SET ticket = NULL, source = '', address = NULL, `key` = name, wanted_at = %(now)s WHERE name IN %(names)s"""
	if names:
		frappe.db.sql(query, {"now": utc_now(), "names": names})


def _touch(condition: str, is_follow_up: int = 0, **values: object) -> None:
	query = f"SELECT name FROM `tab{DOCTYPE}` WHERE {condition} AND {_OURS} ORDER BY queued_at, name"
	names = frappe.db.sql(query, values, pluck=True)
	known = {"names": names, "places": ",".join(names), "now": utc_now(), "is_follow_up": is_follow_up}
	if names and rows.affected(_TOUCH, known):
		wake.after_commit()


def _row(ticket: str, kind: str, channel: str, source: str) -> dict[str, object]:
	now = utc_now()
	return {
		"ticket": ticket,
		"kind": kind,
		"channel": channel,
		"source": source,
		"state": QUEUED,
		"wanted_at": now,
		"queued_at": now,
		"due_at": now,
		"attempts": 0,
		"wanted": 1,
		"done": 0,
		"is_follow_up": 0,
		"is_history": 0,
		"key": key_of(channel, kind, ticket, source),
	}


def _revive(**which: object) -> None:
	names = frappe.get_all(DOCTYPE, filters=which, pluck="name")
	if names and rows.affected(_REVIVE, {"now": utc_now(), "names": names}):
		wake.after_commit()


def _insert(new: list[dict[str, object]]) -> None:
	if new:
		rows.insert(DOCTYPE, *new, ignore_duplicates=True)
		wake.after_commit()
