"""Google and Microsoft in trouble, ways to sign in that are switched off, and what no provider sends."""

import frappe
import pytest

from customer_portal.sign_in import providers
from customer_portal.sign_in.providers import PERSONAL_TENANT
from tests.accounts import log_in
from tests.client import hidden_fields
from tests.doors import reset_limits
from tests.factories import make_agent
from tests.gateways import configure
from tests.organisations import SIGN_IN, is_in
from tests.sign_ins import (
	OTHER_TENANT,
	TENANT,
	UNAVAILABLE,
	UNFINISHED,
	Way,
	assert_refused,
	google_claims,
	problem_of,
)


@pytest.mark.parametrize("trouble", ["500", "garbage", "list", "empty", "drop", "hang"])
@pytest.mark.parametrize("place", ["/token", "/keys"])
def test_a_provider_in_trouble(google, google_server, organisation, place, trouble):
	back = google.allow(google.set_out())
	forge = {"key": "hidden"} if place == "/keys" else None  # the keys that we have do not do
	claims = google_claims(organisation.address())
	google_server.tell(claims=claims, forge=forge, fail={place: trouble})
	configure(provider_timeout_seconds=1)
	page = google.come_back(back)
	is_answer = (place, trouble) == ("/token", "empty")
	assert_refused(google, page, *((400, UNFINISHED) if is_answer else (409, UNAVAILABLE)))
	assert hidden_fields(page.text, "/mail")
	assert hidden_fields(page.text, "/with/microsoft")


@pytest.mark.parametrize("trouble", ["500", "garbage", "list", "empty", "drop", "hang"])
def test_a_provider_that_cannot_be_found(google, google_server, trouble):
	configure(google_issuer=google_server.url.replace("127.0.0.1", f"127.0.{len(trouble)}.1"))
	google_server.tell(fail={"/discovery": trouble})
	configure(provider_timeout_seconds=1)
	page = google.press()
	assert (page.status_code, problem_of(page)) == (409, UNAVAILABLE.format("Google"))
	assert hidden_fields(page.text, "/mail")


@pytest.mark.parametrize("trouble", ["garbage", "list", "empty"])
def test_a_bad_document_is_not_kept(google, google_server, organisation, trouble):
	claims = google_claims(organisation.address())
	google_server.tell(claims=claims, forge={"key": "hidden"})  # whose signature makes the keys be read anew
	google.walk()
	back = google.allow(google.set_out())
	google_server.tell(claims=claims, forge={"key": "hidden"}, fail={"/keys": trouble})
	assert google.come_back(back).status_code == 409
	google_server.tell(claims=claims)
	google.walk()
	assert is_in(google.client)


def test_a_document_of_another_issuer(google, google_server):
	configure(google_issuer=google_server.url.replace("127.0.0.1", "localhost"))
	page = google.press()
	assert (page.status_code, problem_of(page)) == (409, UNAVAILABLE.format("Google"))


def test_a_wrong_secret_is_told_to_admins_and_to_nobody_else(google, google_server):
	key = frappe.get_doc("Social Login Key", "google")
	key.client_secret = "wrong"
	key.save(ignore_permissions=True)
	frappe.db.commit()
	assert_refused(google, google.walk(), 400, UNFINISHED)
	frappe.db.commit()
	entry = frappe.get_last_doc("Error Log", {"method": ("like", "%Google does not accept%")})
	assert "wrong" not in entry.error


