"""The rows of what people have written in Slack: each message once, whatever Slack tells of it and in which order.

Below each the files that came along, so that one which is deleted in Slack is found: ``ts`` is its ID there,
``thread_ts`` its message, ``source`` and ``address`` the File that came of it, ``slack_user`` who has put it into Slack.
"""

from collections.abc import Mapping

import frappe

from customer_portal import rows
from customer_portal.clock import utc_now
from customer_portal.slack.outbox.table import DOCTYPE, ENCLOSED, IGNORED, NOTE, RECEIVED, REMOVED, REPLY

_LOCK = f"SELECT * FROM `tab{DOCTYPE}` WHERE `key` = %(key)s FOR UPDATE"

_RECONSIDER = f"""UPDATE `tab{DOCTYPE}` SET kind = %(kind)s, edited_ts = %(edited_ts)s, reason = %(reason)s
	WHERE `key` = %(key)s AND kind = 'Ignored' AND state = 'Received' AND %(edited_ts)s != ''
		AND COALESCE(CAST(NULLIF(edited_ts, '') AS DECIMAL(20, 6)), 0) < CAST(%(edited_ts)s AS DECIMAL(20, 6))"""


def key(channel: str, ts: str) -> str:
	return f"{channel}:{ts}"


def receive(written, kind: str, ticket: str, reason: str = "") -> bool:
	"""``written`` is ``messages.Written``, ``reason`` says why nothing became of it. False when something has become of
	the message already, or this is no news of it: another worker was faster.
	"""
	own = {"ticket": ticket, "edited_ts": written.edited, "reason": reason}
	if rows.insert_new(DOCTYPE, {**_row(written, kind, RECEIVED), **own}):
		return True
	values = {"kind": kind, "key": key(written.channel, written.ts), **own}
	return rows.affected(_RECONSIDER, values) == 1


def lock(channel: str, ts: str) -> frappe._dict | None:
	"""The message's row as it is now, until the transaction ends."""
	found = frappe.db.sql(_LOCK, {"key": key(channel, ts)}, as_dict=True)
	return found[0] if found else None


def is_document(known: frappe._dict | None) -> bool:
	"""Whether it became a reply or a note, and is not deleted."""
	return bool(known and known.state != REMOVED and known.kind in (REPLY, NOTE) and known.source)


def remove(deleted, reason: str = "") -> frappe._dict | None:
	"""The row as it was; None when nothing had come of the message, or when it was removed before."""
	unknown = {**_row(deleted, IGNORED, REMOVED), "ticket": None, "edited_ts": ""}
	rows.insert_or_lock(DOCTYPE, "key", unknown)
	known = lock(deleted.channel, deleted.ts)
	if known.state == REMOVED:
		return None
	_change(known.name, {"state": REMOVED, "reason": reason})
	return known


def has_thread(channel: str, thread: str) -> bool:
	"""Whether people wrote there, below a post that was ours."""
	there = {"channel": channel, "thread_ts": thread, "kind": ("in", (REPLY, NOTE, IGNORED))}
	return bool(frappe.db.exists(DOCTYPE, there))


def add_files(written, ticket: str, files: Mapping[str, str]) -> None:
	"""Names of Files by the IDs of what they were in Slack."""
	owners = {file.id: file.user for file in written.files}
	for file, source in files.items():
		row = {**_row(written, ENCLOSED, RECEIVED), "ts": file, "thread_ts": written.ts}
		row["slack_user"] = owners.get(file) or written.user
		own = {"ticket": ticket, "source": source, "key": f"{key(written.channel, written.ts)}:{file}"}
		own["address"] = frappe.db.get_value("File", source, "file_url")
		rows.insert_new(DOCTYPE, {**row, **own})


def files(file: str) -> list[frappe._dict]:
	"""Of each message that brought this file of Slack's, and has it still."""
	own = {"ts": file, "kind": ENCLOSED, "state": RECEIVED}
	return frappe.get_all(DOCTYPE, own, ["name", "channel", "thread_ts", "source", "address", "slack_user"])


def sources_of(known: frappe._dict) -> list[str]:
	"""The Files of a message that it has still."""
	own = {"channel": known.channel, "thread_ts": known.ts, "kind": ENCLOSED, "state": RECEIVED}
	return frappe.get_all(DOCTYPE, own, pluck="source")


def remove_file(name: str) -> bool:
	"""False when somebody else was faster."""
	query = f"UPDATE `tab{DOCTYPE}` SET state = '{REMOVED}' WHERE name = %(name)s AND state = '{RECEIVED}'"
	return rows.affected(query, {"name": name}) == 1


def note_edit(known: frappe._dict, edited: str) -> None:
	_change(known.name, {"edited_ts": edited})


def note_source(key_: str, kind: str, source: str) -> None:
	"""What the message has become, if it is of this kind and has not become anything yet: a Communication or an HD Ticket
	Comment.
	"""
	query = f"""UPDATE `tab{DOCTYPE}` SET source = %(source)s
		WHERE `key` = %(key)s AND kind = %(kind)s AND COALESCE(source, '') = ''"""
	frappe.db.sql(query, {"key": key_, "kind": kind, "source": source})


def source_of(key_: str) -> str | None:
	return frappe.db.get_value(DOCTYPE, {"key": key_}, "source")


def _row(message, kind: str, state: str) -> dict[str, object]:
	return {
		"kind": kind,
		"channel": message.channel,
		"ts": message.ts,
		"thread_ts": message.thread,
		"slack_user": getattr(message, "user", ""),
		"state": state,
		"queued_at": utc_now(),
		"source": "",
		"key": key(message.channel, message.ts),
	}


def _change(name: str, values: dict[str, object]) -> None:
	assignments = ", ".join(f"`{field}` = %({field})s" for field in values)
	frappe.db.sql(f"UPDATE `tab{DOCTYPE}` SET {assignments} WHERE name = %(name)s", {**values, "name": name})
