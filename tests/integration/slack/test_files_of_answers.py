"""Files of private notes stay with agents, and files of an answer that is deleted in Slack go with it."""

import frappe
import pytest

from tests.client import Client
from tests.factories import unique
from tests.integration.slack.conftest import answer, replies
from tests.integration.slack.test_modes import comments
from tests.organisations import enter


@pytest.fixture
def member(new_client, open_door, sara) -> Client:
	"""Sara's browser."""
	return enter(new_client(), sara)


@pytest.fixture
def salaries() -> tuple[str, bytes]:
	return f"{unique('salaries')}.txt", unique("all salaries").encode()


def rows_of(file: tuple[str, bytes]) -> list[frappe._dict]:
	frappe.db.rollback()
	stem = file[0].removesuffix(".txt")
	fields = ["name", "file_url", "attached_to_doctype"]
	return frappe.get_all("File", {"file_name": ("like", f"{stem}%")}, fields, order_by="creation")


def kinds(file: tuple[str, bytes]) -> list[str]:
	return sorted(row.attached_to_doctype for row in rows_of(file))


def test_a_notes_file_is_the_comments_alone(desk, ticket, member, salaries):
	desk.say(ticket, "note: secret", files=[salaries])
	assert len(comments(ticket)) == 1
	(row,) = rows_of(salaries)
	assert row.attached_to_doctype == "HD Ticket Comment"
	assert member.get(row.file_url).status_code in (403, 404)


def test_a_deleted_note_takes_its_file_along(desk, ticket, salaries):
	written = desk.say(ticket, "note: secret", files=[salaries])
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert rows_of(salaries) == []


def test_a_deleted_answers_file_is_gone(desk, ticket, member, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	address = rows_of(salaries)[0].file_url
	assert member.get(address).content == salaries[1]
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert replies(ticket) == []
	assert rows_of(salaries) == []
	assert member.get(address).status_code in (403, 404)


def test_a_file_that_another_answer_has_too_stays(desk, ticket, member, salaries):
	first = desk.say(ticket, "Here", files=[salaries])
	second = desk.say(ticket, "Here again", files=[salaries])
	address = rows_of(salaries)[0].file_url
	desk.slack.remove(desk.user, desk.channel, first["ts"])
	desk.run()
	assert len(replies(ticket)) == 1
	assert member.get(address).content == salaries[1]
	desk.slack.remove(desk.user, desk.channel, second["ts"])
	desk.run()
	assert rows_of(salaries) == []


def test_the_customers_own_file_stays(desk, ticket, sara, member, salaries):
	"""Frappe stores what is of the same content once."""
	frappe.set_user(sara)
	file = {"file_name": salaries[0], "content": salaries[1], "is_private": 1}
	of_ticket = {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name)}
	own = frappe.get_doc({"doctype": "File", **file, **of_ticket}).insert()
	frappe.set_user("Administrator")
	frappe.db.commit()
	written = desk.say(ticket, "You sent this", files=[salaries])
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert [row.name for row in rows_of(salaries)] == [own.name]
	assert member.get(own.file_url).content == salaries[1]


def test_files_of_other_answers_stay(desk, ticket, agent, salaries):
	kept = (f"{unique('kept')}.txt", unique("kept").encode())
	desk.say(ticket, "Keep this", files=[kept])
	written = desk.say(ticket, "Here", files=[salaries])
	answer(ticket, agent, "<p>Meanwhile</p>")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert kinds(kept) == ["Communication", "HD Ticket"]


def test_a_file_of_which_slack_tells_nothing_keeps_no_answer_back(desk, ticket):
	"""files.info says access_denied of one file: no reason to think the workspace shut."""
	desk.slack.channels[desk.channel].is_ext_shared = True
	for code in ("access_denied", "file_not_found", "file_deleted", "file_not_shared"):
		desk.slack.fail("files.info", code, times=1)
		desk.say(ticket, f"See {code}", files=[("a.txt", b"a")])
	assert [one.content for one in replies(ticket)][-1] == "<p>See file_not_shared</p>"
	assert len(replies(ticket)) == 4
	assert (
		len([one for one in desk.slack.ephemerals if "Slack does not hand the file out." in one["text"]]) == 4
	)
