"""Frappe's own sign-in by other sites' accounts takes any ID token: members do not come in by it."""

import base64
import json

import frappe
import jwt
import pytest

from tests.factories import make_customer, unique
from tests.gateways import publish
from tests.gateways.server import HttpServer
from tests.organisations import SIGN_IN, enter, is_in

METHOD = "frappe.integrations.oauth2_logins.login_via_office365"
PATHS = (
	f"/api/method/{METHOD}",
	f"/api/v2/method/{METHOD}",
	"/api/method/frappe.www.login.login_via_office365",
)
KEY = "office_365"


class ForgingProvider(HttpServer):
	"""Answers every code with a token that nobody has signed, for ``address``."""

	address = ""

	def respond(self, request, body: str):
		claims = {"sub": unique("subject"), "email": self.address, "given_name": "Noor"}
		token = jwt.encode(claims, "anybody's secret, which nobody looks at", algorithm="HS256")
		return 200, json.dumps({"access_token": "x", "id_token": token}), {"Content-Type": "application/json"}


@pytest.fixture
def forger(site):
	provider = ForgingProvider()
	key = frappe.new_doc("Social Login Key")
	key.get_social_login_provider("Office 365", initialize=True)
	key.update({"social_login_provider": "Office 365", "custom_base_url": 1, "base_url": provider.url})
	key.update({"authorize_url": "/authorize", "access_token_url": "/token", "sign_ups": "Allow"})
	key.update({"client_id": "any", "client_secret": "any", "enable_social_login": 0})
	key.insert(ignore_permissions=True)
	publish("Social Login Key", KEY)
	yield provider
	provider.stop()
	frappe.delete_doc("Social Login Key", KEY, force=True)
	frappe.db.commit()


def come_back(client, path: str):
	state = base64.b64encode(json.dumps({"token": "any", "redirect_to": "/portal/tickets"}).encode()).decode()
	return client.get(path, params={"code": "any", "state": state}, headers={"Accept": "text/html"})


def who_is(client) -> str:
	return client.get("/api/method/frappe.auth.get_logged_user").json().get("message", "Guest")


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_token_lets_nobody_in_as_a_member(forger, client, organisation, path):
	forger.address = organisation.address()
	answer = come_back(client, path)
	assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
	assert "Traceback" not in answer.text
	assert who_is(client) == "Guest"
	frappe.db.rollback()
	assert not frappe.db.exists("User", forger.address)


def test_nor_as_one_who_has_been_here(forger, client, organisation, sign_in_as):
	forger.address = organisation.address()
	assert is_in(sign_in_as(forger.address))
	assert come_back(client, PATHS[0]).headers["Location"] == SIGN_IN
	assert not is_in(client)


@pytest.mark.parametrize("path", PATHS[:1])
def test_for_others_it_goes_on_as_it_was(forger, client, site, path):
	"""The forger's token is taken: what Frappe does for whom no organisation admits is an admin's to decide."""
	forger.address = make_customer().name
	come_back(client, path)
	assert who_is(client) == forger.address


def test_members_may_still_sign_in_by_mail(forger, client, organisation):
	assert is_in(enter(client, organisation.address()))
