"""Files in Slack. Every function raises what ``api.call`` raises."""

from collections.abc import Mapping

from frappe import _
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from customer_portal.integrations import http
from customer_portal.integrations.failures import PermanentFailure, TemporaryFailure, nothing_is_sent_yet
from customer_portal.integrations.slack import api, errors

GONE = ("file_not_found", "file_deleted")
SECONDS = 60  # for the bytes of one file
TRY_AGAIN = (408, 429)


def prepare(name: str, content: bytes) -> str:
	"""Brings a file to Slack, where nobody sees it yet; returns its ID.

	https://docs.slack.dev/messaging/working-with-files/#uploading_files
	"""
	given = api.call("files.getUploadURLExternal", filename=name, length=len(content))
	with nothing_is_sent_yet():
		answer = http.request("POST", given["upload_url"], SECONDS, data=content)
	if answer.status == 200:
		return given["file_id"]
	kind = TemporaryFailure if answer.status >= 500 or answer.status in TRY_AGAIN else PermanentFailure
	raise kind(_("Slack did not take the file."))


def share(file: str, title: str, channel: str, thread: str) -> None:
	"""Shows a prepared file in a thread."""
	files = [{"id": file, "title": title}]
	api.call("files.completeUploadExternal", files=files, channel_id=channel, thread_ts=thread)


def is_shared(file: str, channel: str) -> bool:
	try:
		found = _info(file)
	except errors.Refused as refused:
		if refused.code in GONE:
			return False
		raise
	return channel in (*(found.get("channels") or ()), *(found.get("groups") or ()))


def info(id_: str) -> dict:
	"""What Slack knows of a file: name, size in bytes, url_private_download, mode."""
	try:
		return dict(_info(id_))
	except errors.Refused as refused:
		raise PermanentFailure(_("Slack does not hand the file out.")) from refused


def download(address: str, most: int, seconds: float = SECONDS) -> bytes:
	"""A file's content of up to ``most`` bytes, which has to come within ``seconds``. The token goes to Slack's hosts alone.

	Raises ``PermanentFailure`` for a foreign address, a larger file, and what is no file.
	"""
	if not _is_slacks(address):
		raise PermanentFailure(_("The file is not at Slack."))
	found = http.download(address, seconds, most, headers={"Authorization": f"Bearer {api.token()}"})
	if found is None:
		raise PermanentFailure(_("Slack does not hand the file out."))
	return found


def delete(file: str) -> None:
	try:
		api.call("files.delete", file=file)
	except errors.Refused as refused:
		if refused.code not in GONE:
			raise


def _info(id_: str) -> Mapping:
	"""That access to one file is denied says nothing of the workspace.
	https://docs.slack.dev/reference/methods/files.info#errors
	"""
	try:
		return api.call("files.info", file=id_)["file"]
	except errors.Shut as shut:
		if shut.code == "access_denied":
			raise errors.Refused(shut.code) from shut
		raise


def _is_slacks(address: str) -> bool:
	"""Of Slack itself, or of the configured address of its API. Read as the request will read it."""
	try:
		parts, base = parse_url(address), parse_url(api.base())
	except LocationParseError:
		return False
	host = parts.host or ""
	if parts.scheme == "https" and (host == "slack.com" or host.endswith((".slack.com", ".slack-gov.com"))):
		return True
	return (parts.scheme, parts.host, parts.port) == (base.scheme, base.host, base.port)
