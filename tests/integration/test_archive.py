"""Archived tickets: out of the agents' lists, closed to replies, and nothing lost."""

import json
from datetime import timedelta

import frappe
import pytest

from customer_portal import archive, tasks
from customer_portal.api import archive as api
from customer_portal.clock import utc_now
from customer_portal.exceptions import TicketIsArchived
from tests.accounts import log_in
from tests.factories import make_agent, make_ticket, unique
from tests.integration.test_status_mapping import communicate
from tests.ledger import default_of, mains, set_status, set_sub_status

LIST = "helpdesk.api.doc.get_list_data"
ARCHIVED = [["portal_archived", "=", 1]]


@pytest.fixture
def ticket():
	ticket = make_ticket()
	ticket.reload()
	return ticket


@pytest.fixture
def archived(ticket):
	archive.archive([str(ticket.name)])
	frappe.db.commit()
	return ticket


@pytest.fixture
def agent_client(client):
	return log_in(client, make_agent().name)


def test_archiving_counts_only_changes_and_leaves_modified(ticket):
	before = frappe.db.get_value("HD Ticket", ticket.name, "modified")
	assert archive.archive([str(ticket.name), "no such ticket"]) == 1
	assert archive.archive([str(ticket.name)]) == 0
	assert archive.is_archived(ticket.name)
	assert frappe.db.get_value("HD Ticket", ticket.name, "modified") == before
	assert archive.unarchive([str(ticket.name)]) == 1
	assert frappe.db.get_value("HD Ticket", ticket.name, "portal_archived_on") is None
	assert mains(ticket) == [1]


def test_an_archived_ticket_leaves_the_agents_default_list(archived):
	other = make_ticket()
	frappe.set_user(make_agent().name)
	names = frappe.get_list("HD Ticket", pluck="name", limit_page_length=0)
	assert other.name in names
	assert archived.name not in names
	assert frappe.get_doc("HD Ticket", archived.name).has_permission("read")


@pytest.mark.parametrize(
	("command", "filters", "is_shown"),
	[
		(LIST, "[]", False),
		(LIST, [["portal_archived", "=", 1]], True),
		(LIST, {"portal_archived": 1}, True),
		("helpdesk.helpdesk.doctype.hd_ticket.api.get_navigation_tickets", None, False),
		("helpdesk.api.contact.delete_contact", None, True),
		("helpdesk.api.search.search", None, True),
		(None, None, False),
	],
)
def test_helpdesks_lists_leave_it_out_and_its_other_pages_do_not(
	archived, monkeypatch, command, filters, is_shown
):
	"""The hook reads the request; the filter itself is the caller's."""
	frappe.set_user(make_agent().name)
	monkeypatch.setattr(frappe.local, "form_dict", frappe._dict(cmd=command, filters=filters))
	assert (archived.name in frappe.get_list("HD Ticket", pluck="name", limit_page_length=0)) == is_shown


@pytest.mark.parametrize("method", ["frappe.client.get_list", "frappe.desk.reportview.get_list"])
def test_the_desks_lists_leave_it_out(archived, agent_client, method):
	def names(filters):
		body = {"doctype": "HD Ticket", "fields": '["name"]', "filters": frappe.as_json(filters)}
		rows = agent_client.post(f"/api/method/{method}", body).json()["message"]
		return [str(row["name"]) for row in rows]

	own = [["HD Ticket", "name", "=", str(archived.name)]]
	assert names(own) == []
	assert names([*own, ["HD Ticket", "portal_archived", "=", 1]]) == [str(archived.name)]


def test_the_ticket_itself_opens(archived, agent_client):
	answer = agent_client.get(f"/api/resource/HD Ticket/{archived.name}")
	assert answer.json()["data"]["portal_archived"] == 1


def test_its_customer_goes_on_seeing_it():
	email = f"{unique('member')}@example.com"
	user = frappe.get_doc({"doctype": "User", "email": email, "first_name": "M", "send_welcome_email": 0})
	user.append("roles", {"role": "HD Customer"})
	user.insert(ignore_permissions=True)
	ticket = make_ticket(email=email)
	archive.archive([str(ticket.name)])
	frappe.set_user(email)
	assert frappe.get_list("HD Ticket", pluck="name") == [ticket.name]


