"""Uploads in three steps, downloads with a token, deletions."""

import pytest
import requests

from tests.gateways.slack import TOKEN
from tests.gateways.slack.workspace import BOT_USER, OTHER_TEAM
from tests.unit.loopback_slack.samples import refusal

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def upload(app, content: bytes = PICTURE, name: str = "a b.png") -> str:
	ticket = app.files_getUploadURLExternal(filename=name, length=len(content))
	answer = requests.post(ticket["upload_url"], data=content, timeout=5)
	assert (answer.status_code, answer.text) == (200, f"OK - {len(content)}")
	return ticket["file_id"]


def download(address: str, token: str = TOKEN, **options) -> requests.Response:
	return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=5, **options)


def test_a_file_in_a_thread(workspace, app, channel):
	parent = app.chat_postMessage(channel=channel, text="x")["ts"]
	file = upload(app)
	done = app.files_completeUploadExternal(
		files=[{"id": file, "title": "A"}], channel_id=channel, thread_ts=parent, initial_comment="See"
	)
	assert done["files"][0]["id"] == file and done["files"][0]["shares"] == {}
	(share,) = app.files_info(file=file)["file"]["shares"]["public"][channel]
	message = workspace.thread(channel, parent)[1]
	assert (share["ts"], share["thread_ts"]) == (message["ts"], parent)
	assert (message["text"], message["files"][0]["title"], message["user"]) == ("See", "A", BOT_USER)
	assert workspace.contents[file] == PICTURE
	assert [found["id"] for found in workspace.uploaded] == [file]
	assert workspace.events[-1]["event"]["subtype"] == "file_share"


def test_the_clients_own_way(workspace, app, channel):
	app.files_upload_v2(channel=channel, filename="a.txt", content="Hello", title="A")
	(file,) = workspace.uploaded
	assert workspace.contents[file["id"]] == b"Hello" and file["mimetype"] == "text/plain"


def test_an_upload_address_takes_its_length_once(app):
	ticket = app.files_getUploadURLExternal(filename="a", length=3)
	codes = [
		requests.post(ticket["upload_url"], data=d, timeout=5).status_code for d in (b"12", b"123", b"123")
	]
	assert codes == [400, 200, 404]
	assert refusal(app.files_getUploadURLExternal, filename="a", length=0) == "missing_argument"


def test_where_files_cannot_go(workspace, app, channel):
	outside = workspace.add_channel("outside", with_bot=False)
	archived = workspace.add_channel("archived")
	workspace.archive(archived)
	complete = app.files_completeUploadExternal
	file = {"id": upload(app)}
	assert refusal(complete, files=[{"id": "F0NONE"}], channel_id=channel) == "file_not_found"
	assert refusal(complete, files=[file], channel_id="C0NOWHERE") == "channel_not_found"
	assert refusal(complete, files=[file], channel_id=outside) == "not_in_channel"
	assert refusal(complete, files=[file], channel_id=archived) == "posting_to_channel_denied"
	assert complete(files=[file], channel_id=channel)["ok"]
	assert refusal(complete, files=[file], channel_id=channel) == "file_not_found"


def test_a_download_needs_a_token_that_may_read_files(workspace, channel, agent):
	message = workspace.say(agent, channel, files=[("a b.png", PICTURE)])
	address = message["files"][0]["url_private_download"]
	found = download(address)
	assert (found.status_code, found.content) == (200, PICTURE)
	assert found.headers["Content-Type"] == "image/png"
	for token in ("", "xoxb-wrong"):
		assert download(address, token, allow_redirects=False).status_code == 302
	landed = download(address, "")
	assert landed.status_code == 200 and landed.headers["Content-Type"].startswith("text/html")
	workspace.scopes -= {"files:read"}
	assert download(address, allow_redirects=False).status_code == 302


def test_a_deleted_file_leaves_a_tombstone(workspace, app, channel, agent):
	file = upload(app)
	app.files_completeUploadExternal(files=[{"id": file}], channel_id=channel)
	app.files_delete(file=file)
	(message,) = workspace.messages(channel)
	assert message["files"] == [{"id": file, "mode": "tombstone"}]
	assert refusal(app.files_info, file=file) == refusal(app.files_delete, file=file) == "file_deleted"
	assert not workspace.uploaded
	theirs = workspace.say(agent, channel, files=[("a.txt", b"a")])["files"][0]["id"]
	assert refusal(app.files_delete, file=theirs) == "cant_delete_file"
	assert refusal(app.files_info, file="F0NONE") == "file_not_found"


def test_events_of_a_shared_channel_only_name_the_file(workspace, app):
	guest = workspace.add_user("Guest", "g@customer.example", team_id=OTHER_TEAM)
	shared = workspace.add_channel("shared", [guest], is_ext_shared=True)
	workspace.say(guest, shared, "See", files=[("a.txt", b"a")])
	(file,) = workspace.events[-1]["event"]["files"]
	assert file["file_access"] == "check_file_info" and "url_private_download" not in file
	found = app.files_info(file=file["id"])["file"]
	assert download(found["url_private_download"]).content == b"a"


def test_a_file_of_a_channel_without_the_app(workspace, app, agent):
	outside = workspace.add_channel("outside", [agent], with_bot=False)
	file = workspace.say(agent, outside, files=[("a.txt", b"a")])["files"][0]
	assert refusal(app.files_info, file=file["id"]) == "not_visible"


def test_bytes_that_do_not_arrive(workspace, app, channel, agent):
	workspace.fail("upload", "500")
	ticket = app.files_getUploadURLExternal(filename="a", length=1)
	assert [requests.post(ticket["upload_url"], data=b"1", timeout=5).status_code for _ in range(2)] == [
		500,
		200,
	]
	address = workspace.say(agent, channel, files=[("a.txt", b"a")])["files"][0]["url_private_download"]
	workspace.fail("download", "drop")
	with pytest.raises(requests.ConnectionError):
		download(address)
	assert download(address).content == b"a"
