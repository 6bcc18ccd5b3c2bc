"""Files that strangers send: only what its name says, only as much as allowed."""

import frappe
import pytest

from tests.client import hidden_fields
from tests.door import counts
from tests.gateways import configure
from tests.sample_files import EVIL, NEVER_TAKEN
from tests.talk import PDF, act, files_of, messages

REFUSED_SENTENCE = "it is empty, or it is not what its name says"


@pytest.mark.parametrize("name", EVIL)
def test_no_evil_one_does(everything_on, client, ticket, home, name):
	before = counts()
	answer = act(client, home, "reply", [("good.pdf", PDF), (name, EVIL[name])], text="Keep this")
	assert (answer.status_code, REFUSED_SENTENCE in answer.text) == (422, True)
	assert "Keep this</textarea>" in answer.text
	after = counts()
	assert {**after, "links": 0, "counted acts": 0} == {**before, "links": 0, "counted acts": 0}
	assert files_of(ticket) == []


@pytest.mark.parametrize("name", NEVER_TAKEN)
def test_endings_that_are_not_taken(everything_on, client, ticket, home, name):
	configure(upload_types="pdf exe html svg js php docm")
	try:
		answer = act(client, home, "reply", [(name, PDF)], text="Keep this")
	finally:
		configure(upload_types=frappe.get_meta("Customer Portal Settings").get_field("upload_types").default)
	assert (answer.status_code, "We take these kinds" in answer.text) == (422, True)
	assert files_of(ticket) == []


def test_too_large(everything_on, client, ticket, home):
	configure(upload_megabytes=1)
	answer = act(client, home, "reply", [("large.pdf", PDF + bytes(1024 * 1024))], text="Keep this")
	assert (answer.status_code, "A file may have 1 MB at most." in answer.text) == (413, True)
	assert "Keep this</textarea>" in answer.text
	assert files_of(ticket) == []


def test_exactly_large_enough(everything_on, client, ticket, home):
	configure(upload_megabytes=1)
	content = PDF + bytes(1024 * 1024 - len(PDF))
	assert act(client, home, "reply", [("large.pdf", content)], text="x").status_code == 303


def test_too_many(everything_on, client, ticket, home):
	configure(uploads_per_reply=2)
	answer = act(client, home, "reply", [(f"{n}.pdf", PDF) for n in range(3)], text="Keep this")
	assert (answer.status_code, "Send 2 at most" in answer.text) == (422, True)
	assert files_of(ticket) == []


def test_a_body_past_all_limits(everything_on, client, ticket, home):
	configure(upload_megabytes=1, uploads_per_reply=1)
	before = counts()
	answer = act(client, home, "reply", [("large.pdf", PDF + bytes(3 * 1024 * 1024))], text="x")
	assert answer.status_code == 413
	assert counts()["communications"] == before["communications"]


def test_a_body_past_what_frappe_takes(everything_on, client, ticket, home):
	answer = act(client, home, "reply", [("large.pdf", PDF + bytes(27 * 1024 * 1024))], text="x")
	assert answer.status_code == 413
	assert "This request is too large." in answer.text or "<h1>" in answer.text
	assert files_of(ticket) == []


def test_the_other_forms_stay_small(everything_on, client, home):
	form = hidden_fields(client.get(home).text, "/language")
	assert client.post(f"{home}/language", {**form, "language": "e" * 20_000}).status_code == 413


def test_files_in_other_fields_and_other_forms(everything_on, client, ticket, home):
	fields = {**hidden_fields(client.get(home).text, "/reply"), "text": "x"}
	for files in ([("other", ("a.pdf", PDF))], [("text", ("a.pdf", PDF))], [("files[]", ("a.pdf", PDF))]):
		assert client.post(f"{home}/reply", fields, files=files).status_code == 400
	assert len(messages(ticket)) == 1


def test_no_file_is_public_or_reached_by_its_path(everything_on, client, new_client, ticket, home):
	act(client, home, "reply", [("leak.pdf", PDF)], text="x")
	(file,) = files_of(ticket)
	assert file.is_private
	for visitor in (client, new_client()):
		assert visitor.get(file.file_url).status_code == 403
