"""What changes, moves or goes before and after it was posted."""

import frappe
import pytest
from frappe.utils import now_datetime

from customer_portal.slack import delivery
from tests.factories import make_ticket, unique
from tests.gateways import configure
from tests.integration.slack.conftest import answer, replies, rows, split_off
from tests.integration.slack.time_machine import sweep, sweep_until_quiet
from tests.organisations import make_organisation
from tests.talk import say


def texts(desk, ticket, channel=None) -> list[str]:
	return [message["text"] for message in desk.thread(ticket, channel)]


def change(doctype: str, name: str, **values) -> None:
	frappe.get_doc(doctype, name).update(values).save(ignore_permissions=True)
	frappe.db.commit()


def ours(desk, channel: str) -> list[dict]:
	"""All that the app has in a channel, replies too."""
	there = desk.slack.channels[channel].messages.values()
	return [one for one in there if one.get("bot_id") and one.get("subtype") != "tombstone"]


@pytest.fixture
def other(desk, open_door):
	"""Another customer, with a channel."""
	made = make_organisation("other")
	made.channel = desk.slack.add_channel(unique("other"))
	made.change(slack_channel=made.channel)
	return made


def test_ten_changes_while_slack_is_away_are_one_update(desk, ticket):
	desk.slack.stop()
	for number in range(10):
		change("HD Ticket", ticket.name, subject=f"Subject {number}")
		sweep()
	desk.slack.start()
	desk.slack.calls.clear()
	sweep_until_quiet()
	assert [call.method for call in desk.slack.calls] == ["chat.update"] * 2
	assert "Subject 9" in str(desk.post(ticket)["blocks"])


def test_a_change_that_shows_nothing_new_is_no_call(desk, ticket):
	desk.slack.calls.clear()
	change("HD Ticket", ticket.name, portal_language="ar")
	sweep_until_quiet()
	assert desk.slack.calls == []


def test_a_message_that_is_edited_before_it_was_posted(desk, ticket, agent):
	message = answer(ticket, agent, "<p>First</p>")
	change("Communication", message, content="<p>Second</p>")
	sweep_until_quiet()
	assert texts(desk, ticket) == ["Second"]


def test_a_message_that_is_deleted_before_it_was_posted(desk, ticket, agent):
	message = answer(ticket, agent, "<p>First</p>")
	frappe.delete_doc("Communication", message)
	frappe.db.commit()
	sweep_until_quiet()
	assert texts(desk, ticket) == texts(desk, ticket, desk.slack.triage) == []


def test_a_message_that_is_edited_and_deleted_later(desk, ticket, agent):
	message = answer(ticket, agent, "<p>First</p>")
	sweep_until_quiet()
	change("Communication", message, content="<p>Second</p>")
	sweep_until_quiet()
	assert texts(desk, ticket) == ["Second"]
	change("Communication", message, email_status="Spam")
	sweep_until_quiet()
	assert texts(desk, ticket) == []
	change("Communication", message, email_status="Open")
	frappe.delete_doc("Communication", message)
	frappe.db.commit()
	sweep_until_quiet()
	assert texts(desk, ticket, desk.slack.triage) == []


def test_a_ticket_gets_its_customer_later(desk, organisation, agent):
	ticket = make_ticket(email=f"{unique('x')}@elsewhere.example")
	sweep_until_quiet()
	for text in ("one", "two"):
		answer(ticket, agent, f"<p>{text}</p>")
	desk.run()
	desk.say(ticket, "three, from triage", channel=desk.slack.triage)
	change("HD Ticket", ticket.name, customer=organisation.customer)
	answer(ticket, agent, "<p>four</p>")
	sweep_until_quiet()
	assert texts(desk, ticket) == ["one", "two", "three, from triage", "four"]
	assert texts(desk, ticket, desk.slack.triage) == ["one", "two", "three, from triage", "four"]


def test_it_does_so_where_there_is_no_triage(desk, organisation):
	configure(slack_triage_channel="")
	ticket = make_ticket(email=f"{unique('x')}@elsewhere.example")
	change("HD Ticket", ticket.name, customer=organisation.customer)
	sweep_until_quiet()
	assert desk.post(ticket)


