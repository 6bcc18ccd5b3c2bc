"""Who is in the portal sees a reply there: the mail waits, and has all that came, or is not needed."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import accounts, followers, presence
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch
from tests.gateways import configure
from tests.integration.replies.conftest import answer, rows, told, who_got
from tests.organisations import TICKETS

MINUTE = timedelta(minutes=1)
SEEN = ("Superseded", "This person has seen it in the portal, or answered since.")


def later(minutes: int) -> None:
	"""As if all that has happened so far had happened that much earlier."""
	gone = {"gone": minutes}
	for table, columns in {
		"Portal Notification": ("occurred_at", "due_at", "creation"),
		"Portal Account": ("last_seen_at",),
		"Portal Ticket View": ("seen_at",),
	}.items():
		moved = ", ".join(f"`{one}` = `{one}` - INTERVAL %(gone)s MINUTE" for one in columns)
		frappe.db.sql(f"UPDATE `tab{table}` SET {moved}", gone)
	frappe.db.sql("UPDATE `tabCommunication` SET creation = creation - INTERVAL %(gone)s MINUTE", gone)
	frappe.db.commit()


def deliver() -> None:
	frappe.db.commit()
	dispatch.deliver_due()


@pytest.fixture
def here(sara):
	"""Sara has the portal open."""
	accounts.note_here(sara)
	frappe.db.commit()


def test_nobody_is_there_so_it_goes_at_once(reply, sara, mail_server):
	reply("First.")
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_who_was_there_yesterday_is_away(here, reply, sara, mail_server):
	later(24 * 60)
	reply("First.")
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_who_is_there_gets_it_after_fifteen_minutes(here, reply, sara, mail_server):
	first = reply("First.")
	deliver()
	state, reason = rows(first)[sara]
	assert (state, told(mail_server)) == ("Queued", [])
	assert reason == "This person is in the portal, and has 15 minutes to see it there."
	later(14)
	accounts.note_here(sara)
	deliver()
	assert not told(mail_server)
	later(1)
	accounts.note_here(sara)  # still there, on another page
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_all_that_came_is_one_mail(here, reply, sara, mail_server):
	first = reply("First.")
	deliver()
	later(10)
	accounts.note_here(sara)
	second = reply("Second.")
	deliver()
	assert not told(mail_server)
	later(5)
	accounts.note_here(sara)
	deliver()
	(text,) = told(mail_server)
	assert text.index("First.") < text.index("Second.") < text.index("See your ticket")
	assert rows(first)[sara][0] == "Superseded"
	assert rows(second)[sara][0] == "Sent"


def test_replies_without_end_do_not_keep_it_back(here, reply, sara, mail_server):
	"""The first one waits fifteen minutes, whatever comes after it."""
	for _number in range(4):
		reply("One more.")
		deliver()
		later(5)
		accounts.note_here(sara)
	deliver()
	assert len(told(mail_server)) == 1


def test_the_wait_is_a_setting(here, reply, sara, mail_server):
	configure(reply_wait_minutes=0)
	reply("First.")
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_a_colleague_who_is_there_keeps_nobody_elses_mail(reply, ticket, sara, omar, mail_server):
	followers.follow(str(ticket.name), omar)
	accounts.note_here(omar)
	reply("First.")
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_who_has_answered_by_mail_gets_none(here, reply, ticket, sara, mail_server):
	first = reply("First.")
	message = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"sent_or_received": "Received",
	}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	frappe.get_doc({**message, "sender": sara, "content": "Thanks"}).insert(ignore_permissions=True)
	later(15)
	deliver()
	assert rows(first)[sara] == SEEN
	assert not told(mail_server)


def test_an_answer_of_somebody_else_changes_nothing(here, reply, ticket, sara, mail_server):
	reply("First.")
	message = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"sent_or_received": "Received",
	}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	frappe.get_doc({**message, "sender": "x@elsewhere.example", "content": "?"}).insert(
		ignore_permissions=True
	)
	later(15)
	deliver()
	assert who_got(mail_server, "First.") == {sara: 1}


def test_only_what_was_not_seen_is_told(here, reply, ticket, sara, mail_server):
	first = reply("First.")
	deliver()
	presence.note_seen(str(ticket.name), sara, [first])
	later(5)
	accounts.note_here(sara)
	reply("Second.")
	later(11)
	accounts.note_here(sara)
	deliver()
	assert rows(first)[sara][0] == "Superseded"
	assert not told(mail_server)  # the second one has waited eleven minutes
	later(4)
	deliver()
	(text,) = told(mail_server)
	assert text.index("Second.") < text.index("See your ticket") < text.index("First.")


def test_looking_at_the_ticket_is_seeing_it(organisation, agent, sign_in_as, mail_server):
	address = organisation.address("sara")
	browser = sign_in_as(address)
	ticket = organisation.ticket(address)
	seen = answer(ticket, agent, "First.")
	assert "First." in browser.get(f"{TICKETS}/{ticket.name}").text
	unseen = answer(ticket, agent, "Second.")
	later(15)
	deliver()
	assert rows(seen)[address][0] == "Superseded"
	assert rows(unseen)[address][0] == "Sent"
	(text,) = told(mail_server)
	assert text.index("Second.") < text.index("See your ticket") < text.index("First.")


def test_the_messages_that_an_open_page_fetches_are_seen(organisation, agent, sign_in_as, mail_server):
	address = organisation.address("sara")
	browser = sign_in_as(address)
	ticket = organisation.ticket(address)
	browser.get(f"{TICKETS}/{ticket.name}")
	first = answer(ticket, agent, "First.")
	answer_of_page = browser.get(f"{TICKETS}/{ticket.name}/messages")
	assert "First." in answer_of_page.text
	later(15)
	deliver()
	assert rows(first)[address] == SEEN


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch"}, {"Purpose": "preview"}])
def test_a_page_that_is_loaded_ahead_is_not_seen(organisation, agent, sign_in_as, mail_server, headers):
	address = organisation.address("sara")
	browser = sign_in_as(address)
	ticket = organisation.ticket(address)
	first = answer(ticket, agent, "First.")
	browser.session.get(browser._url(f"{TICKETS}/{ticket.name}"), headers=headers, timeout=30)
	later(15)
	deliver()
	assert rows(first)[address][0] == "Sent"


def test_the_list_is_the_portal_and_no_ticket_is_seen(organisation, agent, sign_in_as, mail_server):
	address = organisation.address("sara")
	browser = sign_in_as(address)
	ticket = organisation.ticket(address)
	later(60)
	browser.get(TICKETS)
	frappe.db.rollback()
	assert utc_now() - frappe.db.get_value("Portal Account", address, "last_seen_at") < MINUTE
	first = answer(ticket, agent, "First.")
	deliver()
	assert rows(first)[address][0] == "Queued"
	later(15)
	deliver()
	assert rows(first)[address][0] == "Sent"


def test_presence_is_written_once_a_minute(sara):
	accounts.note_here(sara)
	first = frappe.db.get_value("Portal Account", sara, "last_seen_at")
	accounts.note_here(sara)
	assert frappe.db.get_value("Portal Account", sara, "last_seen_at") == first
	frappe.db.set_value("Portal Account", sara, "last_seen_at", first - 2 * MINUTE)
	accounts.note_here(sara)
	assert frappe.db.get_value("Portal Account", sara, "last_seen_at") >= first


def test_what_an_agent_sends_later_waits_for_its_time(reply, ticket, agent, sara, mail_server):
	frappe.set_user(agent.name)
	message = {"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent"}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	late = {"content": "Tomorrow.", "send_after": frappe.utils.add_to_date(None, hours=20)}
	made = frappe.get_doc({**message, **late}).insert(ignore_permissions=True)
	frappe.set_user("Administrator")
	reply("Today.")
	deliver()
	assert who_got(mail_server, "Today.") == {sara: 1}
	assert not who_got(mail_server, "Tomorrow.")
	later(21 * 60)
	deliver()
	assert rows(made.name)[sara] == ("Queued", "The agent wants it to be sent later.")
	made.db_set("delivery_status", "Sent")
	later(2)
	deliver()
	assert who_got(mail_server, "Tomorrow.") == {sara: 1}
