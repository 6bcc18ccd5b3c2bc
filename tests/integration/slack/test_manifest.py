"""The app's manifest: what it asks for is what the code uses, and Slack takes it as it is."""

import ast
import json
import re

import frappe
import pytest

from customer_portal import provider_hooks, settings
from customer_portal.integrations.slack import client, file_api
from customer_portal.pages import site_routes
from customer_portal.slack import intake, manifest, told
from tests.accounts import log_in
from tests.factories import make_agent
from tests.gateways import configure
from tests.gateways.slack import SIGNING_SECRET, sign, use_slack
from tests.gateways.slack.api import METHODS
from tests.source import modules

SITE = "https://help.example.com"


@pytest.fixture(autouse=True)
def reachable(site):
	configure(portal_url=SITE, company_name="Noor Repairs")
	yield
	configure(portal_url="", company_name="")


def made() -> dict:
	return json.loads(manifest.manifest())


def methods_called() -> set[str]:
	"""The Web API's methods that we name."""
	trees = [modules()[part.__name__].tree for part in (client, file_api)]
	texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
	return {text for text in texts if isinstance(text, str) and text in METHODS}


def test_it_has_the_sites_own_addresses():
	configured = made()["settings"]
	assert configured["event_subscriptions"]["request_url"] == f"{SITE}/portal/hooks/slack/events"
	assert configured["interactivity"] == {
		"is_enabled": True,
		"request_url": f"{SITE}/portal/hooks/slack/actions",
	}
	switches = ("org_deploy_enabled", "socket_mode_enabled", "token_rotation_enabled")
	assert [configured[switch] for switch in switches] == [False, False, False]


def test_the_addresses_are_routes_of_ours():
	for path in (provider_hooks.SLACK_EVENTS, provider_hooks.SLACK_ACTIONS):
		assert ("POST", path.removeprefix("/portal/")) in site_routes.ROUTES


def test_the_scopes_are_those_of_the_methods_that_are_called():
	called = methods_called()
	assert {"chat.postMessage", "users.conversations", "files.completeUploadExternal"} <= called
	needed = {scope for name in called for scope in METHODS[name].scopes}
	assert set(manifest.SCOPES) == needed | {"chat:write.customize"}  # for the name in the app's place
	assert made()["oauth_config"]["scopes"]["bot"] == sorted(manifest.SCOPES)


def test_the_events_are_those_that_are_worked_on():
	events = made()["settings"]["event_subscriptions"]["bot_events"]
	assert events == sorted(manifest.EVENTS)
	kinds = {event.partition(".")[0] for event in events}
	assert kinds == {"message", told.FILE_DELETED, told.CHANNEL_MOVED, *told.REVOKED, *intake.OPENED}


@pytest.mark.parametrize(
	("company", "bot"),
	[
		("Noor Repairs", "noor-repairs"),
		("Café Zürich & Söhne GmbH", "cafe-zurich-sohne-gmbh"),
		("شركة نور للصيانة", "customer-portal"),
		("نور Noor", "noor"),
		("…", "customer-portal"),
		('A "B" \\ <C> & Co.', "a-b-c-co"),
		("The Very Long Name of a Company " * 6, None),
		("Ж" * 140, "customer-portal"),
	],
)
def test_lengths_and_letters_are_those_that_slack_takes(company, bot):
	"""https://docs.slack.dev/reference/app-manifest#fields"""
	configure(company_name=company)
	shown, user = made()["display_information"], made()["features"]["bot_user"]
	assert 0 < len(shown["name"]) <= 35
	assert 0 < len(shown["description"]) <= 140
	assert re.fullmatch(r"[a-z0-9._-]{1,80}", user["display_name"])
	assert shown["name"].rstrip("…").strip() in " ".join(company.split()) or company == "…"
	assert bot is None or user["display_name"] == bot


@pytest.mark.parametrize(
	"address",
	["http://help.example.com", "http://help.localhost:8000", "https://intranet", "https://a.local"],
)
def test_there_is_none_while_slack_cannot_reach_the_site(address):
	configure(portal_url=address)
	assert manifest.manifest() == ""
	document = frappe.get_doc(settings.DOCTYPE)
	document.run_method("onload")
	assert not document.get_onload().get("slack")


def test_the_settings_show_it(client):
	manager = make_agent().reload()
	manager.add_roles("System Manager")
	frappe.db.commit()
	log_in(client, manager.name)
	path = "/api/method/frappe.desk.form.load.getdoc"
	answer = client.get(f"{path}?doctype=Customer+Portal+Settings&name=Customer+Portal+Settings").json()
	shown = answer["docs"][0]["__onload"]["slack"]
	assert json.loads(shown["manifest"]) == made()
	assert shown["events"] == f"{SITE}/portal/hooks/slack/events"
	assert shown["actions"] == f"{SITE}/portal/hooks/slack/actions"
	assert shown["bot_name"] == "noor-repairs"


def test_slack_verifies_the_request_url_as_soon_as_the_secret_is_saved(slack, client):
	"""Before the token is there: Slack asks when the app is made from the manifest."""
	use_slack(slack, slack_enabled=0, slack_bot_token="")
	body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
	headers = {"Content-Type": "application/json", **sign(body, SIGNING_SECRET)}
	answer = client.post(provider_hooks.SLACK_EVENTS, body, origin=None, headers=headers)
	assert (answer.status_code, answer.text) == (200, "3eZbrw1a")
