"""Files, each way, byte by byte."""

from pathlib import Path

import frappe
import pytest

from customer_portal.integrations import clamav
from tests.clamd import EICAR, tcp_scanner
from tests.integration.slack.conftest import answer, replies, whispers
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
