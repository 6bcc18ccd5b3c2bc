"""The check of the virus scanner."""

import frappe
import pytest

from customer_portal.integrations import clamav
from customer_portal.setup_check import files
from customer_portal.setup_check.finding import FAILED, OFF, OK
from tests.clamd import tcp_scanner


def test_a_scanner_that_answers(site, monkeypatch):
	with tcp_scanner() as (scanner, address):
		monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
		assert (files.virus_scanner().state, address in files.virus_scanner().found) == (OK, True)
		assert scanner.scanned == [files.SAMPLE] * 2
		scanner.is_silent = True
		assert files.virus_scanner().state == FAILED


@pytest.mark.parametrize(
	("address", "state"), [("off", OFF), ("127.0.0.1:9", FAILED), ("no address", FAILED)]
)
def test_no_scanner(site, monkeypatch, address, state):
	monkeypatch.setitem(frappe.local.conf, clamav.SETTING, address)
	assert files.virus_scanner().state == state
