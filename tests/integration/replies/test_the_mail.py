"""What the mail of a reply looks like: sender, thread, contents, files, and the ways out of it."""

import re

import frappe
import pytest

from customer_portal import followers, links
from customer_portal.exceptions import CannotBeResent
from customer_portal.notifications import dispatch, outbox, reply_text
from tests import hostile_html
from tests.factories import attach_file, make_agent, unique
from tests.gateways import configure
from tests.gateways.mail import change_account
from tests.integration.replies.conftest import answer, join, send_all
from tests.organisations import ALL
from tests.talk import own_png

HELPDESK = "helpdesk@portal-tests.example"


@pytest.fixture
def the_mail(mail_server):
	"""Call it with an address: the one mail of ours that came there."""

	def find(address: str):
		send_all()
		(mail,) = mail_server.mails_to(address)
		return mail

	return find


def html_of(mail) -> str:
	return mail.get_body(("html",)).get_content()


def text_of(mail) -> str:
	return mail.get_body(("plain",)).get_content()


def say(ticket, sender: str, text: str, **values: str) -> None:
	"""A message as Helpdesk stores it, from the customer's side unless told otherwise."""
	message = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"sent_or_received": "Received",
	}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	made = frappe.get_doc({**message, "sender": sender, "content": text, **values})
	made.insert(ignore_permissions=True)
	frappe.db.commit()


def say_unchanged(ticket, sender: str, html: str, **values: str) -> None:
	"""As it came, past what Frappe cleans itself, which takes minutes for some."""
	say(ticket, sender, "x", **values)
	message = frappe.get_last_doc("Communication", {"reference_name": str(ticket.name)})
	message.db_set("content", html)
	frappe.db.commit()


def say_of(agent, ticket, html: str) -> None:
	frappe.set_user(agent.name)
	say_unchanged(ticket, agent.name, html, sent_or_received="Sent")
	frappe.set_user("Administrator")


def test_it_comes_from_the_configured_address_with_the_agents_name(reply, agent, sara, the_mail):
	reply("<p>Water is off now.</p>")
	mail = the_mail(sara)
	sender = mail["From"].addresses[0]
	assert (sender.display_name, sender.addr_spec) == (agent.full_name, HELPDESK)
	assert mail["Reply-To"] == HELPDESK
	assert agent.name not in mail.as_string()


def test_an_account_of_its_own(reply, mail_server, sara, the_mail):
	name = unique("Custom")
	account = frappe.copy_doc(frappe.get_doc("Email Account", "Portal Tests"))
	account.update({"email_account_name": name, "email_id": f"{name.lower()}@acme-support.example"})
	account.update({"default_outgoing": 0, "enable_outgoing": 1, "no_smtp_authentication": 1})
	account.insert(ignore_permissions=True)
	change_account(name, smtp_port=mail_server.port)
	configure(replies_account=name)
	reply("Water is off now.")
	assert the_mail(sara)["From"].addresses[0].addr_spec == account.email_id


def test_an_agent_without_a_name_is_the_company(organisation, sara, the_mail):
	configure(company_name="Acme Care")
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "full_name", agent.name)
	answer(organisation.ticket(sara), agent, "Water is off now.")
	mail = the_mail(sara)
	assert mail["From"].addresses[0].display_name == "Acme Care"
	assert agent.name not in mail.as_string()


def test_it_leads_to_the_ticket_and_out(reply, ticket, sara, the_mail):
	reply("Water is off now.")
	mail = the_mail(sara)
	link = f"{links.site_address()}/portal/tickets/{ticket.name}"
	assert f'href="{link}"' in html_of(mail)
	assert link in text_of(mail)
	assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
	leave = mail["List-Unsubscribe"].strip("<>")
	assert leave.startswith(f"{links.site_address()}/portal/following/")
	assert leave in html_of(mail)
	assert leave in text_of(mail)


def test_robots_do_not_answer_it(reply, sara, the_mail):
	reply("Water is off now.")
	mail = the_mail(sara)
	assert mail["Auto-Submitted"] == "auto-generated"
	assert mail["X-Auto-Response-Suppress"] == "All"
	assert mail["X-Auto-Generated"]


def test_each_mail_answers_the_one_before(reply, ticket, sara, mail_server):
	for text in ("First.", "Second.", "Third."):
		reply(text)
		send_all()
	first, second, third = mail_server.mails_to(sara)
	assert second["In-Reply-To"] == first["Message-ID"]
	assert third["In-Reply-To"] == second["Message-ID"]
	assert third["References"].split() == [*second["References"].split(), second["Message-ID"]]
	assert {one["Subject"] for one in (first, second, third)} == {f"Re: {ticket.subject} (#{ticket.name})"}


