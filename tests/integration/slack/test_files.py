"""Files, each way, byte by byte."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import randrange

import frappe
import pytest
from PIL import Image

from customer_portal import uploads
from customer_portal.integrations import clamav
from tests import system_settings
from tests.clamd import EICAR, tcp_scanner
from tests.factories import unique
from tests.integration.slack.conftest import answer, replies, whispers
from tests.sample_files import photo
from tests.talk import PDF, own_png

BYTES = {
	"manual.pdf": PDF,
	"photo.png": own_png(),
	"note.txt": "نص\nline\r\n".encode(),
	"data.bin": bytes(range(256)) * 40,
}


def attached(communication: str) -> dict[str, bytes]:
	found = frappe.get_all(
		"File", {"attached_to_doctype": "Communication", "attached_to_name": communication}, pluck="name"
	)
	files = [frappe.get_doc("File", name) for name in found]
	assert all(file.is_private for file in files)
	return {file.file_name: Path(file.get_full_path()).read_bytes() for file in files}


@pytest.mark.parametrize("name", BYTES)
def test_from_slack_to_the_customer(desk, ticket, name):
	desk.say(ticket, "Here it is", files=[(name, BYTES[name])])
	(reply,) = replies(ticket)
	((label, content),) = attached(reply.name).items()
	stem, _dot, ending = name.rpartition(".")
	assert label.startswith(stem) and label.endswith(ending)
	assert content == BYTES[name]
	assert not whispers(desk)


def test_a_file_without_a_word(desk, ticket):
	desk.say(ticket, "", files=[("manual.pdf", PDF)])
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]


def test_several_files(desk, ticket):
	desk.say(ticket, "Here", files=list(BYTES.items()))
	(reply,) = replies(ticket)
	assert sorted(attached(reply.name).values()) == sorted(BYTES.values())
	others = [message for message in desk.thread(ticket, desk.slack.triage) if message.get("files")]
	shown = [file for message in others for file in message["files"]]
	assert sorted(desk.slack.contents[file["id"]] for file in shown) == sorted(BYTES.values())


@pytest.mark.parametrize("name", BYTES)
def test_from_helpdesk_to_slack(desk, ticket, agent, name):
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": name,
			"content": BYTES[name],
			"is_private": 1,
			"attached_to_doctype": "HD Ticket",
			"attached_to_name": str(ticket.name),
		}
	).insert()
	answer(ticket, agent, "<p>See the file</p>", attachments=[file.name])
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		thread = desk.thread(ticket, channel)
		assert thread[0]["text"] == "See the file"
		(shared,) = [one for message in thread for one in message.get("files", ())]
		stored = frappe.get_all(
			"File", {"attached_to_doctype": "Communication"}, pluck="name", order_by="creation desc", limit=1
		)[0]
		assert (
			desk.slack.contents[shared["id"]]
			== Path(frappe.get_doc("File", stored).get_full_path()).read_bytes()
		)


def test_a_file_goes_with_its_message(desk, ticket, agent):
	file = frappe.get_doc({"doctype": "File", "file_name": "x.pdf", "content": PDF, "is_private": 1}).insert()
	name = answer(ticket, agent, "<p>See the file</p>", attachments=[file.name])
	desk.run()
	frappe.delete_doc("Communication", name)
	desk.run()
	shown = [file["mode"] for message in desk.thread(ticket) for file in message["files"]]
	assert shown == ["tombstone"]  # which Slack leaves in the place of a deleted file
	assert not [message for message in desk.thread(ticket) if message["text"]]


def test_a_shared_channels_file(desk, ticket):
	"""Slack Connect tells no more of it than its ID."""
	desk.slack.channels[desk.channel].is_ext_shared = True
	desk.say(ticket, "Here", files=[("manual.pdf", PDF)])
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]


def test_a_file_with_a_virus(desk, ticket, monkeypatch):
	with tcp_scanner() as (_scanner, address):
		monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
		desk.say(ticket, "Two files", files=[("bad.txt", b"x " + EICAR), ("good.txt", b"good")])
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [b"good"]
	(told,) = whispers(desk)
	assert "bad.txt" in told


def test_slack_hands_the_file_out_a_little_later(desk, ticket):
	desk.slack.fail("download", "500", times=1)
	desk.say(ticket, "Here", files=[("manual.pdf", PDF)])
	desk.run()
	found = replies(ticket)
	assert len(found) == 1
	assert list(attached(found[0].name).values()) == [PDF] or "manual.pdf" in whispers(desk)[0]


@pytest.mark.parametrize(
	"address",
	[
		"http://169.254.169.254/latest",
		"https://evil.example/x",
		"file:///etc/passwd",
		"https://slack.com.evil.example/x",
		"https://evil.example/slack.com",
		"//evil.example",
		"https://slack.com@evil.example/x",
	],
)
def test_the_token_goes_to_slack_alone(desk, ticket, address):
	desk.slack.is_delivering = False
	desk.slack.say(desk.user, desk.channel, "Here", thread_ts=desk.post(ticket)["ts"], files=[("x.pdf", PDF)])
	event = desk.slack.events[-1]
	event["event"]["files"][0] |= {"url_private_download": address, "url_private": address}
	assert desk.slack.deliver(event)[0] == 200
	desk.run()
	(reply,) = replies(ticket)
	assert not attached(reply.name)
	assert "x.pdf" in whispers(desk)[0]


@pytest.fixture
def all_bytes(monkeypatch):
	"""Call it with how many bytes all files of an answer may have."""

	def make(most: int) -> None:
		few = replace(uploads.limits(), all_bytes=most)
		monkeypatch.setattr(uploads, "limits", lambda: few)

	return make


def test_the_files_of_an_answer_share_its_bytes(desk, ticket, all_bytes):
	all_bytes(100)
	desk.say(ticket, "See", files=[("a.txt", b"a" * 60), ("b.txt", b"b" * 41), ("c.txt", b"c" * 40)])
	(reply,) = replies(ticket)
	assert sorted(map(len, attached(reply.name).values())) == [40, 60]
	(told,) = whispers(desk)
	assert "b.txt: It is too large" in told and "c.txt" not in told


def test_a_name_of_a_file_calls_nobody(desk, ticket, all_bytes):
	all_bytes(0)
	desk.say(ticket, "See", files=[("<!channel> & <@U0123456789>.txt", b"x")])
	(told,) = whispers(desk)
	assert "&lt;!channel&gt; &amp; &lt;@U0123456789&gt;.txt: " in told


@pytest.fixture
def picture() -> bytes:
	"""No other has its pixels: the site has not stored it yet, in whatever form."""
	return photo((randrange(256), randrange(256), randrange(256)))


def strip(is_wanted: bool) -> None:
	system_settings.change(**{uploads.STRIPS: int(is_wanted)})


@pytest.mark.parametrize("name", ["photo.jpg", "photo.JPEG", "photo.jfif", "photo"])
def test_photos_lose_what_the_camera_noted(desk, ticket, picture, name):
	"""As those that agents and customers upload; which way is up stays."""
	desk.say(ticket, "Here it is", files=[(name, picture)])
	(reply,) = replies(ticket)
	(content,) = attached(reply.name).values()
	assert dict(Image.open(BytesIO(content)).getexif()) == {0x0112: 6}
	assert b"secret" not in content.lower()


def test_a_photo_and_its_copies_are_one_file(desk, ticket, picture):
	written = desk.say(ticket, "Here it is", files=[(f"{unique('photo')}.jpg", picture)])
	own = {"file_name": ("like", f"{written['files'][0]['name'].partition('.')[0]}%")}
	found = frappe.get_all("File", own, ["attached_to_doctype", "file_url"])
	assert {one.attached_to_doctype for one in found} == {"HD Ticket", "Communication"}
	assert len({one.file_url for one in found}) == 1
	desk.slack.remove_file(desk.user, written["files"][0]["id"])
	desk.run()
	assert len(replies(ticket)) == 1
	assert not frappe.get_all("File", own)


def test_photos_stay_as_they_are_where_the_site_wants_that(desk, ticket, picture):
	strip(False)
	try:
		desk.say(ticket, "Here it is", files=[("photo.jpg", picture)])
		(reply,) = replies(ticket)
		assert list(attached(reply.name).values()) == [picture]
	finally:
		strip(True)
