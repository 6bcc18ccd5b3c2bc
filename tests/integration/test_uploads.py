"""Files that strangers send: only what its name says, only as much as allowed, only what the scanner lets through."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import frappe
import pytest
from PIL import Image

from customer_portal import file_kinds, jpeg, uploads
from customer_portal.exceptions import FileHasVirus, FileNotChecked
from customer_portal.integrations import clamav
from tests.clamd import EICAR, tcp_scanner, unix_scanner
from tests.client import Client, hidden_fields
from tests.conftest import SITES
from tests.door import counts, sign_in
from tests.factories import make_ticket, saudi_mobile, unique
from tests.gateways import configure
from tests.servers import web_server
from tests.talk import PDF, PNG, act, files_of, messages

OLE = file_kinds.OLE[0] + bytes(600)
REFUSED_SENTENCE = "it is empty, or it is not what its name says"


def package(*names: str, first: bytes | None = None) -> bytes:
	memory = BytesIO()
	with zipfile.ZipFile(memory, "w") as archive:
		if first:
			archive.writestr("mimetype", first)
		for name in names:
			archive.writestr(name, "x")
	return memory.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")
ODT = package("content.xml", first=file_kinds.PACKAGES["odt"])
GOOD = {
	"letter.pdf": PDF,
	"photo.png": PNG,
	"photo.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(20),
	"photo.jpeg": b"\xff\xd8\xff\xe1" + bytes(20),
	"anim.gif": b"GIF89a" + bytes(20),
	"photo.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20),
	"photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(20),
	"notes.txt": "Größe: 3 < 4, a <b> and مرحبا".encode(),
	"utf16.txt": "Text".encode("utf-16"),
	"table.csv": b"a;b\n1;2\n",
	"letter.doc": OLE,
	"table.xls": OLE,
	"letter.docx": DOCX,
	"table.xlsx": package("[Content_Types].xml", "xl/workbook.xml"),
	"letter.odt": ODT,
	"table.ods": package("content.xml", first=file_kinds.PACKAGES["ods"]),
	"film.mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(20),
	"film.mov": b"\x00\x00\x00\x14ftypqt  " + bytes(20),
}
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EVIL = {
	"empty.pdf": b"",
	"page.pdf": HTML,
	"page.png": HTML,
	"page.txt": b"\xef\xbb\xbf \n" + HTML,
	"later.txt": b"Dear all,\n" * 20 + b"<script>alert(1)</script>",
	"wide.txt": HTML.decode().encode("utf-16"),
	"picture.png": SVG,
	"picture.jpg": b'<?xml version="1.0"?>' + SVG,
	"picture.csv": SVG,
	"program.pdf": b"MZ\x90\x00" + PDF,
	"program.txt": b"\x7fELF\x02\x01\x01",
	"script.txt": b"#!/bin/sh\nrm -rf /\n",
	"spaced.txt": b"\n\n #!/bin/sh\n",
	"mac.png": b"\xcf\xfa\xed\xfe" + bytes(20),
	"java.jpg": b"\xca\xfe\xba\xbe" + bytes(20),
	"shortcut.doc": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(20),
	"php.jpg": b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
	"polyglot.gif": b"GIF89a" + bytes(4) + b"/*<script>alert(1)</script>*/",
	"gifar.gif": b"GIF89a" + bytes(20) + package("A.class", "META-INF/MANIFEST.MF"),
	"jar.pdf": PDF + package("A.class"),
	"late.pdf": HTML + PDF,
	"archive.docx": package("A.class", "META-INF/MANIFEST.MF"),
	"macros.docx": package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
	"other.odt": package("content.xml", first=b"application/java-archive"),
	"torn.docx": DOCX[:-30],
	"binary.csv": bytes(range(256)),
	"letter.xls": PDF,
	"image.pdf": PNG,
	"photo.heic": b"\x00\x00\x00\x18ftypmp42" + bytes(20),
	"zip.txt": package("a"),
	"gz.png": gzip.compress(b"x"),
}
NEVER_TAKEN = (
	"x.exe",
	"x.html",
	"x.svg",
	"x.js",
	"x.php",
	"x.pdf.exe",
	"x",
	".pdf",
	"pdf",
	"x.docm",
	"x.pdf/",
)
NAMES = {
	"../../etc/passwd.pdf": "passwd.pdf",
	"C:\\Users\\sara\\leak.pdf": "leak.pdf",
	"/private/files/x.pdf": "x.pdf",
	"invoice\u202efdp.exe.pdf": "invoicefdp.exe.pdf",
	"a\u200bb\u2066c\x00d\x1b.pdf": "abcd.pdf",
	'a"b<c>d|e?f*g.pdf': "a_b_c_d_e_f_g.pdf",
	"a\r\nSet-Cookie: x.pdf": "aSet-Cookie_ x.pdf",
	"  .. leak .pdf  ": "leak.pdf",
	"{{7*7}}.pdf": "_7_7_.pdf",
	"\u062a\u0633\u0631\u0628.pdf": "\u062a\u0633\u0631\u0628.pdf",
	"e\u0301.pdf": "\u00e9.pdf",
	"": "file",
	"...": "file",
	"😀.png": "😀.png",
}


@pytest.fixture
def ticket():
	return make_ticket(phone=saudi_mobile())


@pytest.fixture
def home(client, ticket):
	return sign_in(client, ticket)


@pytest.fixture(scope="module")
def scanner(site):
	with tcp_scanner() as (scanner, address):
		scanner.address = address
		yield scanner


@pytest.fixture(scope="module")
def scanned_server(site, scanner, tmp_path_factory):
	"""A web server whose site is configured to use the scanner; that of the other tests never hears of it."""
	bench = tmp_path_factory.mktemp("scanned")
	(bench / "logs").mkdir()
	folder = bench / "sites"
	folder.mkdir()
	for entry in SITES.iterdir():
		if entry.name != site:
			(folder / entry.name).symlink_to(entry)
	(folder / site).mkdir()
	for entry in (SITES / site).iterdir():
		(folder / site / entry.name).symlink_to(entry)
	config = folder / site / "site_config.json"
	values = json.loads(config.read_text())
	config.unlink()
	config.write_text(json.dumps({**values, clamav.SETTING: scanner.address}))
	with web_server(site, folder, bench / "web.log", workers=1) as port:
		yield port


@pytest.fixture
def checked(scanned_server, scanner, site, everything_on, ticket):
	"""A verified browser at that server, and the path of its ticket's link."""
	scanner.scanned.clear()
	scanner.is_silent, scanner.largest = False, 25 * 1024 * 1024
	client = Client(scanned_server, site)
	return client, sign_in(client, ticket)


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