def test_it_answers_the_customers_own_mail(reply, ticket, sara, the_mail):
	say(ticket, sara, "It leaks again.")
	own = f"{unique('mail')}@acme.example"
	message = frappe.get_last_doc("Communication", {"reference_name": str(ticket.name)})
	message.db_set("message_id", own)
	reply("Water is off now.")
	mail = the_mail(sara)
	assert mail["In-Reply-To"] == f"<{own}>"
	assert mail["References"].endswith(f"<{own}>")


def test_colleagues_have_threads_of_their_own(organisation, agent, sara, omar, mail_server):
	"""What one has got is no mail that the other one could have."""
	organisation.change(sees=ALL)
	ticket = organisation.ticket(sara)
	answer(ticket, agent, "First.")
	send_all()
	followers.follow(str(ticket.name), omar)
	answer(ticket, agent, "Second.")
	send_all()
	(omars,) = mail_server.mails_to(omar)
	first, second = mail_server.mails_to(sara)
	assert first["Message-ID"] not in omars["References"]
	assert omars["Message-ID"] != second["Message-ID"]


def test_it_has_the_last_messages_and_no_more(reply, ticket, sara, the_mail):
	for number in range(7):
		say(ticket, sara, f"<p>Question {number}.</p>")
	reply("<p>Water is off now.</p>")
	mail = the_mail(sara)
	for part in (html_of(mail), text_of(mail)):
		assert part.index("Water is off now.") < part.index("Question 6.") < part.index("Question 3.")
		assert "Question 2." not in part


def test_how_many_messages_is_a_setting(reply, ticket, sara, the_mail):
	configure(reply_messages=2)
	for number in range(4):
		say(ticket, sara, f"Question {number}.")
	reply("Water is off now.")
	text = text_of(the_mail(sara))
	assert "Question 3." in text
	assert "Question 2." not in text


def test_the_first_message_is_the_description(reply, sara, the_mail):
	reply("Water is off now.")
	assert text_of(the_mail(sara)).count("Water on the floor.") == 1


def test_quotes_of_mail_programs_are_left_out(reply, ticket, sara, the_mail):
	say(ticket, sara, "<p>Yes, please.</p><blockquote><p>Shall we come?</p></blockquote>")
	reply("We come.")
	text = text_of(the_mail(sara))
	assert "Yes, please." in text
	assert "Shall we come?" not in text


def test_internal_notes_are_in_no_mail(reply, ticket, sara, the_mail):
	note = {
		"doctype": "HD Ticket Comment",
		"reference_ticket": ticket.name,
		"content": "A difficult customer",
	}
	frappe.get_doc({**note, "commented_by": "Administrator"}).insert(ignore_permissions=True)
	say(ticket, sara, "Hello?")
	reply("Water is off now.")
	assert "difficult" not in the_mail(sara).as_string()


def test_hostile_html_is_harmless(agent, ticket, sara, mail_server):
	"""Whoever wrote it: an agent may have quoted a mail. Each is new in one mail, and an earlier message in the next."""
	configure(reply_messages=8)
	cases = list(hostile_html.CASES.values())
	for first in range(0, len(cases), 4):
		for html in cases[first : first + 4]:
			say_of(agent, ticket, f"<p>Water is off now.</p>{html}")
		dispatch.deliver_due()
	mails = mail_server.mails_to(sara)
	assert sum(html_of(mail).count("Water is off now.") for mail in mails) >= 2 * len(cases) - 4
	for mail in mails:
		body = html_of(mail).partition("<body")[2]
		assert not re.search(r"<(script|style|iframe|form|link|svg|object|input)\b", body, re.IGNORECASE)
		assert not re.search(r"<[^>]*\son\w+\s*=", body, re.IGNORECASE)
		assert not re.search(r'<[^>]*\ssrc="(?!cid:)', body)


@pytest.mark.parametrize(
	"html",
	[
		"<div>" * 5900 + "x",
		"<b><i><u><s><p>" * 1150 + "x",
		"<p>x</p>" * 2900,
		"&lt;" * 49_000,
		"<p>x" * 100_000,
	],
	ids=["deep", "open", "many", "escaped", "endless"],
)
def test_a_mail_stays_small(agent, ticket, sara, mail_server, html):
	"""What a message may be at most in the portal would make it slow to write and to show."""
	for _number in range(3):
		say_unchanged(ticket, "stranger@elsewhere.example", html)
	say_of(agent, ticket, html)
	dispatch.deliver_due()
	(mail,) = mail_server.mails_to(sara)
	body = html_of(mail)
	assert len(body) < reply_text.LONGEST_REPLY + 4 * reply_text.LONGEST_CONTEXT + 10_000
	assert body.count("<") < 10_000
	assert len(text_of(mail)) < 150_000
	assert "…" in text_of(mail)


