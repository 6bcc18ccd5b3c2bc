"""Answers by mail, through a real IMAP server and Helpdesk's own Email Account, into the ticket."""

from email.message import EmailMessage
from email.policy import SMTP

import frappe
import pytest

from customer_portal import accounts, followers
from tests import returned_mails
from tests.factories import attach_file, unique
from tests.integration.replies.conftest import answer, join, rows, send_all, who_got
from tests.organisations import ALL
from tests.talk import PDF, PNG

INBOX = "inbox@portal-tests.example"


@pytest.fixture
def got(reply, sara, imap, mail_server):
	"""The mail that Sara has of the agent's reply."""
	reply("Shall we come on Monday?")
	send_all()
	(mail,) = mail_server.mails_to(sara)
	return mail


def mail_from(person: str, text: str, answers=None, subject: str = "", **headers: str) -> EmailMessage:
	"""As a mail program writes it; ``answers`` is the mail to which it answers."""
	mail = EmailMessage(policy=SMTP)
	mail["From"], mail["To"] = person, answers["Reply-To"] if answers else INBOX
	mail["Subject"] = subject or (f"Re: {answers['Subject']}" if answers else "Hello")
	mail["Message-ID"] = f"<{unique('mail')}@customer.example>"
	if answers:
		mail["In-Reply-To"] = answers["Message-ID"]
		mail["References"] = f"{answers['References'] or ''} {answers['Message-ID']}"
	for name, value in headers.items():
		mail[name.replace("_", "-")] = value
	mail.set_content(text)
	return mail


def messages(ticket) -> list[tuple[str, str]]:
	"""Sender and text of what came in, the oldest first."""
	frappe.db.commit()
	came = {
		"reference_doctype": "HD Ticket",
		"reference_name": str(ticket.name),
		"sent_or_received": "Received",
	}
	found = frappe.get_all("Communication", came, ["sender", "text_content", "content"], order_by="creation")
	return [(one.sender, one.content) for one in found]


def tickets_of(person: str) -> list[str]:
	return [str(name) for name in frappe.get_all("HD Ticket", {"raised_by": person}, pluck="name")]


def test_an_answer_lands_in_the_ticket(got, ticket, sara, imap):
	imap.receive(mail_from(sara, "Monday is fine.", got).as_bytes())
	(sender, content) = messages(ticket)[-1]
	assert sender == sara
	assert "Monday is fine." in content
	assert tickets_of(sara) == [str(ticket.name)]
	before = messages(ticket)
	imap.fetch()  # the mailbox still has it
	assert messages(ticket) == before


def test_what_goes_on_comes_back(got, ticket, agent, sara, imap, mail_server):
	"""Three rounds: the agent's next mail answers the customer's."""
	own = mail_from(sara, "Monday is fine.", got)
	imap.receive(own.as_bytes())
	answer(ticket, agent, "See you on Monday.")
	send_all()
	second = mail_server.mails_to(sara)[-1]
	assert second["In-Reply-To"] == own["Message-ID"]
	assert "Monday is fine." in second.get_body(("plain",)).get_content()
	imap.receive(mail_from(sara, "Thank you.", second).as_bytes())
	assert "Thank you." in messages(ticket)[-1][1]


def test_files_come_with_it(got, ticket, sara, imap):
	mail = mail_from(sara, "Here is a picture.", got)
	mail.add_attachment(PNG, "image", "png", filename="leak.png")
	mail.add_attachment(PDF, "application", "pdf", filename="bill.pdf")
	imap.receive(mail.as_bytes())
	came = frappe.get_last_doc(
		"Communication", {"reference_name": str(ticket.name), "sent_or_received": "Received"}
	)
	files = frappe.get_all("File", {"attached_to_name": came.name}, ["file_name", "is_private"])
	assert len(files) == 2
	assert all(file.is_private for file in files)


