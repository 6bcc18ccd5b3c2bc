"""A private ticket is in the triage channel alone: people of the customer may be in the customer's."""

import frappe

from tests.integration.slack.time_machine import sweep, sweep_until_quiet
from tests.talk import say


def set_private(ticket, is_private: int) -> None:
	document = frappe.get_doc("HD Ticket", ticket.name)
	document.portal_private = is_private
	document.save(ignore_permissions=True)
	frappe.db.commit()


def test_private_from_the_beginning(desk, organisation, sara):
	ticket = organisation.ticket(sara, portal_private=1)
	desk.run()
	assert desk.post(ticket, desk.slack.triage)
	assert desk.slack.messages(desk.channel) == []


def test_private_later_and_not_any_more(desk, ticket):
	desk.say(ticket, "Hello", channel=desk.slack.triage)
	set_private(ticket, 1)
	desk.run()
	assert desk.slack.messages(desk.channel) == []
	set_private(ticket, 0)
	desk.run()
	assert [one["text"] for one in desk.thread(ticket)] == ["Hello"]


def say_without_an_answer(desk, ticket):
	"""Slack takes what the customer writes, and does not say so."""
	message = say(ticket, "<p>The salaries</p>", sent=False)
	desk.slack.fail("chat.postMessage", "500", times=2, is_taken=True)
	sweep()
	assert texts(desk).count("The salaries") == 1
	return message


def texts(desk) -> list[str]:
	"""All that stands in the customer's channel, in threads too."""
	return [message["text"] for message in desk.slack.channels[desk.channel].messages.values()]


def test_what_came_without_an_answer_leaves_with_the_ticket(desk, ticket):
	say_without_an_answer(desk, ticket)
	set_private(ticket, 1)
	sweep_until_quiet()
	assert "The salaries" not in texts(desk)
	set_private(ticket, 0)
	sweep_until_quiet()
	assert [one["text"] for one in desk.thread(ticket)] == ["The salaries"]


def test_what_came_without_an_answer_leaves_when_it_is_deleted(desk, ticket):
	message = say_without_an_answer(desk, ticket)
	frappe.delete_doc("Communication", message.name, force=True)
	frappe.db.commit()
	sweep_until_quiet()
	assert "The salaries" not in texts(desk)
