"""A private ticket is in the triage channel alone: people of the customer may be in the customer's."""

import frappe


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
