"""A member of an organisation, their ticket, and agents who look after it."""

import frappe
import pytest

from tests.factories import make_agent, unique


def make_named_agent(name: str | None = None):
	"""An agent by this full name; committed."""
	agent = make_agent()
	first, _space, last = (name or unique("Huda")).partition(" ")
	agent.reload()
	agent.update({"first_name": first, "last_name": last})
	agent.save(ignore_permissions=True)
	frappe.db.commit()
	return agent


def make_team(*agents):
	team = frappe.get_doc({"doctype": "HD Team", "team_name": unique("Team")})
	for agent in agents:
		team.append("users", {"user": agent.name})
	team.insert(ignore_permissions=True)
	frappe.db.commit()
	return team


def told(agent) -> list:
	"""The agent's notifications of Helpdesk that say so: mentioned."""
	frappe.db.rollback()
	wanted = {"user_to": agent.name, "notification_type": "Mention"}
	return frappe.get_all("HD Notification", filters=wanted, fields=["*"])


@pytest.fixture
def huda(site):
	return make_named_agent(f"Huda {unique('Salem')}")


@pytest.fixture
def omar(site):
	return make_named_agent(f"Omar {unique('Amri')}")


@pytest.fixture
def address(organisation):
	"""Of a member of the organisation."""
	return organisation.address("sara")


@pytest.fixture
def member(sign_in_as, address):
	"""That member's browser, signed in."""
	return sign_in_as(address)


@pytest.fixture
def ticket(organisation, address, huda, omar):
	"""Theirs, of a team with both agents."""
	return organisation.ticket(address, agent_group=make_team(huda, omar).name)


@pytest.fixture
def home(ticket):
	return f"/portal/tickets/{ticket.name}"