def photo(**options) -> bytes:
	memory = BytesIO()
	picture = Image.new("RGB", (40, 20), "red")
	notes = picture.getexif()
	notes.update({0x0112: 6, 0x010F: "SecretCam"})
	picture.save(memory, "JPEG", exif=notes, comment=b"secret", **options)
	return memory.getvalue()


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


def test_a_picture_of_many_pixels_costs_nothing(everything_on, client, ticket, home):
	"""Frappe would unpack each pixel: 60,000 by 60,000 are 250 GB. Its head alone says so here."""
	head = photo().replace(bytes((0, 20, 0, 40)), b"\xea\x60\xea\x60", 1)
	assert head != photo()
	assert act(client, home, "reply", [("photo.jpg", head)], text="x").status_code == 303


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


def test_clamav_stops_what_it_finds(checked, scanner, ticket):
	client, home = checked
	answer = act(client, home, "reply", [("a.pdf", PDF), ("b.txt", b"x " + EICAR)], text="Keep this")
	assert (answer.status_code, "virus scanner has found something" in answer.text) == (422, True)
	assert "Keep this</textarea>" in answer.text
	assert files_of(ticket) == []
	large = PDF + bytes(200_000)
	assert act(client, home, "reply", [("a.pdf", large)], text="Good").status_code == 303
	assert scanner.scanned == [PDF, b"x " + EICAR, large]
	assert len(files_of(ticket)) == 1


@pytest.mark.parametrize("trouble", ["silent", "size"])
def test_a_scanner_that_does_not_say_yes_refuses_files_and_loses_nothing(checked, scanner, ticket, trouble):
	client, home = checked
	scanner.is_silent = trouble == "silent"
	scanner.largest = 10 if trouble == "size" else 1000
	answer = act(client, home, "reply", [("a.pdf", PDF + bytes(100_000))], text="Keep this")
	assert (answer.status_code, "could not be checked for viruses" in answer.text) == (422, True)
	assert "Keep this</textarea>" in answer.text
	assert files_of(ticket) == []
	assert act(client, home, "reply", text="Keep this").status_code == 303


def test_by_a_unix_socket(tmp_path, monkeypatch):
	with unix_scanner(tmp_path / "clamd.ctl") as scanner:
		monkeypatch.setitem(frappe.local.conf, clamav.SETTING, str(tmp_path / "clamd.ctl"))
		clamav.scan("a.pdf", PDF)
		with pytest.raises(FileHasVirus):
			clamav.scan("a.txt", EICAR)
		assert scanner.scanned == [PDF, EICAR]


@pytest.mark.parametrize("address", ["127.0.0.1:9", "127.0.0.1:x", "/nowhere/clamd.ctl"])
def test_a_scanner_that_is_down_refuses(monkeypatch, address):
	monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
	with pytest.raises(FileNotChecked):
		clamav.scan("a.pdf", PDF)


def test_scanners_of_other_apps_are_asked(monkeypatch):
	asked = []
	monkeypatch.setattr(
		frappe, "get_hooks", lambda name: ["frappe.utils.cint"] if name == uploads.HOOK else []
	)
	monkeypatch.setattr(
		frappe, "get_attr", lambda path: lambda name, content: asked.append((path, name, content))
	)
	uploads.scan([uploads.Upload("a.pdf", PDF)])
	assert asked == [("frappe.utils.cint", "a.pdf", PDF)]


def test_off_means_off(monkeypatch):
	monkeypatch.setitem(frappe.local.conf, clamav.SETTING, "off")
	assert clamav.configured() is None
