"""Agents' endpoints for a ticket's link, through HTTP."""

from datetime import timedelta

import frappe
import pytest

from customer_portal import links
from customer_portal.clock import utc_now
from tests import doors, events
from tests.factories import make_agent, make_ticket, unique

pytestmark = pytest.mark.usefixtures("at_the_door")

PASSWORD = "Correct-horse-9"
WRITES = ["copy_link", "send_link", "rotate_link", "revoke_link", "unlock_link"]


@pytest.fixture
def ticket():
	return str(make_ticket(phone="+966501112233").name)


def log_in(client, user):
	assert client.post("/api/method/login", {"usr": user, "pwd": PASSWORD}).ok
	return client


@pytest.fixture
def agent(client):
	return log_in(client, make_agent().name)


@pytest.fixture
def customer(new_client):
	"""A website user who may write tickets as Helpdesk's customers do."""
	email = f"{unique('customer')}@example.com"
	user = frappe.new_doc("User")
	user.update(
		{"email": email, "first_name": "Customer", "user_type": "Website User", "send_welcome_email": 0}
	)
	user.update({"new_password": PASSWORD})
	user.flags.ignore_password_policy = True
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	return log_in(new_client(), email), email


def call(client, name, ticket, **values):
	return client.post(f"/api/method/customer_portal.api.links.{name}", {"ticket": ticket, **values})


def status(client, ticket):
	answer = client.get(f"/api/method/customer_portal.api.links.get_link_status?ticket={ticket}")
	return answer.json()["message"]


def test_an_agent_copies_the_same_link_each_time(agent, ticket):
	first = call(agent, "copy_link", ticket).json()["message"]
	assert call(agent, "copy_link", ticket).json()["message"] == first
	frappe.db.commit()
	assert first == links.url(ticket)


def dialog(client, ticket):
	answer = client.get(f"/api/method/customer_portal.api.links.get_link_dialog?ticket={ticket}").json()[
		"message"
	]
	return answer["lines"], [action["method"] for action in answer["actions"]]


def test_the_dialog_says_what_there_is_and_offers_what_fits(agent, ticket):
	links.ensure(ticket)
	frappe.db.commit()
	assert dialog(agent, ticket) == (
		["Not opened yet."],
		["copy_link", "send_link", "rotate_link", "revoke_link"],
	)
	call(agent, "revoke_link", ticket, reason="Wrong customer")
	lines, methods = dialog(agent, ticket)
	assert lines[0] == "The link is revoked: Wrong customer"
	assert methods == ["rotate_link"]


def test_the_dialog_offers_to_unlock(agent, ticket):
	links.lock(links.ensure(ticket), utc_now() + timedelta(hours=24))
	frappe.db.commit()
	lines, methods = dialog(agent, ticket)
	assert lines[0].startswith("Too many wrong codes: locked until ")
	assert "unlock_link" in methods


def test_the_dialog_shows_and_lifts_what_anybody_with_the_link_can_use_up(agent):
	door = doors.make_door()
	doors.configure(sends_per_hour=1)
	door.ask()
	for _ in range(5):
		door.ask("+966501112233")
	lines, methods = dialog(agent, door.link.ticket)
	assert lines[0].startswith("Too many entries that did not match, until ")
	assert lines[1].startswith("Too many codes were sent, until ")
	assert "unlock_link" in methods
	assert call(agent, "unlock_link", door.link.ticket).ok
	lines, methods = dialog(agent, door.link.ticket)
	assert lines == ["Not opened yet."]
	assert "unlock_link" not in methods


def test_an_agent_sends_the_link_again(agent, ticket):
	events.clear()
	assert call(agent, "send_link", ticket).json()["message"] == 2
	frappe.db.commit()
	sent = frappe.get_all("Portal Notification", {"ticket": ticket, "kind": "Link"}, pluck="channel")
	assert sorted(sent) == ["Email", "SMS"]


def test_an_agent_replaces_the_link(agent, ticket):
	first = call(agent, "copy_link", ticket).json()["message"]
	second = call(agent, "rotate_link", ticket).json()["message"]
	frappe.db.commit()
	assert links.resolve(first.rpartition("/")[2]) is None
	assert links.resolve(second.rpartition("/")[2])


