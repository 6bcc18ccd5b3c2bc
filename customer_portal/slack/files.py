"""Files that people send along in Slack."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal import uploads
from customer_portal.exceptions import FileTypeRefused, PortalError, TooManyFiles
from customer_portal.integrations.failures import (
	PermanentFailure,
	SendFailure,
	TemporaryFailure,
)
from customer_portal.integrations.slack import errors, file_api
from customer_portal.uploads import Upload

MOST = 10  # of one message, as in Slack
LISTED = 100  # more are not looked at
MOST_SECONDS = 90  # for all files of a message: a job has 240, and may come to this twice
MOST_ATTEMPTS = 6  # then, after some three minutes, a message comes without what cannot be fetched
DELETED = "tombstone"
UNSEEN = "check_file_info"  # of Slack Connect: the event has no more than the ID


@dataclass(frozen=True)
class SlackFile:
	"""``size`` is in bytes; ``address`` is empty for what Slack does not store, ``user`` where it does not say whose it is."""

	id: str
	name: str
	size: int
	address: str
	is_unseen: bool
	user: str


@dataclass(frozen=True)
class Brought:
	"""``files`` by their IDs in Slack; ``sentence`` says which stayed behind, and why."""

	files: dict[str, Upload]
	sentence: str


def listed(message: dict) -> tuple[SlackFile, ...]:
	"""Of a ``message`` event, without those that are deleted by now.

	https://docs.slack.dev/reference/objects/file-object
	"""
	given = message.get("files")
	given = given if isinstance(given, list) else []
	found = [one for one in given[:LISTED] if isinstance(one, dict) and one.get("id")]
	return tuple(_file(one) for one in found if one.get("mode") != DELETED)


def fetch(files: Sequence[SlackFile], attempts: int) -> Brought:
	"""Fetches and scans them, each in its part of the time that is left, and all within the bytes of one answer. Raises
	``TemporaryFailure`` and ``UnknownResult`` at the first attempts, and later while Slack is shut: the whole message
	waits.
	"""
	taken, left, deadline = {}, [], time.monotonic() + MOST_SECONDS
	for place, file in enumerate(files):
		try:
			_require_room(taken)
			to_come = max(min(len(files), MOST) - place, 1)
			taken[file.id] = _taken(file, _room(taken), (deadline - time.monotonic()) / to_come)
		except (SendFailure, PortalError) as error:
			if _is_worth_waiting(error, attempts):
				raise
			left.append(f"{file.name}: {error}")
	sentence = _("Files that stay in Slack: {0}").format("; ".join(left)) if left else ""
	return Brought(taken, sentence)


def _require_room(taken: Mapping[str, Upload]) -> None:
	if len(taken) >= MOST:
		raise TooManyFiles(MOST)


def _room(taken: Mapping[str, Upload]) -> int:
	"""Bytes that may still come: all are in memory at once."""
	return max(uploads.limits().all_bytes - sum(len(one.content) for one in taken.values()), 0)


def _is_worth_waiting(error: Exception, attempts: int) -> bool:
	"""One file that never comes keeps its message and the whole thread waiting only for so long."""
	if isinstance(error, (PermanentFailure, PortalError)):
		return False
	return isinstance(error, errors.Shut) or attempts < MOST_ATTEMPTS


def _taken(file: SlackFile, most: int, seconds: float) -> Upload:
	if seconds <= 0:
		raise TemporaryFailure(_("Slack did not answer in time."))
	known = _file(file_api.info(file.id)) if file.is_unseen else file
	_require_kind(known.name)
	if not known.address or known.size > most:
		raise PermanentFailure(_("It is too large, or Slack does not store it."))
	content = file_api.download(known.address, most, min(seconds, file_api.SECONDS))
	if known.size and len(content) != known.size:
		raise PermanentFailure(_("Slack does not hand the file out."))
	upload = Upload(uploads.safe_name(known.name), uploads.without_notes(content))
	uploads.scan([upload])
	return upload


def _require_kind(name: str) -> None:
	"""Frappe itself asks System Settings only for what comes in a request. Raises ``FileTypeRefused``."""
	allowed = (frappe.get_system_settings("allowed_file_extensions") or "").upper().split()
	if allowed and name.rpartition(".")[2].upper() not in allowed:
		raise FileTypeRefused(name, ", ".join(allowed))


def _file(given: dict) -> SlackFile:
	size = given.get("size")
	return SlackFile(
		str(given["id"]),
		str(given.get("name") or given.get("title") or "file"),
		size if isinstance(size, int) else 0,
		str(given.get("url_private_download") or given.get("url_private") or ""),
		given.get("file_access") == UNSEEN,
		str(given.get("user") or ""),
	)
