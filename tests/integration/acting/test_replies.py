"""A customer's reply, and how the agents' world moves with it."""

import frappe
import pytest
from frappe.desk.form.assign_to import add as assign

from customer_portal import sessions
from customer_portal.pages import cookies
from tests.accounts import log_in
from tests.client import hidden_fields
from tests.door import home_of, pending_challenge, sign_in
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.integration.acting.conftest import assert_done, reloaded, set_status
from tests.talk import PDF, act, files_of, messages, say
from tests.threads import in_parallel


def test_a_reply_is_a_customers_message_in_helpdesk(everything_on, client, ticket, home):
	answer = act(
		client, home, "reply", text="  It still leaks.\r\nA lot.\r\n\r\n<b>Help</b> https://x.example "
	)
	assert_done(answer, "reply", home)
	sent = messages(ticket)[-1]
	assert sent.content == (
		'<p dir="auto">It still leaks.<br>A lot.</p><p dir="auto">&lt;b&gt;Help&lt;/b&gt; https://x.example</p>'
	)
	wanted = {
		"sender": ticket.raised_by,
		"sent_or_received": "Received",
		"communication_type": "Communication",
		"communication_medium": "Email",
		"status": "Linked",
		"email_status": "Open",
		"subject": f"Re: {ticket.subject}",
	}
	assert {field: sent[field] for field in wanted} == wanted
	assert reloaded(ticket).last_customer_response
	page = client.follow(answer).text
	assert "Your message is sent." in page
	assert "It still leaks.<br>A lot." in page


def test_the_same_as_from_helpdesks_own_portal(everything_on, client, home, ticket):
	"""Every field of the message, and every rule that moves the ticket, but for who is named."""
	other = make_ticket()
	for one in (ticket, other):
		say(one, "<p>Done?</p>")
		set_status(one, "Replied")
	act(client, home, "reply", text="No")
	customer = frappe.new_doc("User")
	customer.update({"email": other.raised_by, "first_name": "C", "send_welcome_email": 0})
	customer.append("roles", {"role": "HD Customer"})
	customer.insert(ignore_permissions=True)
	frappe.set_user(other.raised_by)
	frappe.get_doc("HD Ticket", other.name).create_communication_via_contact('<p dir="auto">No</p>')
	frappe.set_user("Administrator")
	frappe.db.commit()
	own, theirs = messages(ticket)[-1], messages(other)[-1]
	named = ("name", "creation", "modified", "communication_date", "owner", "modified_by", "user", "sender")
	of_ticket = ("reference_name", "reference_owner", "subject", "sender_full_name", "_comments", "_seen")
	for field in own.keys() - {*named, *of_ticket}:
		assert own[field] == theirs[field], field
	for field in ("status", "status_category", "sub_status", "agreement_status", "on_hold_since"):
		assert reloaded(ticket).get(field) == reloaded(other).get(field), field


def test_an_agent_sees_it_in_helpdesk(everything_on, client, new_client, ticket, home, agent):
	assert_done(act(client, home, "reply", [("leak.pdf", PDF)], text="See the file"), "reply", home)
	desk = new_client()
	log_in(desk, agent.name)
	path = f"/api/method/helpdesk.helpdesk.doctype.hd_ticket.api.get_one?name={ticket.name}"
	shown = desk.get(path).json()["message"]["communications"][-1]
	assert "See the file" in shown["content"]
	assert shown["sender"] == ticket.raised_by
	(file,) = shown["attachments"]
	assert desk.get(file["file_url"]).content == PDF


def test_assigned_agents_are_notified(everything_on, client, ticket, home, agent):
	assign({"assign_to": [agent.name], "doctype": "HD Ticket", "name": ticket.name})
	say(ticket, "<p>Done?</p>", agent.name)
	set_status(ticket, "Replied")
	act(client, home, "reply", text="No")
	frappe.db.rollback()
	told = frappe.get_all(
		"HD Notification", {"reference_ticket": ticket.name, "user_to": agent.name}, pluck="name"
	)
	assert len(told) >= 1
	assert reloaded(ticket).status_category == "Open"


