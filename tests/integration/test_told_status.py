"""What customers are told of a ticket's state where the sub-status alone does not say it, and of merges."""

import frappe
import pytest

from customer_portal import links, statuses, timeline
from customer_portal.notifications import dispatch, outbox
from tests import events
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.ledger import default_of, mains, named
from tests.ledger import events as ledger_of


@pytest.fixture(autouse=True)
def quiet(no_jobs):
	configure(send_email=0)
	yield
	configure(send_email=1)


@pytest.fixture
def ticket(channel):
	ticket = make_ticket(saudi_mobile())
	events.forget_told(ticket)
	return ticket


@pytest.fixture
def template():
	"""The Default portal template; what a test takes out of it is put back."""
	yield frappe.get_doc("Portal Ticket Template", "Default")
	frappe.db.rollback()
	statuses.forget_templates()


def told(channel) -> str:
	dispatch.deliver_due()
	((_recipient, message),) = channel.sent
	return message.text


def forget_sub_status(ticket) -> None:
	"""As if it were older than the app, and the back-fill had not come to it yet."""
	frappe.db.set_value("HD Ticket", ticket.name, "sub_status", None)
	timeline.forget(str(ticket.name))
	frappe.db.commit()


def test_the_link_of_a_closed_ticket_without_a_sub_status_says_closed(ticket, channel):
	events.change_status(ticket, default_of(4))
	events.forget_told(ticket)
	forget_sub_status(ticket)
	outbox.write_link(str(ticket.name))
	frappe.db.commit()
	assert "Closed" in told(channel)


def without(template, sub_status: str):
	template.sub_statuses = [row for row in template.sub_statuses if row.sub_status != sub_status]
	template.labels = [row for row in template.labels if row.sub_status != sub_status]
	return template.save()


@pytest.fixture
def in_flight(ticket, template):
	"""Call it with a main status: a change to a sub-status of it that its template loses before it is told."""

	def change(main_status: int):
		row = frappe.copy_doc(template.sub_statuses[0])
		label = frappe.get_doc({"doctype": "Portal Sub-Status", "label": unique("Internal")}).insert()
		row.update({"sub_status": label.name, "main_status": str(main_status), "is_default": 0, "notify": 1})
		row.customer_label = "A step that is gone"
		template.append("sub_statuses", row)
		template.save()
		events.change_status(ticket, label.name)
		events.make_due(ticket)
		without(frappe.get_doc("Portal Ticket Template", "Default"), label.name)
		frappe.db.commit()
		return ticket

	return change


@pytest.mark.parametrize(("main_status", "label"), [(2, "In progress"), (3, "Resolved"), (4, "Closed")])
def test_a_sub_status_that_the_template_lost_is_told_by_its_main_status(
	in_flight, channel, main_status, label
):
	in_flight(main_status)
	text = told(channel)
	assert label in text
	assert "Received" not in text


def test_a_muted_ticket_tells_such_a_resolution_too(in_flight, ticket, channel):
	links.mute(str(ticket.name), True)
	in_flight(3)
	assert "Resolved" in told(channel)


def test_a_muted_ticket_tells_no_such_progress(in_flight, ticket, channel):
	links.mute(str(ticket.name), True)
	in_flight(2)
	dispatch.deliver_due()
	assert not channel.sent


@pytest.fixture
def agent_client(client, mail_server):
	return log_in(client, make_agent().name)


def merge(client, source, target) -> None:
	path = "/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.merge_ticket"
	answer = client.post(path, json={"source": str(source.name), "target": str(target.name)})
	assert answer.status_code == 200, answer.text
	frappe.db.commit()


def test_a_merge_is_recorded_and_not_announced(ticket, agent_client):
	target = events.change_status(make_ticket(saudi_mobile()), named("In progress"))
	events.forget_told(target)
	merge(agent_client, ticket, target)
	assert mains(ticket) == [1, 4]
	assert not ledger_of(ticket)[-1].awaits_messages
	assert events.notifications(ticket) == events.notifications(target) == []


def test_what_waited_when_it_was_merged_is_not_told_either(ticket, channel, agent_client):
	events.change_status(ticket, named("In progress"))
	merge(agent_client, ticket, make_ticket(saudi_mobile()))
	events.make_due(ticket)
	dispatch.deliver_due()
	assert not channel.sent


def test_nor_is_what_becomes_of_a_merged_ticket_later(ticket, agent_client):
	merge(agent_client, ticket, make_ticket(saudi_mobile()))
	events.change_status(ticket, named("In progress"))
	assert events.notifications(ticket) == []
