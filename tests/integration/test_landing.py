"""The front page, for who came without a link."""

import pytest

from tests.gateways import configure


@pytest.fixture
def contact_link():
	configure(contact_link="help@example.com")
	yield "mailto:help@example.com"
	configure(contact_link="")


def test_it_says_where_the_link_is_and_whom_to_ask(client, contact_link):
	page = client.get("/portal")
	assert page.status_code == 200
	assert "Open the link in the SMS or the e‑mail that we sent you about your ticket." in page.text
	assert f'href="{contact_link}"' in page.text
	assert page.headers["Cache-Control"] == "no-store"
	assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_it_sets_no_cookie(client):
	assert "Set-Cookie" not in client.get("/portal").headers


def test_it_speaks_the_browsers_language(client):
	page = client.get("/portal/", headers={"Accept-Language": "ar"}).text
	assert 'lang="ar" dir="rtl"' in page


def test_a_head_request_has_no_body(client):
	page = client.session.head(client._url("/portal"), timeout=30)
	assert (page.status_code, page.content) == (200, b"")


def test_a_post_is_refused(client):
	answer = client.post("/portal")
	assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/portal.html", "/portal//", "/x/%2e%2e/portal", "/%2e/portal.html"])
def test_other_spellings_are_no_way_to_the_bare_template(client, path):
	page = client.get(path)
	assert page.status_code in (200, 404)
	assert "{%" not in page.text