def test_a_colleague_who_follows_answers_under_their_own_name(
	organisation, got, ticket, reply, omar, imap, mail_server
):
	organisation.change(sees=ALL)
	followers.follow(str(ticket.name), omar)
	reply("Or on Tuesday?")
	send_all()
	(mail,) = mail_server.mails_to(omar)
	imap.receive(mail_from(omar, "Tuesday, please.", mail).as_bytes())
	sender, content = messages(ticket)[-1]
	assert sender == omar
	assert "Tuesday, please." in content
	assert tickets_of(omar) == []


def test_a_colleague_who_may_see_it_follows_from_then_on(
	organisation, got, ticket, reply, omar, imap, mail_server
):
	"""Somebody has forwarded the mail; the answer keeps its thread."""
	organisation.change(sees=ALL)
	imap.receive(mail_from(omar, "I am at home on Monday.", got).as_bytes())
	assert messages(ticket)[-1][0] == omar
	reply("Then on Monday.")
	send_all()
	assert who_got(mail_server, "Then on Monday.")[omar] == 1


def test_a_colleague_who_may_not_see_it_writes_a_ticket_of_their_own(got, ticket, omar, imap):
	before = messages(ticket)
	imap.receive(mail_from(omar, "I am at home on Monday.", got).as_bytes())
	assert messages(ticket) == before
	assert len(tickets_of(omar)) == 1


@pytest.mark.parametrize("subject", ["Your ticket (#{0})", "#{0}"])
def test_nor_by_the_number_in_the_subject(ticket, omar, imap, subject):
	before = messages(ticket)
	imap.receive(mail_from(omar, "Let me in.", subject=subject.format(ticket.name)).as_bytes())
	assert messages(ticket) == before
	assert len(tickets_of(omar)) == 1


def test_who_was_removed_writes_a_ticket_of_their_own(organisation, got, ticket, sara, imap):
	accounts.note_here(sara)
	organisation.put(sara, is_disabled=1)
	before = messages(ticket)
	imap.receive(mail_from(sara, "I have left the company.", got).as_bytes())
	assert messages(ticket) == before
	assert len(tickets_of(sara)) == 2


def test_the_other_organisation_gets_no_foot_in(other_organisation, got, ticket, imap):
	stranger = join(other_organisation.address("stranger"))
	before = messages(ticket)
	imap.receive(mail_from(stranger, "Me too.", got).as_bytes())
	assert messages(ticket) == before


def test_a_stranger_is_helpdesks_to_judge(got, ticket, imap):
	"""Helpdesk takes an answer that names one of its mails, whoever writes it."""
	stranger = f"{unique('stranger')}@elsewhere.example"
	imap.receive(mail_from(stranger, "I am the plumber.", got).as_bytes())
	assert messages(ticket)[-1][0] == stranger


def test_a_stranger_who_names_nothing_opens_a_ticket(imap):
	stranger = f"{unique('stranger')}@elsewhere.example"
	imap.receive(mail_from(stranger, "Hello", subject=unique("My oven smokes")).as_bytes())
	assert len(tickets_of(stranger)) == 1


def test_a_mail_that_came_before_the_agents_reply_threads_too(ticket, sara, imap):
	"""Without any header, by the number that our subjects carry."""
	imap.receive(mail_from(sara, "One more thing.", subject=f"Re: Leak (#{ticket.name})").as_bytes())
	assert "One more thing." in messages(ticket)[-1][1]


