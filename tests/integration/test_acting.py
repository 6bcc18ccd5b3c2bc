"""What a customer does on the ticket's page without an account, and how the agents' world moves with it."""

import frappe
import pytest
from frappe.desk.form.assign_to import add as assign
from frappe.utils import add_days, now_datetime

from customer_portal import acting, archive, links, sessions, timeline
from customer_portal.exceptions import SignedOut
from customer_portal.notifications import courtesy
from customer_portal.pages import cookies
from customer_portal.pages.routes import ROUTES
from tests import events as messages_about
from tests.client import hidden_fields
from tests.door import counts, home_of, pending_challenge, session_of, sign_in
from tests.doors import in_parallel
from tests.factories import make_agent, make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.ledger import events, main_of
from tests.talk import PDF, act, files_of, messages, say, set_main, settings

ACTS = ("reply", "accept", "reject", "reopen", "rate")
VALUES = {
	"reply": {"text": "Hello"},
	"accept": {},
	"reject": {"text": "It leaks"},
	"reopen": {},
	"rate": {"stars": "4"},
}
PASSWORD = "Correct-horse-9"


@pytest.fixture
def ticket():
	return make_ticket(phone=saudi_mobile())


@pytest.fixture
def home(client, ticket):
	return sign_in(client, ticket)


@pytest.fixture
def agent():
	return make_agent()


def reloaded(ticket):
	frappe.db.rollback()
	ticket.reload()
	return ticket


def assert_done(answer, act_name: str, home: str) -> None:
	assert (answer.status_code, answer.headers.get("Location")) == (303, f"{home}?done={act_name}#done"), (
		answer.text
	)


def set_status(ticket, status: str) -> None:
	ticket.reload()
	ticket.status = status
	ticket.save(ignore_permissions=True)
	frappe.db.commit()


def bare_form(client, home: str) -> dict[str, str]:
	"""What any form of the page carries, whether or not the page offers that act."""
	return {"form_token": hidden_fields(client.get(home).text, "/language")["form_token"], "key": "ab" * 16}


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
	assert desk.post("/api/method/login", {"usr": agent.name, "pwd": PASSWORD}, origin=None).ok
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


