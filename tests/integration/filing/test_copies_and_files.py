"""What is sent along: files, and who else is to know."""

from dataclasses import replace
from pathlib import Path

import frappe
import pytest

from customer_portal import access
from customer_portal.exceptions import FileHasVirus
from customer_portal.integrations import clamav
from customer_portal.ticket_forms import copies, filing
from customer_portal.uploads import Upload
from tests.clamd import EICAR, tcp_scanner
from tests.factories import make_agent, unique
from tests.filing import (
	fill,
	problems,
	ticket_of,
	tickets_of,
	typed,
)
from tests.sample_files import DOCX, HTML
from tests.talk import PDF, files_of, messages, own_png

BAD = Upload("letter.txt", EICAR)


def test_files_lie_at_the_message_and_at_the_ticket(member):
	picture = own_png()
	sent = [("files", "leak.png", picture), ("files", "letter.docx", DOCX), ("files", "again.png", picture)]
	answer = fill(member, "Default", sent)
	ticket = ticket_of(answer)
	stored = files_of(ticket)
	assert sorted(file.file_name.rpartition(".")[2] for file in stored) == ["docx", "png", "png"]
	for file in stored:
		assert file.is_private
		content = Path(frappe.get_doc("File", file.name).get_full_path()).read_bytes()
		assert content in (picture, DOCX)
	at_ticket = {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name)}
	assert {file.file_url for file in stored} == set(frappe.get_all("File", at_ticket, pluck="file_url"))
	page = member.follow(answer).text
	assert page.count(f"/portal/tickets/{ticket.name}/file/") >= 3
	assert member.get(f"/portal/tickets/{ticket.name}/file/{stored[0].name}").content == picture


@pytest.mark.parametrize(
	"files, sentence",
	[
		([("files", "page.pdf", HTML)], "it is not what its name says"),
		([("files", "run.exe", b"MZ")], "We take these kinds"),
		([("files", f"{number}.pdf", PDF) for number in range(6)], "Too many files."),
		([("files", "big.pdf", PDF + bytes(11 * 1024 * 1024))], "too large"),
	],
	ids=["kind", "ending", "number", "size"],
)
def test_files_that_are_not_taken(organisation, member, files, sentence):
	answer = fill(member, "Default", files, subject="Keep me")
	assert answer.status_code == 422
	assert sentence in problems(answer.text)["files"]
	assert typed(answer.text, "subject") == "Keep me"
	assert "Choose your files again" in answer.text
	assert tickets_of(organisation) == 0


def test_files_in_other_fields_are_refused(organisation, member):
	assert fill(member, "Default", [("other", "x.pdf", PDF)]).status_code == 400
	ticket = ticket_of(fill(member, "Default", [("f_nothing", "x.pdf", PDF)]))
	assert files_of(ticket) == []


def test_a_virus(organisation, person, member, monkeypatch):
	"""Nothing is filed, and the form's key is not used up: it can be sent again without the file."""
	frappe.set_user(person)
	request = filing.Request(
		access.member(person), person, "0" * 32, "Default", organisation.customer, "Leak", "Water", {}
	)
	with tcp_scanner() as (_scanner, address):
		monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
		for infected in ({"files": (BAD,)}, {"attachments": {"x": BAD}}):
			with pytest.raises(FileHasVirus):
				filing.file(replace(request, **infected))
	assert tickets_of(organisation) == 0
	assert filing.file(request) == filing.file(request)
	frappe.set_user("Administrator")
	assert tickets_of(organisation) == 1


def test_colleagues_are_copied(organisation, person, member):
	outside = organisation.put(f"{unique('partner')}@partner.example")
	colleague = organisation.address("omar")
	text = f"  {colleague.upper()}, {outside}; {person}\n{colleague}"
	ticket = ticket_of(fill(member, "Default", copies=text))
	assert messages(ticket)[0].cc == f"{colleague}, {outside}"


def test_a_copied_colleague_who_was_here_before_follows(organisation, member, sign_in_as):
	colleague = organisation.address()
	theirs = sign_in_as(colleague)
	ticket = ticket_of(fill(member, "Default", copies=colleague))
	assert theirs.get(f"/portal/tickets/{ticket.name}").status_code == 200
	another = ticket_of(fill(member, "Default"))
	assert theirs.get(f"/portal/tickets/{another.name}").status_code == 404


def test_nobody_else_is_copied(organisation, other_organisation, member):
	"""Or our mail could be sent to anybody by whoever may file a ticket."""
	gone = organisation.put(organisation.address("gone"), is_disabled=1)
	strangers = (
		"stranger@example.com",
		other_organisation.address(),
		f"x@sub.{organisation.domain}",
		f"x@{organisation.domain}.evil.example",
		gone,
	)
	for stranger in strangers:
		answer = fill(member, "Default", copies=f"{organisation.address()} {stranger}")
		assert problems(answer.text) == {"copies": f"{stranger} is not on your organisation's list."}
		assert typed(answer.text, "copies").endswith(stranger)
	for text in ("nonsense", "a@b@c", '"a b"@x.example', "a@[127.0.0.1]", "<script>@x.example"):
		assert "is no e-mail address." in problems(fill(member, "Default", copies=text).text)["copies"]
	assert "\r" not in fill(member, "Default", copies="a\r\nBcc: b@c.example").headers.get("Location", "")
	many = " ".join(organisation.address() for _number in range(copies.MOST + 1))
	assert problems(fill(member, "Default", copies=many).text) == {"copies": "Name 10 people at most."}
	assert tickets_of(organisation) == 0


def test_a_mail_that_an_agent_answers_reaches_the_copied(organisation, member):
	"""Helpdesk's page takes the addresses of the message that is answered: ``cc`` of the first one."""
	colleague = organisation.address()
	ticket = ticket_of(fill(member, "Default", copies=colleague))
	agent = make_agent()
	was = frappe.db.get_single_value("HD Settings", "enable_reply_email_via_agent")
	frappe.set_user(agent.name)
	frappe.db.set_single_value("HD Settings", "enable_reply_email_via_agent", 0)
	try:
		frappe.get_doc("HD Ticket", ticket.name).reply_via_agent(
			"Hello", to=ticket.raised_by, cc=messages(ticket)[0].cc
		)
	finally:
		frappe.set_user("Administrator")
		frappe.db.set_single_value("HD Settings", "enable_reply_email_via_agent", was)
		frappe.db.commit()
	assert messages(ticket)[-1].cc == colleague
