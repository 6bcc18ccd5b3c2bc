"""The checks of the site: its address, its endpoints, its clocks and keys, and its versions."""

import time

import frappe
import pytest

from customer_portal import links
from customer_portal.setup_check import site, versions
from customer_portal.setup_check.finding import FAILED, OK, WARNING
from tests.factories import make_ticket
from tests.gateways import configure
from tests.integration.setup_check.conftest import REACHABLE


@pytest.mark.parametrize(
	("portal_url", "state"),
	[(REACHABLE, OK), ("http://help.example.com", WARNING), ("http://help.localhost:8000", WARNING)],
)
def test_the_address_of_links(portal_url, state):
	configure(portal_url=portal_url)
	finding = site.host_name()
	assert (finding.state, portal_url in finding.found) == (state, True)


@pytest.mark.parametrize(("name", "state"), [("desk.example.com", WARNING), ("frontend", FAILED)])
def test_a_site_that_has_only_its_name(monkeypatch, name, state):
	monkeypatch.setattr(frappe.local, "conf", frappe._dict())
	monkeypatch.setattr(frappe.local, "site", name)
	assert site.host_name().state == state


@pytest.mark.parametrize(
	("values", "state"),
	[
		({}, OK),
		({"block_endpoints": 1}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": ["/api/method/other."]}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": "/api/method/other."}, OK),
		({"block_endpoints": 1, "allowed_custom_endpoints": ["/api/method/other.", ""]}, WARNING),
	],
)
def test_blocked_endpoints(monkeypatch, values, state):
	for key, value in values.items():
		monkeypatch.setitem(frappe.local.conf, key, value)
	assert site.endpoint_blocking().state == state


@pytest.mark.parametrize(
	("zone", "state"), [("Asia/Riyadh", OK), ("Mars/Olympus", FAILED), ("../etc", FAILED), (None, WARNING)]
)
def test_the_time_zone(zone, state):
	frappe.db.set_single_value("System Settings", "time_zone", zone, update_modified=False)
	assert site.time_zone().state == state


@pytest.mark.parametrize(("seconds", "state"), [(0, OK), (-1, OK), (8, WARNING), (-90, FAILED)])
def test_the_clocks(seconds, state):
	if seconds:
		frappe.db.sql("SET timestamp = %s", (time.time() + seconds,))
	try:
		assert site.clock().state == state
	finally:
		frappe.db.sql("SET timestamp = DEFAULT")


def test_the_encryption_key(monkeypatch):
	frappe.db.delete(links.DOCTYPE)
	links.ensure(make_ticket().name)
	assert site.encryption_key().state == OK
	key = frappe.local.conf.encryption_key
	monkeypatch.setitem(frappe.local.conf, "encryption_key", key[::-1].replace("=", "") + "=")
	finding = site.encryption_key()
	assert (finding.state, finding.found.startswith("1 of the 1 ")) == (WARNING, True)
	monkeypatch.setitem(frappe.local.conf, "encryption_key", "")
	finding = site.encryption_key()
	assert (finding.state, key in str(finding)) == (FAILED, False)


# Versions


@pytest.mark.parametrize(
	("text", "state"),
	[
		("14.90.0", FAILED),
		("15.108.9", FAILED),
		("15.109.0", WARNING),
		("15.120.9", WARNING),
		("15.121.0", OK),
		("16.0.0", WARNING),
		("16.33.9", WARNING),
		("16.34.0", OK),
		("16.0.0-dev", OK),
		("17.0.0-dev", WARNING),
		("nonsense", FAILED),
	],
)
def test_versions_of_frappe(text, state):
	finding = versions.judge_frappe(versions.read(text))
	assert (finding.state, text in finding.found) == (state, True)


@pytest.mark.parametrize(
	("text", "state"),
	[("1.18.9", FAILED), ("1.19.0", OK), ("v1.28.1", OK), ("1.30.0-develop", OK), ("2.0.0", WARNING)],
)
def test_versions_of_helpdesk(text, state):
	assert versions.judge_helpdesk(versions.read(text)).state == state


@pytest.mark.parametrize(
	("text", "state"), [("10.11.6-MariaDB-log", OK), ("10.5.27-MariaDB", FAILED), ("8.0.36", FAILED)]
)
def test_versions_of_the_database(text, state):
	assert versions.judge_database(text).state == state


def test_the_versions_of_this_very_bench():
	assert frappe.__version__ in versions.frappe_version().found
	assert frappe.get_attr("helpdesk.__version__") in versions.helpdesk_version().found
	assert versions.database_version().state == OK
