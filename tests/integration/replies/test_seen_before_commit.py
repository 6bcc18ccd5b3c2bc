"""A page that is loaded while an agent's request still runs does not have the reply: the mail brings it."""

import frappe
import pytest

from customer_portal import accounts, presence
from customer_portal.conversations import newest
from tests.integration.replies.conftest import answer, rows, told, who_got
from tests.integration.replies.test_presence import SEEN, deliver, later
from tests.organisations import TICKETS
from tests.threads import elsewhere


@pytest.fixture
def member(organisation):
	return organisation.address("sara")


@pytest.fixture
def browser(member, sign_in_as):
	return sign_in_as(member)


@pytest.fixture
def own(organisation, member, browser):
	return organisation.ticket(member)


def write(ticket, agent, text: str) -> str:
	"""The agent's request goes on: the new Communication is not committed."""
	doc = frappe.get_doc("HD Ticket", ticket.name)
	frappe.set_user(agent.name)
	try:
		doc.reply_via_agent(text, to=ticket.raised_by)
	finally:
		frappe.set_user("Administrator")
	return newest(str(ticket.name))[0]


@pytest.mark.parametrize("path", ["", "/messages"])
def test_a_page_before_the_commit_has_not_shown_it(browser, own, member, agent, mail_server, path):
	late = write(own, agent, "Nobody saw this.")
	assert "Nobody saw this." not in browser.get(f"{TICKETS}/{own.name}{path}").text
	frappe.db.commit()
	deliver()
	later(16)
	deliver()
	assert rows(late)[member][0] == "Sent"
	assert who_got(mail_server, "Nobody saw this.") == {member: 1}


def test_the_next_page_shows_it(browser, own, member, agent, mail_server):
	late = write(own, agent, "Seen at last.")
	browser.get(f"{TICKETS}/{own.name}")
	frappe.db.commit()
	assert "Seen at last." in browser.get(f"{TICKETS}/{own.name}").text
	later(16)
	deliver()
	assert rows(late)[member] == SEEN
	assert not told(mail_server)


def test_a_newer_message_on_the_page_says_nothing_of_it(browser, own, member, agent, mail_server):
	late = write(own, agent, "The slow one.")
	elsewhere(_insert_newer, str(own.name), member)
	assert "The quick one." in browser.get(f"{TICKETS}/{own.name}").text
	frappe.db.commit()
	later(16)
	deliver()
	assert rows(late)[member][0] == "Sent"
	assert who_got(mail_server, "The slow one.") == {member: 1}


def test_an_answer_before_the_commit_is_none_to_it(browser, own, member, agent, mail_server):
	late = write(own, agent, "Nobody answered this.")
	elsewhere(_note_all_seen, str(own.name), member)
	frappe.db.commit()
	later(16)
	deliver()
	assert rows(late)[member][0] == "Sent"


def test_one_that_waits_for_a_newer_reply_goes_out_with_it(browser, own, member, agent, mail_server):
	late = write(own, agent, "Nobody saw this.")
	browser.get(f"{TICKETS}/{own.name}")
	frappe.db.commit()
	answer(own, agent, "One more.")
	later(16)
	deliver()
	assert rows(late)[member][0] == "Superseded"
	(text,) = told(mail_server)
	assert text.index("Nobody saw this.") < text.index("One more.") < text.index("See your ticket")


def test_who_looks_while_a_reply_waits_for_its_time_has_not_seen_it(browser, own, member, agent, mail_server):
	message = {"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent"}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(own.name), "subject": "Re"}
	late = {"content": "Tomorrow.", "send_after": frappe.utils.add_to_date(None, hours=20)}
	frappe.set_user(agent.name)
	made = frappe.get_doc({**message, **late, "recipients": member}).insert(ignore_permissions=True)
	frappe.set_user("Administrator")
	frappe.db.commit()
	later(19 * 60)
	assert "Tomorrow." not in browser.get(f"{TICKETS}/{own.name}").text
	frappe.db.rollback()
	made.db_set("delivery_status", "Sent")
	later(61)
	deliver()
	assert rows(made.name)[member][0] == "Sent"
	assert who_got(mail_server, "Tomorrow.") == {member: 1}


def _insert_newer(ticket: str, to: str) -> None:
	"""Without the ticket's save, for whose row it would wait."""
	message = {"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent"}
	message |= {"reference_doctype": "HD Ticket", "reference_name": ticket, "recipients": to}
	made = frappe.get_doc({**message, "subject": "Re", "content": "The quick one."})
	made.set_new_name()
	made.db_insert()
	frappe.db.commit()


def _note_all_seen(ticket: str, address: str) -> None:
	"""As ``replies.note_answer`` does in the transaction of a mail that comes in."""
	presence.note_seen(ticket, accounts.user_of(address), newest(ticket))
	frappe.db.commit()
