"""Makes one row true in Slack: posts, changes or deletes what it stands for, as that is now.

Nothing is posted twice: what may have been posted by an attempt without an answer is looked for by its key first.
"""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import frappe
from frappe import _

from customer_portal.clock import to_unix
from customer_portal.integrations.failures import TemporaryFailure
from customer_portal.integrations.slack import client, file_api
from customer_portal.integrations.slack.errors import Refused
from customer_portal.message_files import MessageFile
from customer_portal.slack import channels, outbox, people, posts, thread
from customer_portal.slack.channels import Place
from customer_portal.slack.outbox import FILE, MESSAGE, POST, Row
from customer_portal.slack.posts import Post
from customer_portal.slack.thread import Spoken

LATER = timedelta(minutes=1)
LONGEST_TRANSACTION = timedelta(minutes=1)  # between a message's own time and its row
LARGEST_FILE = 100 * 1024 * 1024  # bytes
LOST_THREADS = ("thread_not_found", "cannot_reply_to_message")
SHARED = "shared"


def act(row: Row) -> None:
	"""Raises what ``client`` raises, and ``outbox.Lost``."""
	try:
		_act(row, channels.place(row.channel))
	except Refused as refused:
		if refused.code not in LOST_THREADS:
			raise
		outbox.abandon(row, _("The ticket's post was deleted in Slack."))


def _act(row: Row, place: Place | None) -> None:
	if place is None:
		_abandon(row)
	elif not _belongs(row, place):
		_remove(row)
	else:
		{POST: _post, MESSAGE: _message, FILE: _file}[row.kind](row, place)


def _abandon(row: Row) -> None:
	if not channels.is_on():
		raise TemporaryFailure(_("Slack is switched off in Customer Portal Settings."))
	outbox.abandon(row, _("This channel is not connected any more."))


def _belongs(row: Row, place: Place) -> bool:
	"""Nothing of a deleted ticket does, nor of one whose customer was erased."""
	if not row.ticket:
		return False
	fields = [*channels.FIELDS, "raised_by"]
	ticket = frappe.db.get_value("HD Ticket", row.ticket, fields, as_dict=True)
	return bool(ticket) and channels.has(place, ticket) and not people.is_erased(ticket.raised_by)


def _post(row: Row, place: Place) -> None:
	post = posts.of_ticket(row.ticket, place)
	if post is None:
		return _remove(row)
	return _show(row, post)


def _message(row: Row, place: Place) -> None:
	spoken = thread.of_message(row.ticket, row.source)
	if spoken is None or _is_copy(row):
		return _unsaid(row)
	parent = _parent(row)
	if parent is None:
		return _remove(row)
	_say_all(row, spoken)
	if not spoken.text:
		return outbox.finish(row, called=_take_out(row), ts=None, thread_ts=None, shown=None)
	return _show(row, Post(spoken.text, ()), spoken.name, parent)


def _parent(row: Row) -> str | None:
	"""The ``ts`` of the ticket's post, which is before this in the channel's order. A new post brings its history."""
	post = outbox.post_of(row.ticket, row.channel)
	return post.ts if post else None


def _unsaid(row: Row) -> None:
	"""Not there, not for customers, not yet, or in another ticket by now."""
	if thread.is_scheduled(row.source):
		return outbox.put_behind(row, LATER)
	ticket = frappe.db.get_value("Communication", row.source, "reference_name")
	if ticket and ticket != row.ticket:
		outbox.add_message(ticket, row.source, is_history=True)
	outbox.keep_files(row, [])
	return _remove(row)


def _say_all(row: Row, spoken: Spoken) -> None:
	"""Its files, and the same message in threads that began while it was being written."""
	outbox.keep_files(row, [file.name for file in spoken.files])
	if not row.shown:
		outbox.add_message(row.ticket, row.source, is_history=True)


def _is_copy(row: Row) -> bool:
	"""Merging tickets copies their messages, and gives the copies the times of the old ones."""
	if row.is_history or row.shown:
		return False
	written = frappe.db.get_value("Communication", row.source, "creation")
	return written < row.creation - LONGEST_TRANSACTION


def _show(row: Row, post: Post, name: str = "", parent: str | None = None) -> None:
	"""Posts what is not there yet, and changes what is there and different, or may be since a call without an answer."""
	digest = _digest(post)
	if row.ts and row.thread_ts != parent:
		_move_out(row)
	elif row.ts and row.shown == digest and not row.doubtful_since:
		return outbox.finish(row)
	elif row.ts:
		_change(row, row.ts, post)
		return outbox.finish(row, called=True, shown=digest)
	return _say(row, post, name, parent)