def test_an_old_ticket_gets_its_customer(desk, organisation):
	"""Slack was connected since."""
	ticket = make_ticket(email=f"{unique('x')}@elsewhere.example")
	frappe.db.delete("Portal Slack Message", {"ticket": str(ticket.name)})
	configure(slack_connected_at=now_datetime())
	change("HD Ticket", ticket.name, customer=organisation.customer)
	sweep_until_quiet()
	assert desk.slack.messages(desk.channel) == desk.slack.messages(desk.slack.triage) == []


def test_a_ticket_goes_to_another_customer_and_comes_back(desk, ticket, agent, organisation, other):
	answer(ticket, agent, "<p>one</p>")
	desk.run()
	desk.say(ticket, "two, in the customer's channel")
	change("HD Ticket", ticket.name, customer=other.customer)
	sweep_until_quiet()
	assert ours(desk, desk.channel) == []
	said = ["one", "two, in the customer's channel"]
	assert texts(desk, ticket, other.channel) == said
	assert texts(desk, ticket, desk.slack.triage) == said
	answer(ticket, agent, "<p>three</p>")
	sweep_until_quiet()
	change("HD Ticket", ticket.name, customer=organisation.customer)
	sweep_until_quiet()
	assert ours(desk, other.channel) == []
	assert texts(desk, ticket) == [*said, "three"]
	assert texts(desk, ticket, desk.slack.triage) == [*said, "three"]
	answer(ticket, agent, "<p>four</p>")
	sweep_until_quiet()
	assert texts(desk, ticket) == [*said, "three", "four"]


def test_it_goes_and_comes_back_before_slack_has_heard_of_it(desk, ticket, agent, organisation, other):
	answer(ticket, agent, "<p>one</p>")
	sweep_until_quiet()
	post = desk.post(ticket)["ts"]
	change("HD Ticket", ticket.name, customer=other.customer)
	change("HD Ticket", ticket.name, customer=organisation.customer)
	sweep_until_quiet()
	assert desk.post(ticket)["ts"] == post
	assert texts(desk, ticket) == ["one"]
	assert ours(desk, other.channel) == []


def test_it_comes_back_while_it_is_being_taken_out(desk, ticket, agent, organisation, other):
	"""The post is gone, its messages are not yet: they go to the new thread, in their order."""
	for text in ("one", "two"):
		answer(ticket, agent, f"<p>{text}</p>")
	sweep_until_quiet()
	change("HD Ticket", ticket.name, customer=other.customer)
	post = rows(kind="Post", channel=desk.channel)[0]
	frappe.db.set_value(
		"Portal Slack Message", {"channel": desk.channel, "kind": "Message"}, "due_at", "2099-01-01"
	)
	frappe.db.set_value("Portal Slack Message", post.name, "queued_at", "2020-01-01")
	frappe.db.commit()

	delivery.deliver_due(10)
	assert rows(name=post.name)[0].state == "Removed"
	change("HD Ticket", ticket.name, customer=organisation.customer)
	frappe.db.set_value(
		"Portal Slack Message", {"channel": desk.channel, "kind": "Message"}, "due_at", "2020-01-01"
	)
	frappe.db.commit()
	sweep_until_quiet()
	assert texts(desk, ticket) == ["one", "two"]
	assert len(ours(desk, desk.channel)) == 3


def test_a_ticket_that_changes_its_customer_while_slack_is_switched_off(desk, ticket, agent, other):
	answer(ticket, agent, "<p>one</p>")
	sweep_until_quiet()
	configure(slack_enabled=0)
	change("HD Ticket", ticket.name, customer=other.customer)
	configure(slack_enabled=1)
	sweep_until_quiet()
	assert ours(desk, desk.channel) == []


def test_a_deleted_ticket_is_gone_from_slack(desk, ticket, agent):
	message = answer(ticket, agent, "<p>one</p>")
	sweep_until_quiet()
	assert message
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert ours(desk, channel) == []
	assert not rows(ticket=str(ticket.name))