def test_a_reply_of_files_alone(reply, ticket, agent, sara, the_mail):
	content = own_png()
	file = attach_file(ticket, "plan.png", content, agent.name)
	reply("", attachments=[file.name])
	(attached,) = the_mail(sara).iter_attachments()
	assert attached.get_content() == content


def test_files_travel_with_it(reply, ticket, agent, sara, the_mail):
	content = own_png()
	file = attach_file(ticket, "plan.png", content, agent.name)
	reply("Here is the plan.", attachments=[file.name])
	(attached,) = the_mail(sara).iter_attachments()
	assert attached.get_filename().startswith("plan")
	assert attached.get_content() == content
	assert attached.get_content_type() == "image/png"


def test_pictures_stand_in_the_text(reply, ticket, agent, sara, the_mail):
	content = own_png()
	file = attach_file(ticket, "plan.png", content, agent.name)
	reply(f'<p>Here: <img src="{file.file_url}"></p>')
	mail = the_mail(sara)
	(source,) = re.findall(r'<img [^>]*src="cid:([^"]+)"', html_of(mail))
	(picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
	assert picture["Content-ID"] == f"<{source}>"
	assert picture.get_content() == content


def test_a_file_too_large_for_mail_is_named(reply, ticket, agent, sara, the_mail, tmp_path):
	file = attach_file(ticket, "film.mp4", b"0" * (11 * 1024**2), agent.name)
	reply("Here is the film.", attachments=[file.name])
	mail = the_mail(sara)
	assert not list(mail.iter_attachments())
	assert re.search(r"Not in this e-mail, but in the portal: film\w*\.mp4", text_of(mail))


def test_what_frappe_keeps_of_it_says_nothing(reply, sara, the_mail):
	reply("<p>Water is off now.</p>")
	mail = the_mail(sara)
	row = frappe.get_doc("Email Queue", {"message_id": mail["Message-ID"].strip("<>")})
	assert row.status == "Sent"
	assert "Water" not in row.message
	assert "/portal/following/" not in row.message


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("de", "ltr")])
def test_it_is_in_the_readers_language(organisation, agent, mail_server, the_mail, language, direction):
	reader = join(organisation.address("reader"), language)
	answer(organisation.ticket(reader), agent, "Water is off now.")
	html = html_of(the_mail(reader))
	assert f'<html lang="{language}" dir="{direction}">' in html
	assert "See your ticket" not in html


def test_a_subject_of_several_lines(organisation, agent, sara, the_mail):
	ticket = organisation.ticket(sara)
	answer(ticket, agent, "Water is off now.")
	frappe.db.set_value("HD Ticket", ticket.name, "subject", "A leak\r\nBcc: everybody@elsewhere.example")
	frappe.db.commit()
	mail = the_mail(sara)
	assert mail["Bcc"] is None
	assert mail["Subject"] == f"Re: A leak Bcc: everybody@elsewhere.example (#{ticket.name})"


def test_a_server_that_is_away_loses_nothing(reply, ticket, sara, mail_server):
	"""Two replies wait for the server; the newer one's mail has both, in their order."""
	mail_server.mode = "busy"
	first = reply("First.")
	dispatch.deliver_due()
	assert row_of(first).state == "Queued"
	second = reply("Second.")
	mail_server.mode = "ok"
	dispatch.deliver_due()
	(mail,) = mail_server.mails_to(sara)
	text = text_of(mail)
	assert text.index("First.") < text.index("Second.") < text.index("See your ticket")
	assert (row_of(first).state, row_of(first).told_with) == ("Superseded", row_of(second).name)
	assert row_of(second).state == "Sent"


def test_a_reply_whose_mail_failed_is_in_the_next_one(reply, sara, mail_server):
	mail_server.mode = "refuse recipient"
	first = reply("First.")
	dispatch.deliver_due()
	assert row_of(first).state == "Failed"
	mail_server.mode = "ok"
	reply("Second.")
	dispatch.deliver_due()
	(mail,) = mail_server.mails_to(sara)
	text = text_of(mail)
	assert text.index("First.") < text.index("Second.") < text.index("See your ticket")


def test_it_is_not_handed_to_another_channel(reply, mail_server):
	mail_server.mode = "refuse recipient"
	first = reply("First.")
	dispatch.deliver_due()
	assert not frappe.db.exists("Portal Notification", {"fallback_of": row_of(first).name})


def test_agents_cannot_send_one_again(reply, mail_server):
	first = reply("First.")
	dispatch.deliver_due()
	with pytest.raises(CannotBeResent):
		outbox.resend(row_of(first).name)


def row_of(communication: str):
	frappe.db.commit()
	return frappe.get_doc("Portal Notification", {"communication": communication})
