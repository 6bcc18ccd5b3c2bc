"""Files that people send along in Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import frappe
from frappe import _

from customer_portal import uploads
from customer_portal.exceptions import FileTypeRefused, PortalError, TooManyFiles
from customer_portal.integrations.failures import PermanentFailure
from customer_portal.integrations.slack import file_api
from customer_portal.uploads import Upload

MOST = 10  # of one message, as in Slack
LISTED = 100  # more are not looked at
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


def fetch(files: Sequence[SlackFile]) -> Brought:
	"""Fetches and scans them. Raises ``TemporaryFailure`` and ``UnknownResult``: the whole message waits."""
	taken, left = {}, []
	for file in files:
		try:
			_require_room(taken)
			taken[file.id] = _taken(file)
		except (PermanentFailure, PortalError) as error:
			left.append(f"{file.name}: {error}")
	sentence = _("Files that stay in Slack: {0}").format("; ".join(left)) if left else ""
	return Brought(taken, sentence)


def _require_room(taken: Mapping[str, Upload]) -> None:
	if len(taken) >= MOST:
		raise TooManyFiles(MOST)


def _taken(file: SlackFile) -> Upload:
	known = _file(file_api.info(file.id)) if file.is_unseen else file
	_require_kind(known.name)
	most = uploads.limits().all_bytes
	if not known.address or known.size > most:
		raise PermanentFailure(_("It is too large, or Slack does not store it."))
	content = file_api.download(known.address, most)
	if known.size and len(content) != known.size:
		raise PermanentFailure(_("Slack does not hand the file out."))
	upload = Upload(uploads.safe_name(known.name), content)
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