def reply(ticket, direction, **values):
	message = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"communication_medium": "Email",
		"sent_or_received": direction,
		"subject": "Re",
		"content": "Hello",
		"reference_doctype": "HD Ticket",
		"reference_name": ticket.name,
		**values,
	}
	return frappe.get_doc(message).insert(ignore_permissions=True)


@pytest.mark.parametrize("direction", ["Sent", "Received"])
def test_no_more_replies(archived, direction):
	with pytest.raises(TicketIsArchived):
		reply(archived, direction)


def test_automated_messages_still_go_out(archived):
	assert reply(archived, "Sent", communication_type="Automated Message").name


def test_a_mail_that_arrives_is_kept_and_reopens_nothing(archived):
	ticket = frappe.get_doc("HD Ticket", archived.name)
	ticket.sub_status = default_of(4)
	ticket.save()
	message = communicate(ticket, "Received")
	ticket.reload()
	assert frappe.db.exists("Communication", message.name)
	assert (ticket.status, ticket.status_category, mains(ticket)) == ("Closed", "Resolved", [1, 4])


# Changes of the status


@pytest.fixture
def closed_and_archived():
	"""An archived ticket of a customer who may sign in."""
	ticket = make_ticket(email=make_customer())
	set_sub_status(ticket, default_of(4))
	archive.archive([str(ticket.name)])
	frappe.db.commit()
	return ticket


def make_customer() -> str:
	user = frappe.new_doc("User")
	user.update({"email": f"{unique('member')}@example.com", "first_name": "M", "send_welcome_email": 0})
	user.new_password = "Correct-horse-9"
	user.append("roles", {"role": "HD Customer"})
	user.flags.ignore_password_policy = True
	return user.insert(ignore_permissions=True).name


def stored(ticket) -> tuple[str, int]:
	frappe.db.commit()
	return frappe.db.get_value("HD Ticket", ticket.name, ["status", "portal_archived"])


def put(client, ticket, **values):
	client.session.headers["Accept"] = "application/json"
	return client.session.put(client._url(f"/api/resource/HD Ticket/{ticket.name}"), json=values, timeout=30)


@pytest.mark.parametrize("status", ["Open", "Replied", "Resolved"])
def test_a_customer_cannot_change_its_status(client, closed_and_archived, status):
	ticket = closed_and_archived
	log_in(client, ticket.raised_by)
	answers = [
		put(client, ticket, status=status),
		client.post(
			"/api/method/frappe.client.set_value",
			json={
				"doctype": "HD Ticket",
				"name": str(ticket.name),
				"fieldname": "status",
				"value": status,
			},
		),
	]
	assert [answer.status_code for answer in answers] == [409, 409]
	assert "archived" in answers[0].text
	assert stored(ticket) == ("Closed", 1)
	assert mains(ticket) == [1, 4]


def test_a_customer_may_still_correct_the_rest(client, closed_and_archived):
	ticket = closed_and_archived
	log_in(client, ticket.raised_by)
	assert put(client, ticket, subject="It leaked").status_code == 200
	assert stored(ticket) == ("Closed", 1)


def test_an_agent_who_reopens_it_sees_it_again(agent_client, closed_and_archived):
	ticket = closed_and_archived
	answer = put(agent_client, ticket, status="Open")
	assert answer.json()["data"]["portal_archived"] == 0
	assert stored(ticket) == ("Open", 0)
	assert frappe.db.get_value("HD Ticket", ticket.name, "portal_archived_on") is None
	frappe.set_user(make_agent().name)
	assert ticket.name in frappe.get_list("HD Ticket", pluck="name", limit_page_length=0)


def test_so_does_a_sub_status_of_an_open_one(closed_and_archived):
	set_sub_status(closed_and_archived, default_of(2))
	assert stored(closed_and_archived) == ("Open", 0)


