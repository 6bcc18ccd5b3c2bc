"""Jobs are started by Slack's requests, and so by Guest in English: what they do is the agent's, in the site's language."""

import frappe
import pytest

from customer_portal.slack import intake
from tests.factories import unique
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_customers_channel import german
from tests.integration.slack.test_files_of_answers import salaries
from tests.integration.slack.test_inbox import make_old
from tests.integration.slack.test_modes import comments

__all__ = ["german", "salaries"]


def work_as_guest(desk) -> None:
	"""As a fresh worker does."""
	frappe.db.commit()
	desk.slack.settle()
	frappe.set_user("Guest")
	frappe.local.lang = "en"
	try:
		intake.work_off(10)
		assert (frappe.session.user, frappe.local.lang) == ("Guest", "en")
	finally:
		frappe.set_user("Administrator")
		frappe.db.rollback()


def say(desk, ticket, text: str, user: str | None = None, **options) -> dict:
	thread = desk.post(ticket)["ts"]
	written = desk.slack.say(user or desk.user, desk.channel, text, thread_ts=thread, **options)
	work_as_guest(desk)
	return written


def deleted_by(doctype: str, name: str) -> str:
	return frappe.db.get_value(
		"Deleted Document", {"deleted_doctype": doctype, "deleted_name": name}, "owner"
	)


# As whom


def test_a_deleted_reply(desk, ticket, agent, salaries):
	written = say(desk, ticket, "Hello", files=[salaries])
	(reply,) = replies(ticket)
	own = {"attached_to_doctype": "Communication", "attached_to_name": reply.name}
	(file,) = frappe.get_all("File", own, pluck="name")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	work_as_guest(desk)
	assert replies(ticket) == []
	assert deleted_by("Communication", reply.name) == agent.name
	assert deleted_by("File", file) == agent.name


def test_a_deleted_note(desk, ticket, agent):
	written = say(desk, ticket, "note: secret")
	(note,) = frappe.get_all("HD Ticket Comment", {"reference_ticket": str(ticket.name)}, pluck="name")
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	work_as_guest(desk)
	assert not comments(ticket)
	assert deleted_by("HD Ticket Comment", note) == agent.name


def test_a_deleted_file(desk, ticket, agent, salaries):
	written = say(desk, ticket, "Hello", files=[salaries])
	own = {"attached_to_doctype": "Communication", "attached_to_name": replies(ticket)[0].name}
	(file,) = frappe.get_all("File", own, pluck="name")
	desk.slack.remove_file(desk.user, written["files"][0]["id"])
	work_as_guest(desk)
	assert len(replies(ticket)) == 1
	assert deleted_by("File", file) == agent.name


@pytest.mark.parametrize("text", ["Hello", "note: Hello"])
def test_an_edit(desk, ticket, agent, text):
	written = say(desk, ticket, text)
	desk.slack.edit(desk.user, desk.channel, written["ts"], f"{text}!")
	work_as_guest(desk)
	doctype, field = (
		("HD Ticket Comment", "reference_ticket") if "note" in text else ("Communication", "reference_name")
	)
	content, by = frappe.db.get_value(
		doctype, {field: str(ticket.name), "content": ("like", "%Hello!%")}, ["content", "modified_by"]
	)
	assert (content, by) == ("<p>Hello!</p>", agent.name)


# In which language


def in_german(text: str) -> str:
	found = frappe._(text, "de")
	assert found != text
	return found


def test_what_somebody_is_told_alone(desk, ticket, german):
	stranger = desk.slack.add_user("Stranger", f"{unique('s')}@nobody.example")
	desk.slack.invite(stranger, desk.channel)
	say(desk, ticket, "Hello", user=stranger)
	(told,) = whispers(desk)
	assert told.startswith(in_german("Nothing of this reaches the customer."))


def test_somebody_whom_nobody_knows(desk, ticket, german):
	say(desk, ticket, "Ask <@U0NOBODY>")
	assert [one.content for one in replies(ticket)] == [f"<p>Ask @{in_german('somebody')}</p>"]


def test_what_admins_are_told(desk, ticket, german):
	frappe.db.delete("Notification Log")
	frappe.db.commit()
	desk.slack.fail("users.info", "internal_error", times=9)
	desk.slack.say(desk.user, desk.channel, "Hello", thread_ts=desk.post(ticket)["ts"])
	desk.slack.settle()
	make_old()
	work_as_guest(desk)
	told = frappe.get_all("Notification Log", pluck="subject")
	start = in_german("Slack: a message from there could not be taken in. {0}").partition("{0}")[0]
	assert told and all(one.startswith(start) for one in told)
