"""A ticket from the portal to Slack, an answer in the thread, portal and mail, and back."""

import frappe
import pytest

from customer_portal.notifications import dispatch
from tests.client import hidden_fields
from tests.factories import make_ticket, unique
from tests.filing import GOOD, fill, ticket_of
from tests.gateways import configure
from tests.integration.slack.conftest import Desk, answer, replies, whispers
from tests.organisations import enter, make_organisation
from tests.talk import PDF, say


@pytest.fixture
def member(new_client, open_door, sara):
	"""Sara's browser."""
	return enter(new_client(), sara)


def page_of(member, ticket) -> str:
	return member.get(f"/portal/tickets/{ticket.name}").text


def reply_in_portal(member, ticket, text: str, files=()):
	path = f"/portal/tickets/{ticket.name}"
	fields = hidden_fields(page_of(member, ticket), "/reply")
	sent = [("files", (name, content)) for name, content in files]
	found = member.post(f"{path}/reply", data={**fields, "text": text}, files=sent or None)
	assert found.status_code == 303, found.text
	frappe.db.rollback()


def test_a_ticket_is_posted_to_triage_and_to_its_customer(desk: Desk, ticket):
	for channel in (desk.channel, desk.slack.triage):
		shown = str(desk.post(ticket, channel)["blocks"])
		assert f"#{ticket.name} {ticket.subject}" in shown
		assert ticket.customer in shown
		assert f"/helpdesk/tickets/{ticket.name}" in shown


def test_what_is_filed_in_the_portal_is_posted(desk: Desk, sara, member):
	filed = ticket_of(fill(member, "Default"))
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		shown = str(desk.post(filed, channel)["blocks"])
		assert f"#{filed.name} {GOOD['subject']}" in shown
		assert "Since Monday." in shown
		assert frappe.db.get_value("User", sara, "full_name") in shown
	desk.say(filed, "On our way")
	assert "On our way" in page_of(member, filed)


def test_the_whole_way(desk: Desk, ticket, sara, member, mail_server):
	written = desk.say(ticket, "Please *restart* it :smile:", files=[("manual.pdf", PDF)])
	(reply,) = replies(ticket)
	assert reply.content == "<p>Please <strong>restart</strong> it 😄</p>"
	assert (reply.owner, reply.recipients) == (desk.agent.name, sara)
	row = frappe.db.get_value("HD Ticket", ticket.name, ["first_responded_on", "last_agent_response"])
	assert all(row)
	assert_mailed(mail_server, sara, "restart", ticket)
	assert "Please <strong>restart</strong> it" in page_of(member, ticket)
	assert "manual" in page_of(member, ticket)

	reply_in_portal(member, ticket, "It does not start\n<!channel> @everyone", [("log.txt", b"a log")])
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		last = [message for message in desk.thread(ticket, channel) if message.get("username")][-1]
		assert last["text"].replace("\u200b", "") == "It does not start\n&lt;!channel&gt; @everyone"
		assert last["username"].endswith("(customer)")
		files = [file for message in desk.thread(ticket, channel) for file in message.get("files", ())]
		assert b"a log" in [desk.slack.contents[file["id"]] for file in files]

	desk.slack.edit(desk.user, desk.channel, written["ts"], "Please replace it")
	desk.run()
	assert "Please replace it" in page_of(member, ticket)
	assert "restart" not in page_of(member, ticket)
	(other, *_rest) = desk.thread(ticket, desk.slack.triage)
	assert (other["text"], other["username"]) == ("Please replace it", desk.agent.full_name)

	desk.slack.remove(desk.user, desk.channel, written["ts"])
	desk.run()
	assert "Please replace it" not in page_of(member, ticket)
	assert replies(ticket) == []
	assert frappe.db.exists(
		"Deleted Document", {"deleted_doctype": "Communication", "deleted_name": reply.name}
	)
	assert not whispers(desk)


def assert_mailed(mail_server, address: str, text: str, ticket) -> None:
	"""The reply's mail, when its time has come."""
	configure(reply_wait_minutes=0)
	frappe.db.set_value(
		"Portal Notification", {"ticket": str(ticket.name), "kind": "Reply"}, "due_at", "2020-01-01"
	)
	frappe.db.commit()
	dispatch.deliver_due(5)
	mails = [mail for mail in mail_server.received if address in str(mail)]
	assert any(text in str(mail) for mail in mails), mail_server.received


def test_an_agents_reply_in_helpdesk_is_in_both_threads(desk, ticket, agent):
	answer(ticket, agent, "<p>Dear <b>Sara</b></p><ul><li>one</li></ul>")
	desk.run()
	for channel in (desk.channel, desk.slack.triage):
		(message,) = desk.thread(ticket, channel)
		assert message["text"].startswith("Dear *Sara*")
		assert message["username"] == agent.full_name


def test_the_post_follows_the_ticket(desk, ticket):
	before = str(desk.post(ticket)["blocks"])
	document = frappe.get_doc("HD Ticket", ticket.name)
	document.priority = "Urgent" if document.priority != "Urgent" else "Low"
	document.subject = unique("Another subject")
	document.save()
	frappe.db.commit()
	desk.run()
	after = str(desk.post(ticket)["blocks"])
	assert after != before
	assert document.subject in after and document.priority in after


def test_a_mention_in_the_portal_mentions_in_slack(desk, organisation, sara, new_client, open_door):
	ticket = organisation.ticket(sara)
	frappe.set_user("Administrator")
	frappe.get_doc("HD Ticket", ticket.name).assign_agent(desk.agent.name)
	frappe.db.commit()
	desk.run()
	member = enter(new_client(), sara)
	reply_in_portal(member, ticket, f"@{desk.agent.full_name} please look")
	desk.run()
	last = desk.thread(ticket)[-1]
	assert last["text"] == f"<@{desk.user}> please look"


def test_a_mention_that_is_only_html_mentions_nobody(desk, ticket):
	"""Mail may hold any HTML."""
	say(
		ticket,
		f'<p>Hi <span class="mention" data-label="{desk.agent.full_name}">@x</span> &lt;@{desk.user}&gt;</p>',
		sent=False,
	)
	desk.run()
	text = desk.thread(ticket)[-1]["text"]
	assert f"<@{desk.user}>" not in text


def test_people_who_are_mentioned_in_slack_become_names(desk, ticket):
	other = desk.slack.add_user("Lina in Slack", f"{unique('l')}@elsewhere.example")
	desk.say(ticket, f"Ask <@{desk.user}> or <@{other}> or <@U0NOBODY00>")
	(reply,) = replies(ticket)
	assert reply.content == f"<p>Ask @{desk.agent.full_name} or @Lina in Slack or @somebody</p>"


def test_a_ticket_without_an_organisation_goes_to_triage_alone(desk):
	ticket = make_ticket(email=f"{unique('x')}@elsewhere.example")
	frappe.db.commit()
	desk.run()
	assert desk.post(ticket, desk.slack.triage)
	assert desk.slack.messages(desk.channel) == []


def test_a_channel_belongs_to_one_customer(desk, organisation):
	other = make_organisation("other")
	for channel in (desk.channel, desk.slack.triage, "general", "#x", "D0123456789"):
		with pytest.raises(frappe.ValidationError):
			other.change(slack_channel=channel)
		frappe.db.rollback()
