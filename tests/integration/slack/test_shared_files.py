"""Files that several people have, or that have the same content."""

import time
from pathlib import Path

import frappe
import pytest

from tests import system_settings
from tests.client import Client
from tests.factories import make_agent, unique
from tests.integration.slack.conftest import answer, replies, split_off, whispers
from tests.integration.slack.test_deleted_files import erase, take_back
from tests.integration.slack.test_files_of_answers import kinds, member, rows_of, salaries
from tests.integration.slack.test_modes import comments
from tests.integration.slack.time_machine import sweep_until_quiet
from tests.organisations import make_organisation
from tests.talk import own_png

__all__ = ["member", "salaries"]


def second_agent(desk):
	other = make_agent()
	user = desk.slack.add_user(other.full_name, other.email)
	for place in (desk.channel, desk.slack.triage):
		desk.slack.invite(user, place)
	return other, user


def test_two_agents_bring_the_same_and_delete_both(desk, ticket, member: Client, salaries):
	_other, user = second_agent(desk)
	first = desk.say(ticket, "Here", files=[salaries])
	second = desk.say(ticket, "Here too", user=user, files=[salaries])
	address = rows_of(salaries)[0].file_url
	desk.slack.remove_file(desk.user, first["files"][0]["id"])
	desk.run()
	desk.slack.remove_file(user, second["files"][0]["id"])
	desk.run()
	assert not whispers(desk)
	status = member.get(address).status_code
	assert (rows_of(salaries), status in (403, 404)) == ([], True)


def test_two_agents_share_one_file_that_is_deleted_once(desk, ticket, member: Client, salaries):
	_other, user = second_agent(desk)
	file = desk.slack.add_file(desk.user, *salaries)
	desk.say(ticket, "Here", files=[file])
	desk.say(ticket, "As she says", user=user, files=[file])
	address = rows_of(salaries)[0].file_url
	desk.slack.remove_file(desk.user, file["id"])
	desk.run()
	status = member.get(address).status_code
	assert (rows_of(salaries), status in (403, 404)) == ([], True)


def test_two_agents_bring_the_same_and_delete_both_messages(desk, ticket, member: Client, salaries):
	_other, user = second_agent(desk)
	first = desk.say(ticket, "Here", files=[salaries])
	second = desk.say(ticket, "Here too", user=user, files=[salaries])
	address = rows_of(salaries)[0].file_url
	desk.slack.remove(desk.user, desk.channel, first["ts"])
	desk.run()
	desk.slack.remove(user, desk.channel, second["ts"])
	desk.run()
	assert replies(ticket) == []
	status = member.get(address).status_code
	assert (rows_of(salaries), status in (403, 404)) == ([], True)


def of_another_customer(desk):
	"""A ticket, and the channel that is its customer's own."""
	other = make_organisation("other")
	channel = desk.slack.add_channel(unique("other"))
	desk.slack.invite(desk.user, channel)
	other.change(slack_channel=channel)
	theirs = other.ticket()
	desk.run()
	return theirs, channel


def of_agent(agent, ticket, file):
	frappe.set_user(agent.name)
	try:
		return frappe.get_doc(
			{
				"doctype": "File",
				"file_name": file[0],
				"content": file[1],
				"is_private": 1,
				"attached_to_doctype": "HD Ticket",
				"attached_to_name": str(ticket.name),
			}
		).insert()
	finally:
		frappe.set_user("Administrator")
		frappe.db.commit()


@pytest.mark.parametrize("how", ["file", "message"])
def test_a_picture_in_an_earlier_reply_stays(desk, ticket, agent, member: Client, how):
	picture = (f"{unique('pic')}.png", own_png())
	file = of_agent(agent, ticket, picture)
	answer(ticket, agent, f'<p>See <img src="{file.file_url}"></p>')
	desk.run()
	assert member.get(file.file_url).status_code == 200
	written = desk.say(ticket, "Once more", files=[picture])
	take_back(desk, written, how)
	assert frappe.db.exists("File", file.name)
	assert member.get(file.file_url).status_code == 200


def test_a_comments_picture_stays(desk, ticket, agent):
	picture = (f"{unique('pic')}.png", own_png())
	file = of_agent(agent, ticket, picture)
	frappe.set_user(agent.name)
	frappe.get_doc("HD Ticket", ticket.name).new_comment(f'<p>Internal <img src="{file.file_url}"></p>')
	frappe.set_user("Administrator")
	frappe.db.commit()
	written = desk.say(ticket, "Here", files=[picture])
	erase(desk, written)
	assert frappe.db.exists("File", file.name)


def test_two_files_of_the_same_content_in_one_message(desk, ticket, salaries):
	copy = (f"{unique('copy')}.txt", salaries[1])
	written = desk.say(ticket, "", files=[salaries, copy])
	assert len(replies(ticket)) == 1
	erase(desk, written, 0)
	assert len(replies(ticket)) == 1
	own = {"attached_to_doctype": "Communication", "attached_to_name": replies(ticket)[0].name}
	assert frappe.db.count("File", own) == 1