def test_a_ticket_that_is_deleted_before_it_was_posted(desk, organisation, sara):
	ticket = organisation.ticket(sara)
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	desk.slack.calls.clear()
	sweep_until_quiet()
	assert desk.slack.calls == []


def test_copies_of_merged_messages_are_no_news(desk, ticket, agent, organisation, sara):
	target = organisation.ticket(sara)
	answer(ticket, agent, "<p>one</p>")
	sweep_until_quiet()
	shift = "INTERVAL 1 HOUR"
	frappe.db.sql(
		f"UPDATE `tabCommunication` SET creation = creation - {shift} WHERE reference_name = %s", ticket.name
	)
	frappe.db.commit()
	frappe.set_user(agent.name)
	frappe.get_attr("helpdesk.helpdesk.doctype.hd_ticket.api.merge_ticket")(
		str(ticket.name), str(target.name)
	)
	frappe.set_user("Administrator")
	frappe.db.commit()
	sweep_until_quiet()
	assert texts(desk, target) == texts(desk, target, desk.slack.triage) == []
	assert f"Merged into ticket {target.name}" in str(desk.post(ticket)["blocks"])


def test_an_answer_to_a_merged_ticket_is_in_the_thread_of_the_other(desk, ticket, agent, organisation, sara):
	"""Helpdesk moves it when it is stored already."""
	target = organisation.ticket(sara)
	change("HD Ticket", ticket.name, is_merged=1, merged_with=target.name)
	sweep_until_quiet()
	say(ticket, "<p>Hello again</p>", sent=False)
	sweep_until_quiet()
	assert texts(desk, target) == texts(desk, target, desk.slack.triage) == ["Hello again"]
	assert texts(desk, ticket) == []


def test_a_split_ticket_takes_its_messages_along(desk, ticket, agent):
	answer(ticket, agent, "<p>one</p>")
	second = answer(ticket, agent, "<p>two</p>")
	sweep_until_quiet()
	split_off(agent, second)
	sweep_until_quiet()
	new = frappe.get_doc("HD Ticket", {"subject": "Split off"})
	assert texts(desk, new) == ["two"]
	assert texts(desk, ticket)[0] == "one"
	assert "two" not in texts(desk, ticket)


def test_a_reply_for_later_keeps_nobody_back(desk, ticket, agent):
	later = say(ticket, "<p>For later</p>", by=agent.name, delivery_status="Scheduled")
	frappe.db.set_value("Communication", later.name, "delivery_status", "Scheduled")
	answer(ticket, agent, "<p>Now</p>")
	sweep(3)
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["Now"]
	shift = "INTERVAL 1 DAY"
	frappe.db.sql(f"UPDATE `tabCommunication` SET creation = creation - {shift} WHERE name = %s", later.name)
	frappe.db.sql(
		f"UPDATE `tabPortal Slack Message` SET creation = creation - {shift} WHERE source = %s", later.name
	)
	frappe.db.set_value("Communication", later.name, "delivery_status", "Sent")
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert texts(desk, ticket, channel) == ["Now", "For later"]


def test_a_post_that_was_deleted_in_slack_stays_deleted(desk, ticket, agent):
	for channel in (desk.channel, desk.slack.triage):
		post = desk.post(ticket, channel)["ts"]
		del desk.slack.channels[channel].messages[post]
	change("HD Ticket", ticket.name, subject="Another")
	answer(ticket, agent, "<p>one</p>")
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert ours(desk, channel) == []
	assert not rows(state="Failed")


def test_the_language_is_the_sites(desk, ticket, agent):
	"""And not that of whoever changed the ticket, in whose name the job runs."""
	frappe.local.lang = "ar"
	change("HD Ticket", ticket.name, subject="Another")
	sweep_until_quiet()
	assert "*Requester*" in str(desk.post(ticket)["blocks"])
	assert frappe.local.lang == "ar"


def test_a_reply_from_slack_is_in_helpdesk_and_in_the_other_thread_once(desk, ticket):
	desk.say(ticket, "From Slack")
	sweep_until_quiet()
	assert len(replies(ticket)) == 1
	assert texts(desk, ticket, desk.slack.triage) == ["From Slack"]
	assert texts(desk, ticket) == ["From Slack"]