def test_an_agent_revokes_the_link(agent, ticket):
	first = call(agent, "copy_link", ticket).json()["message"]
	assert call(agent, "revoke_link", ticket, reason="Wrong person").ok
	frappe.db.commit()
	assert links.resolve(first.rpartition("/")[2]) is None
	assert status(agent, ticket)["revoke_reason"] == "Wrong person"
	refused = call(agent, "copy_link", ticket)
	assert refused.status_code == 409
	assert "revoked" in refused.text


def test_an_agent_unlocks(agent):
	door = doors.make_door()
	door.ask()
	door.fail(5)
	links.lock(door.link, doors.utc_now() + doors.timedelta(hours=5))
	frappe.db.commit()
	assert status(agent, door.link.ticket)["locked_until"]
	assert call(agent, "unlock_link", door.link.ticket).ok
	assert status(agent, door.link.ticket)["locked_until"] is None
	assert status(agent, door.link.ticket)["failures_in_a_row"] == 0


def test_the_status_shows_sessions_and_nothing_secret(agent):
	door = doors.make_door()
	token = door.sign_in().session_token
	shown = status(agent, door.link.ticket)
	assert [one["recipient"] for one in shown["sessions"]] == [f"+966 ••• {door.typed[-3:]}"]
	assert token not in str(shown)
	assert links.token(door.link) not in str(shown)
	assert door.typed not in str(shown)


def test_a_ticket_without_a_link_has_a_status(agent, ticket):
	frappe.db.delete(links.DOCTYPE, {"ticket": ticket})
	frappe.db.commit()
	assert status(agent, ticket)["exists"] is False


@pytest.mark.parametrize("name", WRITES)
def test_guests_get_nothing(new_client, ticket, name):
	before = links.ensure(ticket)
	frappe.db.commit()
	assert call(new_client(), name, ticket).status_code in (401, 403)
	assert doors.reload(before) == before


@pytest.mark.parametrize("name", WRITES)
def test_customers_get_nothing_even_on_their_own_ticket(customer, name):
	client, email = customer
	ticket = str(make_ticket(email=email).name)
	before = links.ensure(ticket)
	frappe.db.commit()
	answer = call(client, name, ticket)
	assert answer.status_code == 403
	assert links.token(before) not in answer.text
	assert doors.reload(before) == before


def test_customers_do_not_see_the_status(customer):
	client, email = customer
	ticket = str(make_ticket(email=email).name)
	answer = client.get(f"/api/method/customer_portal.api.links.get_link_status?ticket={ticket}")
	assert answer.status_code == 403


@pytest.mark.parametrize("name", WRITES)
def test_a_get_request_changes_nothing(agent, ticket, name):
	before = links.ensure(ticket)
	frappe.db.commit()
	answer = agent.get(f"/api/method/customer_portal.api.links.{name}?ticket={ticket}")
	assert answer.status_code in (403, 405)
	assert doors.reload(before) == before


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("ticket", ["", "no-such-ticket", "9" * 5000, "\x00", "../..", "' OR 1=1"])
def test_bad_tickets_are_refused(agent, name, ticket):
	assert 400 <= call(agent, name, ticket).status_code < 500


@pytest.mark.parametrize("name", WRITES)
def test_a_list_for_a_ticket_is_refused(agent, name):
	answer = agent.post(f"/api/method/customer_portal.api.links.{name}", json={"ticket": ["1"]})
	assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("value", [True, False, 1.0, None, {}])
def test_what_is_no_ticket_is_refused(agent, ticket, value):
	bodies = {f"links.{name}": {"ticket": value} for name in WRITES}
	bodies["sub_status.of_ticket"] = {"ticket": value}
	bodies["archive.archive"] = bodies["archive.unarchive"] = {"tickets": [value]}
	for name, body in bodies.items():
		answer = agent.post(f"/api/method/customer_portal.api.{name}", json=body)
		assert 400 <= answer.status_code < 500, name


def test_another_spelling_of_a_ticket_is_the_same_ticket(agent, ticket):
	assert call(agent, "copy_link", f"{ticket} ").json()["message"] == links.url(ticket)
	assert frappe.db.count(links.DOCTYPE, {"ticket": ("like", f"{ticket}%")}) == 1