def test_accepting_closes(everything_on, client, ticket, home):
	say(ticket, "<p>Fixed.</p>")
	set_main(ticket, 3)
	answer = act(client, home, "accept")
	assert_done(answer, "accept", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Closed", 4)
	last = events(ticket)[-1]
	assert (last.to_main_status, last.source, last.actor) == (4, "Customer", "Guest")
	activity = frappe.get_all(
		"HD Ticket Activity", {"ticket": ticket.name}, ["owner", "action"], order_by="creation"
	)
	assert activity[-1] == {"owner": ticket.raised_by, "action": "set status to Closed"}
	assert "The ticket is closed." in client.follow(answer).text


def test_rejecting_goes_back_with_the_reason(everything_on, client, ticket, home):
	set_main(ticket, 3)
	assert_done(act(client, home, "reject", text="It still leaks"), "reject", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Open", 2)
	assert "It still leaks" in messages(ticket)[-1].content
	assert events(ticket)[-1].source == "Customer"
	assert "not, yet" not in client.get(home).text


def test_rejecting_needs_a_reason(everything_on, client, ticket, home):
	set_main(ticket, 3)
	answer = act(client, home, "reject", text=" ")
	assert (answer.status_code, "<details open>" in answer.text) == (422, True)
	assert main_of(reloaded(ticket)) == 3


@pytest.mark.parametrize("text", ["", "It leaks again"])
def test_reopening(everything_on, client, ticket, home, text):
	set_main(ticket, 4)
	before = len(messages(ticket))
	assert_done(act(client, home, "reopen", text=text), "reopen", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Open", 2)
	assert len(messages(ticket)) == before + bool(text)
	assert events(ticket)[-1].source == "Customer"


def test_reopening_and_replying_end_with_the_window(everything_on, client, ticket, home):
	set_main(ticket, 4)
	form = hidden_fields(client.get(home).text, "/reopen")
	frappe.db.set_value("HD Ticket", ticket.name, "resolution_date", add_days(now_datetime(), -15))
	frappe.db.commit()
	page = client.get(home).text
	assert f"{home}/reopen" not in page
	assert f"{home}/reply" not in page
	before = counts()
	for action in ("reopen", "reply"):
		assert client.post(f"{home}/{action}", {**form, "text": "x"}).status_code == 409
	assert main_of(reloaded(ticket)) == 4
	assert before["communications"] == counts()["communications"]


def test_a_ticket_of_helpdesks_portal_that_is_closed_opens_too(everything_on, client):
	"""Helpdesk refuses its own customers; here the setting decides."""
	ticket = make_ticket(via_customer_portal=1)
	home = sign_in(client, ticket)
	set_main(ticket, 4)
	assert_done(act(client, home, "reopen"), "reopen", home)
	assert main_of(reloaded(ticket)) == 2


def option_of(stars: int) -> str:
	return acting.rating_options()[stars][0]


def test_rating_once(everything_on, client, ticket, home):
	set_main(ticket, 3)
	page = client.get(home).text
	assert all(f'value="{stars}"' in page for stars in range(1, 6))
	answer = act(client, home, "rate", stars="4", option_4=option_of(4), text="Quick!")
	assert_done(answer, "rate", home)
	reloaded(ticket)
	assert (ticket.feedback_rating, ticket.feedback, ticket.feedback_extra) == (0.8, option_of(4), "Quick!")
	assert (ticket.status, main_of(ticket)) == ("Resolved", 3)
	page = client.follow(answer).text
	assert "You gave 4 of 5 stars. Thank you." in page
	assert "/rate" not in page
	again = client.post(f"{home}/rate", {**bare_form(client, home), "stars": "1"})
	assert (again.status_code, reloaded(ticket).feedback_rating) == (409, 0.8)


@pytest.mark.parametrize("values", [{}, {"stars": "", "text": "x"}, {"stars": "5", "option_5": "nonsense"}])
def test_ratings_that_make_no_sense_are_told(everything_on, client, ticket, home, values):
	set_main(ticket, 3)
	answer = act(client, home, "rate", **values)
	assert (answer.status_code, "Choose one to five stars." in answer.text) == (422, True)
	assert not reloaded(ticket).feedback_rating


@pytest.mark.parametrize("stars", ["0", "6", "-1", "4.5", "٤", "nan", "four"])
def test_stars_that_no_page_sends(everything_on, client, ticket, home, stars):
	set_main(ticket, 3)
	assert act(client, home, "rate", stars=stars).status_code == 400
	assert not reloaded(ticket).feedback_rating


def test_a_rated_ticket_opens_again(everything_on, client, ticket, home):
	set_main(ticket, 3)
	act(client, home, "rate", stars="1")
	assert_done(act(client, home, "reject", text="No"), "reject", home)
	assert main_of(reloaded(ticket)) == 2


def test_feedback_that_helpdesk_demands_does_not_stop_an_acceptance(everything_on, client, ticket, home):
	frappe.db.set_single_value("HD Settings", "is_feedback_mandatory", 1)
	say(ticket, "<p>Fixed.</p>")
	set_main(ticket, 3)
	assert_done(act(client, home, "accept"), "accept", home)


def test_a_rule_of_helpdesk_that_refuses_is_told(everything_on, client, ticket, home):
	"""Here a rule of the site: a customer's text, with what was typed, stays on the page."""
	script = frappe.get_doc(
		{
			"doctype": "Property Setter",
			"doctype_or_field": "DocField",
			"doc_type": "HD Ticket",
			"field_name": "resolution_details",
			"property": "reqd",
			"property_type": "Check",
			"value": "1",
		}
	).insert()
	frappe.db.commit()
	try:
		answer = act(client, home, "reply", text="Keep me")
	finally:
		script.delete()
		frappe.db.commit()
	assert answer.status_code == 409
	assert "Keep me</textarea>" in answer.text
	assert len(messages(ticket)) == 1
	assert frappe.db.exists("Error Log", {"method": ("like", f"%ticket {ticket.name} could not%")})
	assert_done(act(client, home, "reply", text="Keep me"), "reply", home)


def test_archived_tickets_take_nothing(everything_on, client, ticket, home):
	set_main(ticket, 3)
	form = bare_form(client, home)
	archive.archive([ticket.name])
	frappe.db.commit()
	page = client.get(home).text
	assert "takes no more replies" in page
	before = counts()
	for action in ACTS:
		assert f"{home}/{action}" not in page
		answer = client.post(f"{home}/{action}", {**form, **VALUES[action]})
		assert (answer.status_code, "archived" in answer.text) == (409, True)
	assert_unchanged(before)


def assert_unchanged(before) -> None:
	"""Refused acts may be counted against a limit; nothing else changes."""
	after = counts()
	for what in before.keys() - {"counted acts"}:
		assert after[what] == before[what], what


def test_merged_tickets_take_nothing_and_say_where(everything_on, client, ticket, home):
	target = make_ticket(email=ticket.raised_by)
	form = bare_form(client, home)
	frappe.db.set_value("HD Ticket", ticket.name, {"is_merged": 1, "merged_with": target.name})
	frappe.db.commit()
	page = client.get(home).text
	assert "was merged into this one" in page
	before = counts()
	for action in ACTS:
		assert f"{home}/{action}" not in page
		answer = client.post(f"{home}/{action}", {**form, **VALUES[action]})
		assert (answer.status_code, "merged" in answer.text) == (409, True)
	assert_unchanged(before)


@pytest.mark.parametrize("action", ACTS)
def test_each_act_is_a_setting(client, ticket, home, action):
	with settings(
		**dict.fromkeys(("allow_reply", "allow_answer_to_solution", "allow_reopen", "allow_rating"), 0)
	):
		set_main(ticket, 3)
		before = counts()
		assert f"{home}/{action}" not in client.get(home).text
		answer = client.post(f"{home}/{action}", {**bare_form(client, home), **VALUES[action]})
		assert answer.status_code == 409
		after = counts()
		assert {**after, "links": 0} == {**before, "links": 0}


@pytest.mark.parametrize("action", ACTS)
def test_nobody_acts_without_a_session_or_with_anothers(
	everything_on, client, new_client, ticket, home, action
):
	set_main(ticket, 3)
	stranger = new_client()
	form = bare_form(stranger, home)
	other = make_ticket()
	before = counts()
	assert stranger.post(f"{home}/{action}", {**form, **VALUES[action]}).status_code == 401
	stranger.session.cookies.set("portal_session", session_of(other), path=home)
	frappe.db.rollback()
	before = counts()
	assert stranger.post(f"{home}/{action}", {**form, **VALUES[action]}).status_code == 401
	assert counts() == before


@pytest.mark.parametrize("action", ACTS)
def test_forms_of_others_are_refused(everything_on, client, new_client, ticket, home, action):
	set_main(ticket, 3)
	own = bare_form(client, home)
	theirs = bare_form(new_client(), home)
	before = counts()
	address, values = f"{home}/{action}", VALUES[action]
	for answer in (
		client.post(address, {**own, **values}, origin="https://evil.example"),
		client.post(address, {**own, **values}, headers={"Sec-Fetch-Site": "cross-site"}),
		client.post(address, {**theirs, **values}),
		client.post(address, {"x": "", **values}),
	):
		assert answer.status_code == 403
	assert client.get(address, params={**own, **values}).status_code == 405
	assert counts() == before


BAD_FIELDS = [
	("key", value) for value in ("", "x", "AB" * 16, "ab" * 200, "\x00" * 32, "é" * 32, "ab" * 15 + "g0")
] + [("text", "\x00"), ("text", "a\x1b[31m"), ("text", "\ufffd")]


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("field, value", BAD_FIELDS)
def test_bad_fields(everything_on, client, ticket, home, action, field, value):
	set_main(ticket, 3) if action != "reopen" else set_main(ticket, 4)
	form = {**bare_form(client, home), **VALUES[action], field: value}
	before = counts()
	answer = client.post(f"{home}/{action}", form)
	assert answer.status_code == 400
	assert counts() == before


def test_repeated_fields(everything_on, client, ticket, home):
	form = bare_form(client, home)
	before = counts()
	for doubled in ({"text": ["a", "b"]}, {"key": ["ab" * 16, "cd" * 16], "text": "a"}):
		assert client.post(f"{home}/reply", {**form, **doubled}).status_code == 400
	assert counts() == before


def test_a_customers_own_act_is_no_news_to_them(everything_on, client, ticket, home, channel):
	set_main(ticket, 3)
	messages_about.forget_told(ticket)
	act(client, home, "reject", text="It leaks")  # and the page that follows is never loaded
	frappe.db.rollback()
	rows = messages_about.notifications(ticket)
	assert all(isinstance(courtesy.verdict(row), courtesy.Drop) for row in rows)
	assert events(ticket)[-1].to_main_status == 2
	last = frappe.get_last_doc("Portal Status Event", {"ticket": str(ticket.name)})
	assert timeline.was_seen(last.name)


def test_an_agent_in_the_same_browser_stays_who_they_are(everything_on, client, ticket, agent):
	assert client.post("/api/method/login", {"usr": agent.name, "pwd": PASSWORD}, origin=None).ok
	home = sign_in(client, ticket)
	assert_done(act(client, home, "reply", text="As the customer"), "reply", home)
	assert messages(ticket)[-1].sender == ticket.raised_by
	whoami = client.get("/api/method/frappe.auth.get_logged_user").json()["message"]
	assert whoami == agent.name


def test_every_route_of_ours_is_in_these_tests():
	posts = {path for method, path in ROUTES if method == "POST"}
	assert set(ACTS) <= posts


@pytest.mark.parametrize("end", [sessions.close, lambda session: links.revoke(session.ticket, "Stolen")])
def test_a_session_that_ends_while_a_scanner_looks_writes_nothing(everything_on, ticket, end):
	token = session_of(ticket)
	link = links.of_ticket(str(ticket.name))
	session = sessions.resume(link, token)
	before = len(messages(ticket))
	end(session)
	frappe.db.commit()
	with pytest.raises(SignedOut):
		acting.reply(acting.Form(session, link.name, "ab" * 16), "Hello")
	assert len(messages(ticket)) == before