def _say(row: Row, post: Post, name: str, parent: str | None) -> None:
	ts = _found(row, parent)
	if ts:
		return _recognise(row, ts, post, parent)
	outbox.renew(row, thread_ts=parent)  # whoever takes it out after an unknown end looks there
	ts = client.post(row.channel, post.text, key=row.name, blocks=post.blocks, thread=parent, name=name)
	_begin_thread(row)
	return outbox.finish(row, called=True, ts=ts, thread_ts=parent, shown=_digest(post))


def _recognise(row: Row, ts: str, post: Post, parent: str | None) -> None:
	"""It shows what was so when it was posted. Where it is stays known, whatever becomes of the change."""
	_begin_thread(row)
	outbox.renew(row, ts=ts, thread_ts=parent)
	_change(row, ts, post)
	outbox.finish(row, called=True, shown=_digest(post))


def _begin_thread(row: Row) -> None:
	if row.kind == POST:
		outbox.add_history(row)


def _move_out(row: Row) -> None:
	"""Of the thread of a post that is not the ticket's any more."""
	outbox.renew(row)
	client.delete(row.channel, row.ts)
	outbox.renew(row, ts=None, thread_ts=None, shown=None)


def _change(row: Row, ts: str, post: Post) -> None:
	"""Somebody with the right to do so may have deleted it in Slack; there it stays deleted."""
	outbox.renew(row)
	try:
		client.update(row.channel, ts, post.text, key=row.name, blocks=post.blocks)
	except Refused as refused:
		if refused.code != client.GONE:
			raise


def _found(row: Row, parent: str | None) -> str | None:
	"""What an attempt without an answer has posted all the same."""
	if not row.doubtful_since:
		return None
	since = to_unix(row.doubtful_since - channels.CLOCKS)
	outbox.renew(row)
	return client.find(row.channel, row.name, parent, since)


def _file(row: Row, place: Place) -> None:
	message, name = outbox.file_of(row.source)
	spoken = thread.of_message(row.ticket, message)
	file = next((file for file in spoken.files if file.name == name), None) if spoken else None
	parent = _parent(row)
	if file is None or parent is None:
		return _remove(row)
	if row.shown and row.thread_ts == parent:
		return outbox.finish(row)
	return _share(row, file, parent)


def _share(row: Row, file: MessageFile, parent: str) -> None:
	path = _path(file.name)
	if why_not := _unfit(path):
		return outbox.fail(row, why_not)
	outbox.renew(row)
	may_be_there = row.ts and row.doubtful_since and not row.shown
	if not (may_be_there and file_api.is_shared(row.ts, row.channel)):
		_bring(row, file, path, parent)
	return outbox.finish(row, called=True, thread_ts=parent, shown=SHARED)


def _bring(row: Row, file: MessageFile, path: Path, parent: str) -> None:
	if row.shown:
		file_api.delete(row.ts)  # it is in an earlier thread
	id_ = file_api.prepare(file.label or path.name, path.read_bytes())
	outbox.renew(row, ts=id_, shown=None)  # whoever comes after an unknown end finds it by this
	file_api.share(id_, file.label or path.name, row.channel, parent)


def _path(file: str) -> Path | None:
	"""None for one that is not on the disk, or whose path Frappe refuses."""
	try:
		path = Path(frappe.get_doc("File", file).get_full_path())
	except frappe.ValidationError:
		frappe.clear_last_message()
		return None
	return path if path.is_file() else None


def _unfit(path: Path | None) -> str:
	"""Why Slack will not have this file; else nothing."""
	if path is None:
		return _("The file is not there any more.")
	if not path.stat().st_size:
		return _("The file is empty.")
	return _("The file is too large for Slack.") if path.stat().st_size > LARGEST_FILE else ""


def _remove(row: Row) -> None:
	outbox.finish(row, called=_take_out(row), is_removed=True)


def _take_out(row: Row) -> bool:
	"""Whether there was something."""
	ts = row.ts or (None if row.kind == FILE else _found(row, row.thread_ts))
	if ts:
		outbox.renew(row)
		file_api.delete(ts) if row.kind == FILE else client.delete(row.channel, ts)
	return bool(ts)


def _digest(post: Post) -> str:
	return hashlib.sha256(json.dumps([post.text, post.blocks], sort_keys=True).encode()).hexdigest()
