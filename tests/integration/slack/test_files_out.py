"""Files of Helpdesk on their way to Slack: of every size, name and fate."""

from pathlib import Path

import frappe
import pytest

from tests.factories import attach_file, unique
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.time_machine import sweep_until_quiet
from tests.talk import PDF, PNG, say

NAMES = [
	'a "quoted" file.pdf',
	"it's.pdf",
	"ملف مرفق.pdf",
	"😀 smile.pdf",
	"semi;colon,comma.pdf",
	"a&b=c%20d+e.pdf",
	"a < b.pdf",
	"x" * 100 + ".pdf",
]


def pdf() -> bytes:
	"""Frappe keeps equal files once, under their first name."""
	return PDF + unique("").encode()


def message_with(ticket, *files: tuple[str, bytes], text: str = "<p>See below</p>"):
	"""A customer's message with files."""
	message = say(ticket, text, sent=False)
	for name, content in files:
		attach_file(message, name, content, owner="Administrator")
	return message


def stored(message, like: str = "%") -> list[str]:
	"""The names of its files: Frappe adds to one that it has already."""
	own = {"attached_to_name": message.name, "file_name": ("like", like)}
	return frappe.get_all("File", own, pluck="file_name", order_by="file_name")


def shown(desk, ticket, channel=None) -> list[dict]:
	return [file for one in desk.thread(ticket, channel) for file in one.get("files", ())]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_kinds(desk, ticket, name):
	content = pdf()
	message = message_with(ticket, (name, content))
	sweep_until_quiet()
	stored = frappe.db.get_value("File", {"attached_to_name": message.name}, "file_name")
	for channel in (desk.channel, desk.slack.triage):
		assert not [row.reason for row in rows(state="Failed")]
		(file,) = shown(desk, ticket, channel)
		assert (file["name"], file["title"]) == (stored, stored)
		assert desk.slack.contents[file["id"]] == content


def test_a_name_with_a_line_break(desk, ticket):
	message = message_with(ticket, ("one.pdf", pdf()))
	frappe.db.set_value("File", {"attached_to_name": message.name}, "file_name", "one\r\ntwo.pdf")
	frappe.db.commit()
	sweep_until_quiet()
	assert [file["name"] for file in shown(desk, ticket)] == ["one\r\ntwo.pdf"]


def test_twelve_files_of_one_message(desk, ticket):
	message = message_with(ticket, *((f"file-{number:02}.pdf", pdf()) for number in range(12)))
	say(ticket, "<p>And after them</p>", sent=False)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [file["name"] for file in shown(desk, ticket, channel)] == stored(message)
		assert desk.thread(ticket, channel)[0]["text"] == "See below"
		assert desk.thread(ticket, channel)[-1]["text"] == "And after them"


def test_files_of_the_first_message(desk, organisation, sara):
	"""Helpdesk stores it before the ticket is ready, and attaches its files after that."""
	ticket = organisation.ticket(sara)
	(first,) = frappe.get_all("Communication", {"reference_name": str(ticket.name)}, pluck="name")
	message = frappe.get_doc("Communication", first)
	attach_file(message, "photo.png", PNG + unique("").encode(), owner="Administrator")
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [file["name"] for file in shown(desk, ticket, channel)] == stored(message)


def test_a_message_with_only_a_picture_in_its_text(desk, ticket):
	message = say(ticket, "<p></p>", sent=False)
	file = attach_file(message, "photo.png", PNG + unique("").encode(), owner="Administrator")
	frappe.get_doc("Communication", message.name).update(
		{"content": f'<p><img src="{file.file_url}"></p>'}
	).save(ignore_permissions=True)
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [one["name"] for one in shown(desk, ticket, channel)] == [file.file_name]
	assert not rows(state="Failed")


@pytest.mark.parametrize(
	("fate", "reason"),
	[("empty", "The file is empty."), ("missing", "The file is not there any more.")],
)
def test_what_cannot_be_brought_stops_nothing(desk, ticket, agent, fate, reason):
	message = message_with(ticket, ("one.pdf", pdf()), ("two.pdf", pdf()))
	file = frappe.get_doc("File", {"attached_to_name": message.name, "file_name": ("like", "one%")})
	path = Path(file.get_full_path())
	path.write_bytes(b"") if fate == "empty" else path.unlink()
	answer(ticket, agent, "<p>Thank you</p>")
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [one["name"] for one in shown(desk, ticket, channel)] == stored(message, "two%")
		assert desk.thread(ticket, channel)[-1]["text"] == "Thank you"
	assert {row.reason for row in rows(state="Failed")} == {reason}


def test_a_name_of_which_frappe_makes_html(desk, ticket, agent):
	"""It adds the closing tag, and then finds the file no more."""
	message = message_with(ticket, ("<b>bold.pdf", pdf()))
	answer(ticket, agent, "<p>Thank you</p>")
	sweep_until_quiet()
	assert stored(message)[0].endswith("</b>")
	assert desk.thread(ticket)[-1]["text"] == "Thank you"
	assert {row.reason for row in rows(state="Failed")} == {"The file is not there any more."}


def test_thirty_megabytes(desk, ticket):
	content = PDF + bytes(30 * 1024 * 1024)
	message = say(ticket, "<p>Large</p>", sent=False)
	file = attach_file(message, "large.pdf", pdf(), owner="Administrator")
	Path(file.get_full_path()).write_bytes(content)
	sweep_until_quiet()
	(shown_,) = shown(desk, ticket)
	assert desk.slack.contents[shown_["id"]] == content


def test_files_go_with_their_message(desk, ticket):
	message = message_with(ticket, ("one.pdf", pdf()))
	sweep_until_quiet()
	assert len(desk.slack.uploaded) == 2
	frappe.delete_doc("Communication", message.name, force=True)
	frappe.db.commit()
	sweep_until_quiet()
	assert desk.slack.uploaded == []


def test_a_file_that_is_taken_off_its_message(desk, ticket):
	message = message_with(ticket, ("one.pdf", pdf()), ("two.pdf", pdf()))
	sweep_until_quiet()
	one = frappe.db.get_value("File", {"attached_to_name": message.name, "file_name": ("like", "one%")})
	frappe.delete_doc("File", one, force=True)
	frappe.get_doc("Communication", message.name).update({"content": "<p>Only two</p>"}).save()
	frappe.db.commit()
	sweep_until_quiet()
	assert {file["name"] for file in desk.slack.uploaded} == set(stored(message))
