"""What the site itself makes while somebody's words are written is not what they have written."""

import frappe
import pytest

from customer_portal.extends import communication, hd_ticket_comment
from tests.factories import unique
from tests.integration.slack.conftest import replies
from tests.integration.slack.test_modes import comments
from tests.integration.slack.time_machine import sweep_until_quiet

AUTO = "<p>Done by itself</p>"


def comment_on(ticket: str) -> None:
	comment = {"doctype": "HD Ticket Comment", "reference_ticket": ticket, "content": AUTO}
	frappe.get_doc({**comment, "commented_by": frappe.session.user}).insert(ignore_permissions=True)


def write_on(ticket: str) -> None:
	message = {"doctype": "Communication", "communication_type": "Communication", "content": AUTO}
	own = {"reference_doctype": "HD Ticket", "reference_name": ticket, "subject": unique("Auto")}
	sent = {"sent_or_received": "Sent", "communication_medium": "Email", "sender": "auto@example.com"}
	frappe.get_doc({**message, **own, **sent}).insert(ignore_permissions=True)


@pytest.fixture
def automation(monkeypatch):
	"""After each message and comment but its own, it does what it is given."""

	def install(act) -> None:
		for module, field in ((communication, "reference_name"), (hd_ticket_comment, "reference_ticket")):
			usual = module.after_insert

			def after_insert(doc, method=None, usual=usual, field=field):
				usual(doc, method)
				if doc.content != AUTO:
					act(str(doc.get(field)))

			monkeypatch.setattr(module, "after_insert", after_insert)

	return install


def edit(desk, written: dict, text: str) -> None:
	desk.slack.edit(desk.user, desk.channel, written["ts"], text)
	desk.run()


def remove(desk, written: dict) -> None:
	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()


def own_replies(ticket) -> list[str]:
	return [one.content for one in replies(ticket) if one.content != AUTO]


def own_comments(ticket) -> list[str]:
	return [content for content, _by in comments(ticket) if content != AUTO]


@pytest.mark.parametrize("act", [comment_on, write_on])
def test_a_reply_stays_its_authors(desk, ticket, automation, act):
	automation(act)
	written = desk.say(ticket, "Old words")
	edit(desk, written, "New words")
	assert own_replies(ticket) == ["<p>New words</p>"]
	sweep_until_quiet()
	assert [one["text"] for one in desk.thread(ticket)].count("New words") == 1
	assert [one["text"] for one in desk.thread(ticket, desk.slack.triage)].count("New words") == 1
	remove(desk, written)
	assert own_replies(ticket) == []
	assert AUTO in (content for content, *_rest in comments(ticket)) or len(replies(ticket)) == 1


@pytest.mark.parametrize("act", [comment_on, write_on])
def test_a_note_stays_its_authors(desk, ticket, automation, act):
	automation(act)
	written = desk.say(ticket, "note: Old words", files=[("a.txt", b"hello")])
	edit(desk, written, "note: New words")
	assert own_comments(ticket) == ["<p>New words</p>"]
	remove(desk, written)
	assert own_comments(ticket) == []
	assert own_replies(ticket) == []
