"""Names of files, which customers change by Frappe's REST: each gives a download that ends in one sane name."""

import re
from urllib.parse import unquote

import frappe
import pytest

from tests.door import sign_in
from tests.factories import attach_file, make_ticket, unique

NAMES = {
	"ev\nil\r\nX: y.pdf": "ev il X y.pdf",
	"a\x00b\x1b[2J\x7f\x85c.txt": "a b [2J c.txt",
	"invoice\u202egpj.exe": "invoicegpj.exe",
	"\u2066a\u2069\u200f\u061cb.pdf": "ab.pdf",
	"a\u2028b\u2029c.pdf": "a b c.pdf",
	"../../etc/passwd": "etc passwd",
	"..\\..\\windows\\win.ini": "windows win.ini",
	"/": "file",
	"...": "file",
	" . ": "file",
	".htaccess": "htaccess",
	'a"b;c=d%0d%0a.pdf': "a b;c=d%0d%0a.pdf",
	"CON: <x>|?*.pdf": "CON x .pdf",
	"فاتورة رقم ١.pdf": "فاتورة رقم ١.pdf",
	"نامه\u200cها.pdf": "نامه\u200cها.pdf",
	"\U0001f600 größe.pdf": "\U0001f600 größe.pdf",
	"a" * 140: "a" * 140,
}


@pytest.fixture
def download(client):
	"""Call it with a file's name: the response of the guest's file route."""
	ticket = make_ticket()
	home = sign_in(client, ticket)
	file = attach_file(ticket, "own.pdf", b"%PDF " + unique("").encode(), owner=ticket.raised_by)
	frappe.db.set_value("HD Ticket", ticket.name, "description", f'<a href="{file.file_url}">x</a>')

	def get(**values):
		frappe.db.set_value("File", file.name, values)
		frappe.db.commit()
		return client.get(f"{home}/file/{file.name}")

	return get


def name_of(response) -> str:
	"""As a browser reads it: the extended parameter comes first (RFC 6266, 4.3)."""
	header = response.headers["Content-Disposition"]
	extended = re.search(r"filename\*=UTF-8''([^;]+)", header)
	if extended:
		return unquote(extended[1])
	return re.search(r'filename="?([^"]*)"?$', header)[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_download_has_one_sane_name(download, name):
	response = download(file_name=name)
	assert response.status_code == 200
	assert response.content.startswith(b"%PDF")
	assert response.headers["Content-Disposition"].startswith("attachment")
	assert "X" not in response.headers
	assert name_of(response) == NAMES[name]


@pytest.mark.parametrize("name", [None, ""])
def test_a_file_without_a_name_has_one(download, name):
	assert name_of(download(file_name=name)) == "file"