AUTOMATIC = {
	"RFC 3834": {"Auto_Submitted": "auto-replied", "X_Auto_Response_Suppress": "All"},
	"Exchange": {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"},
	"vacation of old": {"Precedence": "bulk"},
	"cPanel": {"Precedence": "auto_reply", "X_Autorespond": "Re: leak"},
	"X-Autoreply": {"X_Autoreply": "yes"},
}


@pytest.mark.parametrize("headers", AUTOMATIC.values(), ids=AUTOMATIC)
def test_a_note_of_a_holiday_changes_nothing_and_is_told_to_agents(
	got, ticket, sara, imap, mail_server, headers
):
	before = (messages(ticket), frappe.db.get_value("HD Ticket", ticket.name, ["status", "modified"]))
	count, sent = frappe.db.count("HD Ticket"), len(mail_server.received)
	mail = mail_from(sara, "I am away until Monday.", got, "Away until Monday", **headers)
	imap.receive(mail.as_bytes(), mail.as_bytes())
	send_all()
	assert (messages(ticket), frappe.db.get_value("HD Ticket", ticket.name, ["status", "modified"])) == before
	assert (frappe.db.count("HD Ticket"), len(mail_server.received)) == (count, sent)
	row = frappe.get_last_doc(
		"Portal Notification", {"ticket": str(ticket.name), "recipient": sara, "kind": "Reply"}
	)
	assert row.state == "Sent"
	assert row.reason == "The recipient's mailbox answered by itself: Away until Monday"


PEOPLE = {
	"no robot": {"Auto_Submitted": "no"},
	"a list": {"Precedence": "list"},
	"a list of old": {"Precedence": "bulk", "List_Id": "<family.example>"},
	"wants no robots": {"X_Auto_Response_Suppress": "OOF, AutoReply"},
}


@pytest.mark.parametrize("headers", PEOPLE.values(), ids=PEOPLE)
def test_people_are_no_robots(got, ticket, sara, imap, headers):
	imap.receive(mail_from(sara, "Monday is fine.", got, **headers).as_bytes())
	assert "Monday is fine." in messages(ticket)[-1][1]


def test_a_robot_that_answers_nothing_of_ours_is_helpdesks_to_judge(imap):
	robot = f"{unique('monitor')}@elsewhere.example"
	mail = mail_from(robot, "Disk full", subject=unique("Alarm"), Auto_Submitted="auto-generated")
	imap.receive(mail.as_bytes())
	assert len(tickets_of(robot)) == 1


def test_our_own_mail_that_comes_round_is_dropped(got, ticket, imap):
	"""A rule of somebody's mailbox sends all of it back to us."""
	before, count = messages(ticket), frappe.db.count("HD Ticket")
	imap.receive(got.as_bytes())
	assert (messages(ticket), frappe.db.count("HD Ticket")) == (before, count)


@pytest.mark.parametrize("kind", ["Postfix", "Exchange", "Gmail"])
def test_a_bounce_reaches_the_ledger(got, ticket, sara, imap, mail_server, kind):
	before = messages(ticket)
	original = mail_server.received[-1]["raw"].decode()
	imap.receive(returned_mails.write(kind, original))
	communication = frappe.db.get_value(
		"Portal Notification", {"recipient": sara, "kind": "Reply"}, "communication"
	)
	assert rows(communication)[sara] == (
		"Failed",
		"The recipient's mail server does not know this address (code 5.1.1).",
	)
	assert messages(ticket) == before


def test_the_answer_of_a_member_goes_to_no_customer_by_us(got, ticket, sara, omar, imap, mail_server):
	"""Only agents' replies are told; else two who follow could talk their robots into a loop."""
	followers.follow(str(ticket.name), omar)
	imap.receive(mail_from(sara, "Monday is fine.", got).as_bytes())
	send_all()
	assert not who_got(mail_server, "Monday is fine.")


def test_a_file_of_the_agent_and_an_answer_with_one(got, ticket, agent, sara, imap, mail_server):
	file = attach_file(ticket, "plan.png", PNG, agent.name)
	answer(ticket, agent, "This is the plan.", attachments=[file.name])
	send_all()
	mail = mail_server.mails_to(sara)[-1]
	assert len(list(mail.iter_attachments())) == 1
	back = mail_from(sara, "Signed.", mail)
	back.add_attachment(PDF, "application", "pdf", filename="signed.pdf")
	imap.receive(back.as_bytes())
	assert "Signed." in messages(ticket)[-1][1]
