"""Guests, customers and agents of other teams get nothing of the panel; nor does anybody of what is no ticket."""

import re

import frappe
import pytest

from customer_portal import links
from tests.door import counts
from tests.factories import make_agent, make_ticket, unique
from tests.integration.panel.conftest import ACTIONS, home, message, text, tokens


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_guests_and_customers_get_nothing(new_client, customer, customer_client, action):
	ticket = make_ticket(email=customer.name, description="<p>Own words.</p>")
	link = links.ensure(str(ticket.name))
	message(ticket)
	before = counts(), frappe.db.count("View Log"), frappe.db.count("Portal Notification")
	for visitor in (new_client(), customer_client):
		token = re.findall(r'csrf_token = "([0-9a-f]{56,64})"', visitor.get("/me").text)
		sends = action.strip("/") in ACTIONS
		fields = {"csrf_token": token[0] if token else "", "form_token": "0" * 64}
		answer = (visitor.post if sends else visitor.get)(
			home(ticket) + action, **({"data": fields} if sends else {})
		)
		assert answer.status_code in (400, 403)
		for secret in (links.token(link), "Own words.", "••• "):
			assert secret not in answer.text
	assert (counts(), frappe.db.count("View Log"), frappe.db.count("Portal Notification")) == before


def test_a_guest_is_shown_the_way_to_sign_in(client, ticket):
	page = client.get(home(ticket))
	assert page.status_code == 403
	assert f'href="/login?redirect-to={home(ticket)}" target="_top"' in page.text


@pytest.fixture
def fields(agent, ticket):
	"""Of a panel that was loaded while the agent was still allowed to."""
	return tokens(agent, ticket)


@pytest.fixture
def restricted():
	"""Helpdesk's setting by which agents see the tickets of their own teams only."""
	team = frappe.get_doc({"doctype": "HD Team", "team_name": unique("Team")})
	team.append("users", {"user": make_agent().name})
	team.insert(ignore_permissions=True)
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 1)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()
	yield team.name
	frappe.db.rollback()
	frappe.db.set_single_value("HD Settings", "restrict_tickets_by_agent_group", 0)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_agents_of_another_team_get_nothing(agent, ticket, link, fields, restricted, action):
	ticket.db_set("agent_group", restricted)
	frappe.db.commit()
	before = counts(), frappe.db.count("View Log")
	sends = action.strip("/") in ACTIONS
	answer = agent.post(home(ticket) + action, fields) if sends else agent.get(home(ticket) + action)
	assert answer.status_code == 403
	assert "You are not allowed to do this with this ticket." in text(answer)
	assert links.token(link) not in answer.text
	assert (counts(), frappe.db.count("View Log")) == before


@pytest.mark.parametrize("action", ["", "/as-customer", "/file/x", *(f"/{name}" for name in ACTIONS)])
def test_a_deleted_ticket_is_not_there(agent, ticket, action):
	fields = tokens(agent, ticket)
	frappe.delete_doc("HD Ticket", ticket.name, force=True)
	frappe.db.commit()
	sends = action.strip("/") in ACTIONS
	before = counts()
	answer = agent.post(home(ticket) + action, fields) if sends else agent.get(home(ticket) + action)
	assert answer.status_code == 404
	assert "This ticket does not exist." in text(answer)
	assert counts() == before


@pytest.mark.parametrize("name", ["no-such-ticket", "9" * 3000, "%00", "%ff", "%27%20OR%201=1", "0"])
@pytest.mark.parametrize("action", ["", "/as-customer"])
def test_bad_tickets_are_refused(agent, name, action):
	before = counts()
	answer = agent.get(f"/portal/staff/ticket/{name}{action}")
	assert 400 <= answer.status_code < 500
	assert "Traceback" not in answer.text
	assert counts() == before


def test_another_spelling_of_a_ticket_is_the_same_ticket(agent, ticket, link):
	assert links.url(str(ticket.name)) in agent.get(f"{home(ticket)}%20").text
	assert frappe.db.count(links.DOCTYPE, {"ticket": ("like", f"{ticket.name}%")}) == 1
