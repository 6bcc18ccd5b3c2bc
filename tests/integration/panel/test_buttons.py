"""What the panel's buttons do."""

import frappe
import pytest

from customer_portal import links, sessions
from customer_portal.clock import utc_now
from tests import doors, events
from tests.door import counts, session_of
from tests.factories import make_ticket
from tests.gateways import configure
from tests.integration.panel.conftest import PHONE, act, home, message, sent_again, text, tokens


def test_send(agent, ticket, link):
	events.clear()
	assert act(agent, ticket, "send").status_code == 303
	frappe.db.commit()
	sent = frappe.get_all("Portal Notification", {"ticket": ticket.name, "kind": "Link"}, pluck="channel")
	assert sorted(sent) == ["Email", "SMS"]


def test_rotate(agent, ticket, link):
	answer = act(agent, ticket, "rotate")
	assert "The old link has ended. This is the new one." in text(agent.follow(answer))
	assert links.resolve(links.token(link)) is None
	assert links.resolve(links.token(doors.reload(link)))


def test_revoke_with_a_reason(agent, ticket, link):
	assert act(agent, ticket, "revoke", reason="Wrong person").status_code == 303
	assert links.resolve(links.token(link)) is None
	assert doors.reload(link).revoke_reason == "Wrong person"


def test_what_a_revoked_link_refuses_is_said_on_the_panel(agent, ticket, link):
	fields = tokens(agent, ticket)
	links.revoke(str(ticket.name), "")
	frappe.db.commit()
	before = counts()
	for action in ("send", "resend"):
		answer = agent.post(f"{home(ticket)}/{action}", {**fields, "message": message(ticket)})
		assert answer.status_code == 409
		assert "This ticket's link was revoked. Replace it to get a new one." in text(answer)
		assert "Make a new link" in text(answer)
	assert counts() == before


def test_end_a_session(agent):
	door = doors.make_door()
	token = door.sign_in().session_token
	other = session_of(frappe.get_doc("HD Ticket", door.link.ticket))
	name = frappe.db.get_value(sessions.DOCTYPE, {"session_digest": sessions._digest(token)})
	assert act(agent, door.link.ticket, "end-session", session=name).status_code == 303
	frappe.db.commit()
	assert sessions.resume(door.link, token) is None
	assert sessions.resume(door.link, other)
	assert act(agent, door.link.ticket, "end-session", session=name).status_code == 303  # twice is no error


def test_another_tickets_session_stays(agent, ticket, link):
	door = doors.make_door()
	token = door.sign_in().session_token
	name = frappe.db.get_value(sessions.DOCTYPE, {"session_digest": sessions._digest(token)})
	act(agent, ticket, "end-session", session=name)
	frappe.db.commit()
	assert sessions.resume(door.link, token)


@pytest.mark.parametrize("state", ["Sent", "Failed", "Superseded"])
def test_resend(agent, ticket, link, state):
	events.forget_told(ticket)
	name = message(ticket, state=state)
	assert "The message is on its way." in text(agent.follow(act(agent, ticket, "resend", message=name)))
	(row,) = sent_again(ticket)
	assert (row.channel, row.recipient, row.state) == ("SMS", PHONE, "Queued")
	assert row.sub_status == frappe.db.get_value("HD Ticket", ticket.name, "sub_status")
	assert row.due_at <= utc_now()
	assert "Sent again by an agent" in text(agent.get(home(ticket)))


@pytest.mark.parametrize("state", ["Queued", "Sending", "Delivered"])
def test_what_is_on_its_way_or_there_is_not_sent_again(agent, ticket, link, state):
	events.forget_told(ticket)
	name = message(ticket, state=state)
	assert f'value="{name}"' not in agent.get(home(ticket)).text
	answer = act(agent, ticket, "resend", message=name)
	assert answer.status_code == 409
	assert "This message cannot be sent again now." in text(answer)
	assert sent_again(ticket) == []


def test_nothing_is_sent_again_for_others_or_nowhere(agent, ticket, link):
	foreign = message(make_ticket())
	own = message(ticket, channel="Email")
	configure(send_email=0)
	for name in (foreign, own, "unknown"):
		assert act(agent, ticket, "resend", message=name).status_code == 409
	configure(send_email=1)
	assert sent_again(ticket) == []
