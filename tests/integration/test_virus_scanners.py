"""Scanners of files: no file passes that one of them has not let through."""

import json

import frappe
import pytest

from customer_portal import uploads
from customer_portal.exceptions import FileHasVirus, FileNotChecked
from customer_portal.integrations import clamav
from tests.clamd import EICAR, tcp_scanner, unix_scanner
from tests.client import Client
from tests.conftest import SITES
from tests.door import sign_in
from tests.servers import web_server
from tests.talk import PDF, act, files_of


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