def test_helpdesks_mail_to_agents_waits_outside_the_request(
	everything_on, client, ticket, home, agent, worker
):
	"""With a mail server that is down, the customer's words stay."""
	assign({"assign_to": [agent.name], "doctype": "HD Ticket", "name": ticket.name})
	was = frappe.db.get_single_value("HD Settings", "enable_reply_email_to_agent")
	frappe.db.set_single_value("HD Settings", "enable_reply_email_to_agent", 1)
	frappe.db.commit()
	try:
		assert_done(act(client, home, "reply", text="Hello?"), "reply", home)
	finally:
		frappe.db.set_single_value("HD Settings", "enable_reply_email_to_agent", was)
		frappe.db.commit()
	assert "Hello?" in messages(ticket)[-1].content


def test_who_was_verified_by_phone_writes_under_the_contacts_address(everything_on, client):
	phone, raised_by = saudi_mobile(), f"{unique('clerk')}@example.com"
	ticket = make_ticket(phone, f"{unique('boss')}@example.com")
	boss = ticket.raised_by
	frappe.db.set_value("HD Ticket", ticket.name, "raised_by", raised_by)
	frappe.db.commit()
	opened = sessions.open(pending_challenge(ticket, "SMS", phone), False, "tests")
	frappe.db.commit()
	home = home_of(ticket)
	client.session.cookies.set(cookies.SESSION, opened.token, path=home)
	act(client, home, "reply", text="It is me")
	assert messages(ticket)[-1].sender == boss
	assert ">You<" in client.get(home).text


def test_files_go_along_and_stay_private(everything_on, client, ticket, home):
	answer = act(client, home, "reply", [("leak.pdf", PDF), ("notes.txt", "Ümlaut".encode())], text="")
	assert_done(answer, "reply", home)
	stored = files_of(ticket)
	assert [(file.is_private, file.file_name[:4]) for file in stored] == [(1, "leak"), (1, "note")]
	assert all(file.file_url.startswith("/private/files/") for file in stored)
	of_ticket = {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name)}
	assert {one.file_url for one in stored} == set(frappe.get_all("File", of_ticket, pluck="file_url"))
	page = client.get(home).text
	for file in stored:
		assert f"{home}/file/{file.name}" in page
		assert client.get(f"{home}/file/{file.name}").status_code == 200


@pytest.mark.parametrize("text", ["", "   \r\n\t "])
def test_a_reply_says_something(everything_on, client, ticket, home, text):
	before = len(messages(ticket))
	answer = act(client, home, "reply", text=text)
	assert (answer.status_code, "Write something first." in answer.text) == (422, True)
	assert len(messages(ticket)) == before


def test_what_is_too_long_is_kept(everything_on, client, ticket, home):
	answer = act(client, home, "reply", text="long " * 2100)
	assert answer.status_code == 422
	assert "long " * 2000 in answer.text
	assert 'aria-invalid="true"' in answer.text


def test_twice_the_same_form_is_one_message(everything_on, client, ticket, home):
	before = len(messages(ticket))
	fields = {**hidden_fields(client.get(home).text, "/reply"), "text": "Once"}
	for _ in range(2):
		assert_done(client.post(f"{home}/reply", fields), "reply", home)
	assert len(messages(ticket)) == before + 1


def test_at_once_too(everything_on, client, ticket, home):
	before = len(messages(ticket))
	fields = {**hidden_fields(client.get(home).text, "/reply"), "text": "Once"}
	answers = in_parallel(lambda _: client.post(f"{home}/reply", fields).status_code, range(8), workers=8)
	assert answers == [303] * 8
	assert len(messages(ticket)) == before + 1


def test_replies_are_limited(everything_on, client, ticket, home):
	configure(replies_per_hour=2)
	for _ in range(2):
		assert_done(act(client, home, "reply", text="Again"), "reply", home)
	answer = act(client, home, "reply", text="And again")
	assert answer.status_code == 429
	assert 0 < int(answer.headers["Retry-After"]) <= 3600
	assert "And again</textarea>" in answer.text


def test_an_agent_in_the_same_browser_stays_who_they_are(everything_on, client, ticket, agent):
	log_in(client, agent.name)
	home = sign_in(client, ticket)
	assert_done(act(client, home, "reply", text="As the customer"), "reply", home)
	assert messages(ticket)[-1].sender == ticket.raised_by
	whoami = client.get("/api/method/frappe.auth.get_logged_user").json()["message"]
	assert whoami == agent.name
