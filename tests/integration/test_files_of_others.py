"""Whose path somebody knows is not their file: what customers insert as File, by Frappe's own endpoints."""

import base64
import json

import frappe
import pytest

from customer_portal import message_files
from tests.accounts import log_in
from tests.factories import attach_file, make_agent, make_customer, make_ticket
from tests.talk import own_png, say


@pytest.fixture
def customer(site):
	return make_customer().name


@pytest.fixture
def eve(client, customer):
	return log_in(client, customer)


@pytest.fixture
def own(customer):
	return make_ticket(email=customer)


@pytest.fixture
def theirs():
	ticket = make_ticket()
	return attach_file(ticket, "plan.png", own_png(), owner=ticket.raised_by)


def insert(client, ticket, **values):
	place = {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name), "is_private": 1}
	return client.post("/api/resource/File", json={**place, **values})


def files_on(ticket) -> list:
	frappe.db.rollback()
	return frappe.get_all("File", {"attached_to_name": str(ticket.name)}, pluck="name")


def spellings(path: str) -> list[dict]:
	name = path.rpartition("/")[2]
	return [
		{"file_url": path},
		{"file_url": path.replace("/private/", "/private%2F")},
		{"file_url": f"/files/../../private/files/{name}"},
		{"file_url": f"/private/files//{name}"},
		{"file_url": frappe.utils.get_url(path)},
		{"file_url": f"https://elsewhere.example{path}"},
		{"file_url": path, "content": "=", "decode": 1},
		{"file_name": name},
	]


def test_a_path_that_is_known_is_no_file_of_ones_own(eve, own, theirs):
	for values in spellings(theirs.file_url):
		answer = insert(eve, own, **values)
		assert 400 <= answer.status_code < 500, values
		assert files_on(own) == []


def test_nor_is_it_in_small_letters(eve, own, theirs):
	"""The database takes both for one; here the customer's own file has the name in capitals."""
	mine = attach_file(own, "x.png", own_png(), owner=own.raised_by)
	mine.db_set("file_url", theirs.file_url.upper().replace("/PRIVATE/FILES/", "/private/files/"))
	frappe.db.commit()
	assert insert(eve, own, file_url=theirs.file_url).status_code == 404


def test_nor_does_an_upload_or_a_change_make_it_so(eve, own, theirs):
	place = {"doctype": "HD Ticket", "docname": str(own.name), "is_private": 1}
	answer = eve.post("/api/method/upload_file", {**place, "file_url": theirs.file_url})
	assert answer.status_code == 404
	mine = attach_file(own, "mine.png", own_png(), owner=own.raised_by)
	change = {"doctype": "File", "name": mine.name, "fieldname": "file_url", "value": theirs.file_url}
	assert eve.post("/api/method/frappe.client.set_value", json=change).status_code == 404
	assert files_on(own) == [mine.name]


def reply(client, ticket, *attachments):
	args = {"message": "<p>See this.</p>", "attachments": list(attachments)}
	form = {"dt": "HD Ticket", "dn": str(ticket.name), "method": "create_communication_via_contact"}
	return client.post("/api/method/run_doc_method", {**form, "args": json.dumps(args)})


def test_a_reply_in_helpdesks_portal_brings_no_strangers_file(eve, own, theirs):
	assert reply(eve, own, {"name": theirs.name}).status_code == 404
	frappe.db.rollback()
	assert frappe.db.get_value("File", theirs.name, "attached_to_name") == theirs.attached_to_name


def test_ones_own_goes_on(eve, own):
	content = own_png()
	place = {"doctype": "HD Ticket", "docname": str(own.name), "is_private": 1}
	answer = eve.session.post(
		eve._url("/api/method/upload_file"), data=place, files={"file": ("own.png", content, "image/png")}
	)
	uploaded = answer.json()["message"]
	assert reply(eve, own, {"name": uploaded["name"]}).status_code == 200
	assert insert(eve, own, file_url=uploaded["file_url"]).status_code == 200
	other = insert(eve, own, file_name="b.png", content=base64.b64encode(own_png()).decode(), decode=1)
	assert other.status_code == 200
	assert eve.get(other.json()["data"]["file_url"]).status_code == 200


def test_a_link_to_elsewhere_goes_on(eve, own):
	assert insert(eve, own, file_url="https://elsewhere.example/files/a.png", is_private=0).status_code == 200


def test_agents_pass_files_on(client, own, theirs):
	log_in(client, make_agent().name)
	assert insert(client, own, file_url=theirs.file_url).status_code == 200


def test_a_message_does_not_show_what_was_claimed_before(own, theirs):
	message = say(own, "<p>Mine.</p>", by=own.raised_by, sent=False)
	message.db_set("owner", own.raised_by)
	claimed = attach_file(message, "x.png", own_png(), owner=own.raised_by)
	row = frappe._dict(name=message.name, content=message.content, sent_or_received="Received")
	assert [file.name for file in message_files.of(str(own.name), [row])[message.name]] == [claimed.name]
	claimed.db_set("file_url", theirs.file_url)
	assert message_files.of(str(own.name), [row]) == {}
