"""What every answer under /t says to browsers, proxies and search engines; and that templates are no pages."""

import re

import frappe
import pytest

from tests.door import home_of, sign_in
from tests.factories import make_ticket

EXPECTED = {
	"Cache-Control": "no-store",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy": "no-referrer",
	"X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY",
	"X-Robots-Tag": "noindex, nofollow",
}


@pytest.fixture(scope="module")
def ticket():
	return make_ticket()


@pytest.fixture
def answers(client, ticket):
	home = sign_in(client, ticket)
	yield {
		"ticket": client.get(home),
		"state": client.get(f"{home}/state"),
		"file": client.get(f"{home}/file/x"),
		"not found": client.get("/t/unknown"),
		"wrong method": client.get(f"{home}/verify"),
		"unknown method": client.session.put(client.base + home),
		"forbidden": client.post(f"{home}/verify", {"code": "1"}),
		"json": client.post(f"{home}/verify", "{", headers={"Content-Type": "application/json"}),
		"verification": client.get(home_of(make_ticket())),
	}


def test_every_answer(answers):
	for name, answer in answers.items():
		for header, value in EXPECTED.items():
			assert answer.headers[header] == value, name
		assert "otp-credentials=(self)" in answer.headers["Permissions-Policy"], name
		assert "X-Page-Name" not in answer.headers, name


def test_the_policy_admits_nothing_from_elsewhere(answers):
	for name in ("ticket", "verification", "not found", "forbidden", "json"):
		policy = answers[name].headers["Content-Security-Policy"]
		for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
			assert part in policy
		assert "unsafe" not in policy
		assert "http" not in policy


def test_pages_name_no_other_host(answers):
	for answer in answers.values():
		links = re.findall(r'(?:src|href|action|srcset|data)="([^"]*)"', answer.text)
		assert not [link for link in links if re.match(r"(https?:)?//", link)]


def test_an_error_of_ours_is_a_calm_page(client, ticket):
	"""The file of the ticket's template is gone: a trouble of the server, told without details."""
	home = sign_in(client, ticket)
	frappe.db.set_value("HD Ticket", ticket.name, "_assign", "{broken")
	frappe.db.commit()
	answer = client.get(home)
	frappe.db.set_value("HD Ticket", ticket.name, "_assign", None)
	frappe.db.commit()
	assert answer.status_code == 500
	assert "Something went wrong on our side." in answer.text
	assert "Traceback" not in answer.text
	assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
	"path",
	[
		"/templates/portal/ticket.html",
		"/portal/ticket",
		"/portal/base",
		"/ticket.html",
		"/assets/customer_portal/../templates/portal/ticket.html",
	],
)
def test_templates_are_no_pages(client, path):
	answer = client.get(path)
	assert answer.status_code == 404
	assert "visitor.home" not in answer.text


def test_other_pages_of_the_site_are_left_alone(client):
	answer = client.get("/login")
	assert answer.status_code == 200
	assert "portal_browser" not in answer.headers.get("Set-Cookie", "")
	assert client.get("/tx").status_code == 404