def test_and_a_change_past_the_document(closed_and_archived):
	frappe.get_doc("HD Ticket", closed_and_archived.name).db_set("status", "Open")
	assert stored(closed_and_archived) == ("Open", 0)


def test_an_agent_who_ends_it_leaves_it_in_the_archive(archived):
	set_status(archived, "Closed")
	assert stored(archived) == ("Closed", 1)


def test_one_who_changes_something_else_does_too(archived):
	archived.reload()
	archived.subject = "It leaked"
	archived.save()
	assert stored(archived) == ("Open", 1)


def test_an_unarchived_ticket_takes_replies_again(archived):
	archive.unarchive([str(archived.name)])
	assert reply(archived, "Sent").name


def closed_days_ago(days):
	ticket = make_ticket()
	ticket.reload()
	ticket.sub_status = default_of(4)
	ticket.save()
	moment = utc_now() - timedelta(days=days)
	frappe.db.set_value("Portal Status Event", {"ticket": str(ticket.name)}, "occurred_at", moment)
	return ticket


@pytest.fixture
def after_ten_days():
	frappe.db.set_single_value("Customer Portal Settings", "archive_after_days", 10)
	frappe.clear_document_cache("Customer Portal Settings", "Customer Portal Settings")
	yield
	frappe.db.set_single_value("Customer Portal Settings", "archive_after_days", 0)
	frappe.clear_document_cache("Customer Portal Settings", "Customer Portal Settings")
	frappe.db.commit()


def test_closed_tickets_archive_by_themselves(after_ten_days):
	old, fresh, resolved = closed_days_ago(11), closed_days_ago(9), closed_days_ago(11)
	resolved.reload()
	resolved.sub_status = default_of(3)
	resolved.save()
	frappe.db.set_value(
		"Portal Status Event", {"ticket": str(resolved.name)}, "occurred_at", utc_now() - timedelta(days=30)
	)
	tasks.daily()
	assert [archive.is_archived(ticket.name) for ticket in (old, fresh, resolved)] == [True, False, False]


def test_nothing_archives_by_itself_by_default():
	old = closed_days_ago(4000)
	tasks.daily()
	assert not archive.is_archived(old.name)


# The agents' endpoints


def test_agents_archive_many_at_once(agent_client):
	names = [str(make_ticket().name) for _ in range(2)]
	answer = agent_client.post("/api/method/customer_portal.api.archive.archive", json={"tickets": names})
	assert (answer.status_code, answer.json()["message"]) == (200, 2)
	answer = agent_client.post("/api/method/customer_portal.api.archive.unarchive", json={"tickets": names})
	assert answer.json()["message"] == 2


@pytest.mark.parametrize("action", ["archive", "unarchive"])
def test_strangers_and_reading_requests_are_refused(client, agent_client, new_client, ticket, action):
	path = f"/api/method/customer_portal.api.archive.{action}"
	assert new_client().post(path, json={"tickets": [str(ticket.name)]}).status_code == 403
	assert agent_client.get(f"{path}?tickets=[]").status_code == 403
	assert not archive.is_archived(ticket.name)


@pytest.mark.parametrize(
	"body", [{}, {"tickets": "x"}, {"tickets": {"a": 1}}, {"tickets": [None]}, {"tickets": ["x"]}]
)
def test_bad_input_is_a_client_error(agent_client, body):
	answer = agent_client.post("/api/method/customer_portal.api.archive.archive", json=body)
	assert 400 <= answer.status_code < 500


def test_the_desk_sends_lists_as_json():
	ticket = make_ticket()
	sent = json.dumps([str(ticket.name)])
	assert (api.archive(sent), api.archive(sent), api.unarchive(sent)) == (1, 0, 1)


@pytest.mark.parametrize("sent", ["", "x", "[", "{}", "5", '"0001"', "[[]]", "[null]", '[{"a": 1}]'])
def test_what_is_no_list(sent):
	with pytest.raises(frappe.MandatoryError):
		api.archive(sent)
