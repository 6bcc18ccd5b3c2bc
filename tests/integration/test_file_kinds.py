"""What is in a file, and how it may be called."""

import zipfile
from io import BytesIO
from pathlib import Path

import frappe
import pytest
from PIL import Image

from customer_portal import file_kinds, jpeg, uploads
from tests.client import hidden_fields
from tests.factories import unique
from tests.gateways import configure
from tests.sample_files import EVIL, GOOD, HTML, NAMES, SVG, photo
from tests.talk import PDF, act, files_of


@pytest.mark.parametrize("name", GOOD)
def test_what_it_says_it_is(name):
	assert file_kinds.fits(name.rpartition(".")[2].lower(), GOOD[name])


@pytest.mark.parametrize("name", EVIL)
def test_what_it_is_not(name):
	assert not file_kinds.fits(name.rpartition(".")[2].lower(), EVIL[name])


def test_an_admins_own_ending_still_runs_nothing():
	assert file_kinds.fits("step", b"ISO-10303-21;")
	for content in (HTML, SVG, b"MZ\x90", b"#!/bin/sh", b""):
		assert not file_kinds.fits("step", content)


@pytest.mark.parametrize("name", NAMES)
def test_safe_names(name):
	assert uploads.safe_name(name) == NAMES[name]


@pytest.mark.parametrize("length", [100, 255, 5000])
@pytest.mark.parametrize("sign", ["a", "ن", "😀"])
def test_long_names(everything_on, client, ticket, home, length, sign):
	name = uploads.safe_name(sign * length + ".pdf")
	assert name.endswith(".pdf")
	for _ in range(2):  # a name that is taken grows
		content = PDF + unique("a").encode()
		assert act(client, home, "reply", [(name, content)], text="x").status_code == 303
	assert len(files_of(ticket)) == 2


def test_all_good_ones_arrive(everything_on, client, ticket, home):
	configure(uploads_per_reply=len(GOOD))
	assert act(client, home, "reply", list(GOOD.items()), text="Here").status_code == 303
	assert len(files_of(ticket)) == len(GOOD)


@pytest.mark.parametrize("name", [name for name in NAMES if name.strip().endswith(".pdf")])
def test_odd_names_are_stored_as_safe_ones(everything_on, client, ticket, home, name):
	boundary = "x" * 20
	fields = {**hidden_fields(client.get(home).text, "/reply"), "text": "x"}
	raw = (
		name.encode().replace(b'"', b"%22").replace(b"\r\n", b"%0D%0A")
	)  # as browsers write it (HTML 4.10.21.8)
	parts = [
		b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
		% (boundary.encode(), key.encode(), value.encode())
		for key, value in fields.items()
	]
	parts.append(
		b'--%s\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n'
		b"Content-Type: text/html\r\n\r\n%s\r\n--%s--\r\n" % (boundary.encode(), raw, PDF, boundary.encode())
	)
	answer = client.post(
		f"{home}/reply",
		b"".join(parts),
		headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
	)
	assert answer.status_code == 303
	(file,) = files_of(ticket)
	for sign in "\\/\u202e\u2066\x00\x1b\r\n":
		assert sign not in file.file_name
	assert file.file_url.startswith("/private/files/")


def stored(ticket) -> bytes:
	"""What is on the disk; agents find the same at the message and at the ticket."""
	(file,) = files_of(ticket)
	of_ticket = {"attached_to_doctype": "HD Ticket", "attached_to_name": str(ticket.name)}
	assert frappe.get_all("File", of_ticket, pluck="file_url") == [file.file_url]
	return Path(frappe.get_doc("File", file.name).get_full_path()).read_bytes()


CODE_PAGES = {
	"windows.pdf": PDF + bytes(range(0xA1, 0xFF)),
	"mark.txt": b"\xef\xbb\xbfText",
	"lines.csv": b"a\r\nb",
}


@pytest.mark.parametrize("name", CODE_PAGES)
def test_every_byte_arrives(everything_on, client, ticket, home, name):
	"""Frappe reads what some Windows code page allows as text, and would store that again in UTF-8."""
	assert act(client, home, "reply", [(name, CODE_PAGES[name])], text="x").status_code == 303
	assert stored(ticket) == CODE_PAGES[name]


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=str)
def test_photos_lose_what_the_camera_noted_but_not_which_way_is_up(
	everything_on, client, ticket, home, options
):
	assert act(client, home, "reply", [("photo.jpg", photo(**options))], text="x").status_code == 303
	content = stored(ticket)
	shown = Image.open(BytesIO(content))
	assert dict(shown.getexif()) == {0x0112: 6}
	assert shown.size == (40, 20)
	assert shown.convert("RGB").getpixel((5, 5))[0] > 250
	assert b"secret" not in content.lower()


@pytest.mark.parametrize("end", [3, 5, 20, 40, 60, 120])
def test_broken_photos_break_nothing(end):
	content = photo()[:end]
	assert jpeg.without_notes(content).startswith(content[:2])
	assert jpeg.without_notes(PDF) == PDF


def test_a_photo_of_endless_segments_is_not_read_to_its_end():
	"""Ten megabytes of empty ones took seconds and hundreds of megabytes."""
	segment = b"\xff\xfe\x00\x02"
	crafted = jpeg.START + segment * (jpeg.MOST_SEGMENTS + 3)
	assert jpeg.without_notes(crafted) == jpeg.START + segment * 3


def test_a_document_of_endless_parts_is_not_listed():
	"""Ten megabytes of empty ones take a second and a hundred megabytes."""
	made = BytesIO()
	with zipfile.ZipFile(made, "w") as package:
		package.writestr("[Content_Types].xml", "x")
		package.writestr("word/document.xml", "x")
		for number in range(file_kinds.MOST_PARTS - 2):
			package.writestr(str(number), "")
	assert file_kinds.fits("docx", made.getvalue())
	with zipfile.ZipFile(made, "a") as package:
		package.writestr("one more", "")
	assert not file_kinds.fits("docx", made.getvalue())


def test_a_picture_of_many_pixels_costs_nothing(everything_on, client, ticket, home):
	"""Frappe would unpack each pixel: 60,000 by 60,000 are 250 GB. Its head alone says so here."""
	head = photo().replace(bytes((0, 20, 0, 40)), b"\xea\x60\xea\x60", 1)
	assert head != photo()
	assert act(client, home, "reply", [("photo.jpg", head)], text="x").status_code == 303