def test_only_a_press_on_our_own_page_begins(google):
	answer = google.client.get(f"{SIGN_IN}/with/google")
	assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
	fields = hidden_fields(google.client.get(SIGN_IN).text, "/with/google")
	page = google.client.post(f"{SIGN_IN}/with/google", fields, origin="https://evil.example")
	assert page.status_code == 403
	assert google.client.post(f"{SIGN_IN}/with/google", {"form_token": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["facebook", "office_365", "Google", "%00", "a" * 300])
def test_there_are_no_other_providers(google, name):
	for path in (f"{SIGN_IN}/with/{name}", f"{SIGN_IN}/back/{name}"):
		assert google.client.get(path).status_code == 404


@pytest.mark.parametrize(
	("switch", "ending"), [("sign_in_google", "/with/google"), ("sign_in_link", "/mail")]
)
def test_a_way_that_is_switched_off(google, switch, ending):
	fields = hidden_fields(google.client.get(SIGN_IN).text, ending)
	configure(**{switch: 0})
	page = google.client.get(SIGN_IN)
	assert page.status_code == 200
	with pytest.raises(LookupError):
		hidden_fields(page.text, ending)
	assert google.client.post(SIGN_IN + ending, {**fields, "email": "a@b.example"}).status_code == 404


def test_a_provider_without_a_client_is_not_offered(google):
	frappe.db.set_value("Social Login Key", "google", "client_id", "")
	frappe.db.commit()
	assert "/with/google" not in google.client.get(SIGN_IN).text


@pytest.mark.parametrize(
	"query", ["", "?code=&state=", "?code=a&code=b&state=c&state=d", "?state[]=1", "?code=%ff%00"]
)
def test_bad_answers(google, query):
	google.set_out()
	page = google.client.get(f"{SIGN_IN}/back/google{query}")
	assert_refused(google, page, 400, UNFINISHED)


def test_too_many_from_one_address(google):
	configure(checks_per_ip_per_hour=2)
	for _ in range(2):
		google.walk(code="wrong")
	page = google.walk()
	assert page.status_code == 429
	assert int(page.headers["Retry-After"]) > 0
	assert not is_in(google.client)


def test_right_sign_ins_from_one_address_are_not_counted(google, google_server, new_client):
	configure(checks_per_ip_per_hour=1)
	for _ in range(3):
		way = Way("google", google_server, new_client())
		way.walk()
		assert is_in(way.client)


def test_an_agent_who_is_signed_in_becomes_the_person_of_the_account(google):
	agent = make_agent()
	log_in(google.client, agent.name)
	google.walk()
	assert is_in(google.client)


def test_what_an_admin_may_save(google):
	reset_limits()
	document = frappe.get_doc("Customer Portal Settings")
	document.update({"sign_in_link": 0, "sign_in_google": 1, "sign_in_microsoft": 1})
	document.update({"google_domains": "Example.com, example.org", "microsoft_tenants": PERSONAL_TENANT})
	document.save()
	frappe.db.rollback()


def test_the_addresses_to_register_are_in_the_settings(google, site, server):
	document = frappe.get_doc("Customer Portal Settings")
	document.run_method("onload")
	home = f"http://{site}:{server}/portal"
	backs = {name: f"{home}/sign-in/back/{name}" for name in ("google", "microsoft")}
	assert document.get_onload("addresses") == {"portal": home, **backs}


@pytest.mark.parametrize(
	("tenants", "of_customer", "expected"),
	[
		("", "", "organizations"),
		(TENANT, "", TENANT),
		(TENANT, OTHER_TENANT, "organizations"),
		(f"{TENANT} {OTHER_TENANT}", "", "organizations"),
		(f"{TENANT}, {PERSONAL_TENANT}", "", "common"),
		(PERSONAL_TENANT, "", PERSONAL_TENANT),
	],
)
def test_whom_microsoft_lets_choose_an_account(google, organisation, tenants, of_customer, expected):
	frappe.db.set_value("Portal Customer Access", {"microsoft_tenant": ("is", "set")}, "microsoft_tenant", "")
	organisation.change(microsoft_tenant=of_customer)
	configure(microsoft_tenants=tenants, microsoft_issuer="")
	assert providers.issuer(providers.MICROSOFT) == f"https://login.microsoftonline.com/{expected}/v2.0"
	assert providers.issuer(providers.GOOGLE).startswith("http://127.0.0.1")
	configure(google_issuer="")
	assert providers.issuer(providers.GOOGLE) == "https://accounts.google.com"
