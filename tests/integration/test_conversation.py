"""What a customer without an account reads of the conversation, and what stays with the agents."""

import re

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from customer_portal.pages import routes, visitor
from tests.client import hidden_fields
from tests.door import home_of, session_of, sign_in
from tests.factories import attach_file, make_agent, make_ticket, unique
from tests.ledger import of_kind, statements
from tests.talk import PDF, own_png, say, set_main, settings

MOST_SELECTS = 8


@pytest.fixture
def agent():
	user = make_agent()
	frappe.db.set_value("User", user.name, "full_name", "Huda Al-Salem")
	frappe.db.commit()
	return user.name


def thread(page: str) -> str:
	return re.search(r'<ol class="thread".*?</ol>', page, re.S)[0]


def texts(page: str) -> list[str]:
	found = re.findall(r'<div class="bubble mail" dir="auto">(.*?)</div>\n', thread(page), re.S)
	return [re.sub(r"<[^>]+>", "", text).strip() for text in found]


def test_nothing_of_it_is_there_until_it_is_turned_on(client, ticket, home, agent):
	say(ticket, "<p>We come on Monday.</p>", agent)
	set_main(ticket, 3)
	page = client.get(home).text
	for trace in ("We come on Monday.", "thread", "textarea", "/reply", "/accept", "/rate", "conversation"):
		assert trace not in page
	assert client.get(f"{home}/messages").status_code == 409


def test_messages_stand_in_their_order_with_names(everything_on, client, ticket, home, agent):
	say(ticket, "<p>It leaks more.</p>", sent=False)
	say(ticket, "<p>We come on Monday.</p>", agent)
	page = client.get(home).text
	assert texts(page) == ["It leaks more.", "We come on Monday."]
	assert thread(page).index(">You<") < thread(page).index("<bdi>Huda Al-Salem</bdi>")


def test_no_address_of_an_agent_is_told(everything_on, client, ticket, home, agent):
	say(ticket, "<p>One.</p>", agent)
	frappe.db.set_value("User", agent, "full_name", agent)
	frappe.db.commit()
	say(ticket, "<p>Two.</p>", agent)
	page = client.get(home).text
	assert texts(page) == ["One.", "Two."]
	assert agent not in page
	assert "Support" in thread(page)


def test_the_address_of_another_customer_is_masked(everything_on, client, ticket, home):
	say(ticket, "<p>Me too.</p>", "brother@example.org", sent=False)
	assert "brother@example.org" not in client.get(home).text
	assert "b•••@example.org" in client.get(home).text


def test_what_customers_do_not_see(everything_on, client, ticket, home, agent):
	say(ticket, "<p>Automated</p>", communication_type="Automated Message")
	say(ticket, "<p>Junk</p>", sent=False, email_status="Spam")
	say(ticket, "<p>Binned</p>", sent=False, email_status="Trash")
	say(ticket, "<p>Later</p>", agent, send_after="2999-01-01 00:00:00")
	say(make_ticket(), "<p>Elsewhere</p>", agent)
	frappe.set_user(agent)
	frappe.get_doc("HD Ticket", ticket.name).new_comment("<p>Between us</p>")
	frappe.set_user("Administrator")
	say(ticket, "<p>Seen</p>", agent)
	page = client.get(home).text
	assert texts(page) == ["Seen"]
	for hidden in ("Automated", "Junk", "Binned", "Later", "Elsewhere", "Between us"):
		assert hidden not in page


def test_the_description_is_not_said_twice(everything_on, client, ticket, home):
	assert client.get(home).text.count("Water on the floor.") == 1


def test_pages_of_twenty(everything_on, client, ticket, home, agent):
	for number in range(45):
		say(ticket, f"<p>Message {number}.</p>", agent)
	pages, address = [], home
	while address:
		page = client.get(address).text
		pages.append(texts(page))
		older = re.search(r'href="([^"]+\?before=[^"#]+)', page)
		address = older and older[1]
	assert [len(one) for one in pages] == [20, 20, 5]
	shown = [text for one in reversed(pages) for text in one]
	assert shown == [f"Message {number}." for number in range(45)]


@pytest.mark.parametrize("cursor", ["nonsense", "0", "' or 1=1", "%00", "a" * 400, "x&before=y"])
def test_bad_cursors(everything_on, client, home, cursor):
	assert client.get(f"{home}?before={cursor}").status_code == 400


def test_a_cursor_of_another_ticket(everything_on, client, home):
	foreign = say(make_ticket(), "<p>Elsewhere</p>", sent=False)
	assert client.get(f"{home}?before={foreign.name}").status_code == 400


def test_hostile_html_is_harmless(everything_on, client, ticket, home):
	evil = '<script>alert(1)</script><p onclick="x()" style="position:fixed">Hi</p><img src="https://evil.example/p">'
	message = say(ticket, "x", sent=False)
	frappe.db.set_value("Communication", message.name, "content", evil)  # past what Frappe cleans itself
	frappe.db.commit()
	page = thread(client.get(home).text)
	for trace in ("alert(1)", "onclick", "position:fixed", "evil.example"):
		assert trace not in page


def test_files_of_messages_open(everything_on, client, ticket, home, agent):
	message = say(ticket, "<p>See.</p>", agent)
	frappe.set_user(agent)
	report = attach_file(message, "report.pdf", PDF + unique("a").encode(), agent)
	frappe.set_user("Administrator")
	mail = say(ticket, "<p>See.</p>", sent=False)
	picture = attach_file(mail, "leak.png", own_png())
	page = client.get(home).text
	assert f"{home}/file/{report.name}" in page
	assert f'<img src="{home}/file/{picture.name}"' in page
	answer = client.get(f"{home}/file/{report.name}")
	assert (answer.status_code, answer.headers["Content-Disposition"][:10]) == (200, "attachment")
	assert client.get(f"{home}/file/{picture.name}").headers["Content-Type"] == "image/png"