def test_names_that_differ_in_capital_letters_alone(desk, ticket, member):
	stem = unique("report")
	one, two = (f"{stem}.txt", b"one " + stem.encode()), (f"{stem.title()}.txt", b"two " + stem.encode())
	assert one[0] != two[0]
	first = desk.say(ticket, "Here", files=[one])
	desk.say(ticket, "And", files=[two])
	urls = {row.file_url for row in rows_of(one)}
	assert len(urls) == 2, urls
	erase(desk, first)
	left = [(r.file_url, r.attached_to_doctype) for r in rows_of(one)]
	assert not [r for r in left if r[0].endswith(f"/{one[0]}")], left


def test_names_that_differ_in_capitals_in_one_message(desk, ticket, member):
	stem = unique("report")
	one, two = (f"{stem}.txt", b"one " + stem.encode()), (f"{stem.title()}.txt", b"two " + stem.encode())
	written = desk.say(ticket, "Here", files=[one, two])
	before = [(r.file_url, r.attached_to_doctype) for r in rows_of(one)]
	erase(desk, written, 1)
	left = [(r.file_url, r.attached_to_doctype) for r in rows_of(one)]
	assert (f"/private/files/{one[0]}", "Communication") in left, (before, left)


def test_a_strangers_deletion_of_a_file_that_an_agent_has_shared(desk, ticket, salaries):
	stranger = desk.slack.add_user("Stranger", f"{unique('s')}@nobody.example")
	desk.slack.invite(stranger, desk.channel)
	file = desk.slack.add_file(stranger, *salaries)
	desk.say(ticket, "Here it is", files=[file])
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	desk.slack.remove_file(stranger, file["id"])
	desk.run()
	assert kinds(salaries) == ["Communication", "HD Ticket"]


def test_kinds_that_frappe_allows(desk, ticket):
	system_settings.change(allowed_file_extensions="PDF")
	try:
		desk.say(ticket, "Here", files=[("tool.exe", b"MZ" + unique("tool").encode())])
	finally:
		system_settings.change(allowed_file_extensions="")
	assert not frappe.get_all(
		"File",
		{
			"file_name": ("like", "tool%"),
			"attached_to_doctype": "Communication",
			"attached_to_name": replies(ticket)[0].name,
		},
	)


def test_a_reply_that_was_split_off(desk, ticket, agent, member: Client, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	time.sleep(1)
	address = rows_of(salaries)[0].file_url
	(reply,) = replies(ticket)
	split_off(agent, reply.name)
	sweep_until_quiet()
	erase(desk, written)
	status = member.get(address).status_code
	left = frappe.get_all("File", {"file_url": address}, ["attached_to_doctype", "attached_to_name"])
	assert (left, status in (403, 404)) == ([], True), (ticket.name, whispers(desk))


def test_a_note_of_the_same_content_stays_hidden(desk, ticket, member: Client, salaries):
	written = desk.say(ticket, "Here", files=[salaries])
	desk.say(ticket, "note: keep", files=[salaries])
	address = rows_of(salaries)[0].file_url
	erase(desk, written)
	assert kinds(salaries) == ["HD Ticket Comment"]
	assert member.get(address).status_code in (403, 404)


def test_a_notes_file_goes_and_the_replys_stays(desk, ticket, member: Client, salaries):
	desk.say(ticket, "Here", files=[salaries])
	written = desk.say(ticket, "note: gone", files=[salaries])
	address = rows_of(salaries)[0].file_url
	erase(desk, written)
	assert kinds(salaries) == ["Communication", "HD Ticket"]
	assert member.get(address).content == salaries[1]


def test_a_note_that_is_a_file_alone(desk, ticket, salaries):
	desk.say(ticket, "note:", files=[salaries])
	assert len(comments(ticket)) == 1 and not whispers(desk)
	assert replies(ticket) == []


def test_the_same_content_in_another_customers_ticket_stays(desk, ticket, open_door, agent, salaries):
	theirs, channel = of_another_customer(desk)
	desk.say(theirs, "Here", files=[salaries], channel=channel)
	written = desk.say(ticket, "Here", files=[salaries])
	erase(desk, written)
	left = frappe.get_all(
		"File", {"file_url": rows_of(salaries)[0].file_url}, ["name", "attached_to_doctype"]
	)
	assert sorted(one.attached_to_doctype for one in left) == ["Communication", "HD Ticket"]
	assert Path(frappe.get_doc("File", left[0].name).get_full_path()).read_bytes() == salaries[1]


def test_the_name_of_a_notes_file_is_not_told_to_the_customer(desk, ticket, member: Client, salaries):
	secret, public = f"{unique('bad-payer')}.txt", f"{unique('terms')}.txt"
	desk.say(ticket, "note: what about this?", files=[(secret, salaries[1])])
	desk.say(ticket, "Our terms", files=[(public, salaries[1])])
	page = member.get(f"/portal/tickets/{ticket.name}").text
	assert (secret.removesuffix(".txt") in page, public.removesuffix(".txt") in page) == (False, True)


def test_the_name_of_another_customers_file_is_not_told(desk, ticket, open_door, member: Client, salaries):
	theirs, channel = of_another_customer(desk)
	secret, public = f"{unique('rates-of-other')}.txt", f"{unique('terms')}.txt"
	desk.say(theirs, "Here", files=[(secret, salaries[1])], channel=channel)
	desk.say(ticket, "Our terms", files=[(public, salaries[1])])
	page = member.get(f"/portal/tickets/{ticket.name}").text
	assert (secret.removesuffix(".txt") in page, public.removesuffix(".txt") in page) == (False, True)