def test_they_stay_shut_without_the_setting_a_session_or_the_ticket(client, new_client, ticket, home, agent):
	file = attach_file(say(ticket, "<p>See.</p>", agent), "report.pdf", PDF + unique("a").encode(), agent)
	assert client.get(f"{home}/file/{file.name}").status_code == 404
	with settings():
		assert client.get(f"{home}/file/{file.name}").status_code == 200
		assert new_client().get(f"{home}/file/{file.name}").status_code == 404
		other = new_client()
		assert other.get(f"{sign_in(other, make_ticket())}/file/{file.name}").status_code == 404


def test_files_of_what_is_hidden_stay_shut(everything_on, client, ticket, home, agent):
	hidden = say(ticket, "<p>Auto</p>", communication_type="Automated Message")
	of_hidden = attach_file(hidden, "a.pdf", PDF + unique("a").encode())
	frappe.set_user(agent)
	internal = attach_file(ticket, "b.pdf", PDF + unique("b").encode(), agent)
	frappe.get_doc("HD Ticket", ticket.name).new_comment("Us", attachments=[{"file_url": internal.file_url}])
	frappe.set_user("Administrator")
	say(ticket, f'<p>I know <img src="{internal.file_url}"></p>', sent=False)
	say(ticket, f'<p>Quoted <img src="{internal.file_url}"></p>', agent)
	frappe.db.commit()
	for file in (of_hidden, internal):
		assert client.get(f"{home}/file/{file.name}").status_code == 404
		assert file.name not in client.get(home).text


def test_pictures_in_an_agents_text(everything_on, client, ticket, home, agent):
	"""Helpdesk's editor attaches them to the ticket, as it does with those of internal comments."""
	shown = attach_file(ticket, "new part.png", own_png(), agent)
	secret = attach_file(ticket, "margin.png", own_png(), agent)
	frappe.set_user(agent)
	frappe.get_doc("HD Ticket", ticket.name).new_comment(f'<img src="{secret.file_url}">')
	frappe.set_user("Administrator")
	say(ticket, f'<p><img src="{shown.file_url}"><img src="{secret.file_url}"></p>', agent)
	page = client.get(home).text
	assert f'src="{home}/file/{shown.name}"' in page
	assert client.get(f"{home}/file/{shown.name}").status_code == 200
	assert secret.name not in page
	assert client.get(f"{home}/file/{secret.name}").status_code == 404


def test_a_customer_who_names_an_agents_file_gets_nothing(everything_on, client, ticket, home, agent):
	file = attach_file(ticket, "contract.pdf", PDF + unique("c").encode(), agent)
	mail = say(ticket, f'<p><a href="{file.file_url}">x</a></p>', sent=False)
	claimed = frappe.new_doc("File")
	claimed.update({"file_url": file.file_url, "is_private": 1, "attached_to_doctype": "Communication"})
	claimed.attached_to_name = mail.name
	claimed.insert(ignore_permissions=True)
	claimed.db_set({"owner": ticket.raised_by, "file_url": file.file_url}, update_modified=False)
	frappe.db.set_value("Communication", mail.name, "owner", ticket.raised_by)
	frappe.db.commit()
	for one in (file, claimed):
		assert client.get(f"{home}/file/{one.name}").status_code == 404


def test_the_page_follows_with_cheap_questions(everything_on, client, ticket, home, agent):
	say(ticket, "<p>One.</p>", agent)
	version = re.search(r'/messages" data-version="([^"]+)"', client.get(home).text)[1]
	same = client.get(f"{home}/messages", headers={"If-None-Match": f'"{version}"'})
	assert (same.status_code, same.content) == (304, b"")
	say(ticket, "<p>Two.</p>", agent)
	news = client.get(f"{home}/messages", headers={"If-None-Match": f'"{version}"'})
	assert (news.status_code, news.headers["ETag"] != f'"{version}"') == (200, True)
	assert "Two." in news.text
	assert "<html" not in news.text


def test_without_a_session_nothing_is_told(everything_on, new_client, ticket):
	assert new_client().get(f"{home_of(ticket)}/messages").status_code == 401


def page_statements(home: str, session: str) -> list[str]:
	"""The SQL of one view, by the handlers themselves."""
	environment = EnvironBuilder(path=home, headers={"Cookie": f"portal_session={session}"}).get_environ()
	frappe.local.request = Request(environment)
	frappe.set_user("Guest")

	def view():
		answer = routes.show(visitor.receive(frappe.local.request))
		assert b"Message 1." in answer.data

	try:
		view()  # fills the caches that any visitor finds filled
		return statements(view)
	finally:
		frappe.local.request = None


def test_the_number_of_selects_does_not_grow(everything_on, ticket, agent):
	set_main(ticket, 3)
	for number in range(10):
		message = say(ticket, f"<p>Message {number}.</p>", agent)
		attach_file(message, f"{number}.pdf", PDF + unique("n").encode(), agent)
	home, session = home_of(ticket), session_of(ticket)
	of_ten = of_kind(page_statements(home, session), "select")
	for _number in range(40):
		say(ticket, "<p>Message 1.</p>", agent)
	of_fifty = of_kind(page_statements(home, session), "select")
	assert len(of_ten) == len(of_fifty) <= MOST_SELECTS, [query[:90] for query in of_fifty]


def test_the_form_carries_what_it_needs(everything_on, client, home):
	assert set(hidden_fields(client.get(home).text, "/reply")) == {"form_token", "key"}
