"""Whom Google and Microsoft let in: whose ID token it is, whose address, and who may not."""

import frappe
import pytest

from customer_portal.sign_in.providers import PERSONAL_TENANT
from tests.factories import make_agent
from tests.gateways import configure
from tests.organisations import is_in
from tests.sign_ins import (
	OTHER_TENANT,
	REFUSED,
	TENANT,
	UNFINISHED,
	assert_refused,
	google_claims,
	microsoft_state,
	user_of,
)

FORGED = [
	{"claims": {"nonce": "another"}},
	{"without": ["nonce"]},
	{"claims": {"nonce": 5}},
	{"claims": {"aud": "another-client"}},
	{"claims": {"aud": ["the-portal", "another-client"], "azp": "the-portal"}},
	{"claims": {"azp": "another-client"}},
	{"without": ["aud"]},
	{"claims": {"iss": "https://accounts.google.com"}},
	{"without": ["iss"]},
	{"without": ["sub"]},
	{"claims": {"exp": 1_700_000_000}},
	{"without": ["exp"]},
	{"claims": {"iat": 1_700_000_000}},
	{"claims": {"iat": 4_000_000_000}},
	{"claims": {"iat": "yesterday"}},
	{"claims": {"nbf": 4_000_000_000}},
	{"without": ["iat"]},
	{"key": "foreign"},
	{"key": "hidden"},
	{"algorithm": "none"},
	{"algorithm": "HS256"},
]


@pytest.mark.parametrize("forge", FORGED, ids=str)
def test_a_token_that_is_not_for_this_sign_in(google, google_server, organisation, forge):
	address = organisation.address()
	google_server.tell(claims=google_claims(address), forge=forge)
	assert_refused(google, google.walk(), 400, UNFINISHED)
	assert user_of(address) is None


@pytest.mark.parametrize(
	"changes",
	[
		{"email_verified": False},
		{"email_verified": None},
		{"email_verified": "true"},
		{"hd": None},  # an account of somebody's own with an address that Google does not host
		{"email": None},
		{"email": "no address"},
		{"email": ["a@b.example"]},
	],
	ids=str,
)
def test_an_address_that_google_does_not_vouch_for(google, google_server, organisation, changes):
	address = organisation.address()
	google_server.tell(claims={**google_claims(address, **changes)})
	assert_refused(google, google.walk())
	assert user_of(address) is None


def test_an_address_at_gmail_is_googles_own(google, google_server, organisation):
	address = f"{frappe.generate_hash(length=12)}@gmail.com"
	organisation.put(address)
	google_server.tell(claims=google_claims(address, hd=None))
	google.walk()
	assert is_in(google.client)


def test_only_the_listed_workspaces(google, google_server, organisation):
	configure(google_domains="other.example")
	assert_refused(google, google.walk())
	configure(google_domains=f"other.example {organisation.domain}")
	google.walk()
	assert is_in(google.client)


def test_another_domain(google, google_server):
	address = "noor@elsewhere.example"
	google_server.tell(claims=google_claims(address))
	assert_refused(google, google.walk())
	assert user_of(address) is None


@pytest.mark.parametrize(
	("tenant", "changes"),
	[
		(OTHER_TENANT, {}),
		(OTHER_TENANT, {"xms_edov": True}),  # the admin has said which tenant is this domain's
		(TENANT, {"idp": "https://sts.windows.net/somewhere/"}),
		(TENANT, {"acct": 1}),
		(TENANT, {"tid": OTHER_TENANT}),  # then the issuer is not the tenant's
	],
	ids=str,
)
def test_another_tenant(microsoft, microsoft_server, organisation, tenant, changes):
	address = organisation.address()
	microsoft_server.tell(**microsoft_state(address, tenant, **changes))
	page = microsoft.walk()
	status = page.status_code
	assert status in (400, 403)
	assert_refused(microsoft, page, status, UNFINISHED if status == 400 else REFUSED)
	assert user_of(address) is None


@pytest.mark.parametrize("edov", [None, False, 0, "0", "false", "1x", [True]], ids=str)
def test_an_address_that_microsoft_does_not_vouch_for(microsoft, microsoft_server, other_organisation, edov):
	"""nOAuth: in a tenant of one's own one may have anybody's address."""
	address = other_organisation.address()
	microsoft_server.tell(**microsoft_state(address, OTHER_TENANT, xms_edov=edov))
	assert_refused(microsoft, microsoft.walk())
	assert user_of(address) is None


def test_a_name_is_no_address_that_microsoft_vouches_for(microsoft, microsoft_server, other_organisation):
	address = other_organisation.address()
	state = microsoft_state(address, OTHER_TENANT, xms_edov=True, email="other@elsewhere.example")
	microsoft_server.tell(**state)
	assert_refused(microsoft, microsoft.walk())


def test_only_the_listed_tenants(microsoft, microsoft_server, other_organisation):
	address = other_organisation.address()
	microsoft_server.tell(**microsoft_state(address, OTHER_TENANT, xms_edov=True))
	configure(microsoft_tenants=TENANT)
	assert_refused(microsoft, microsoft.walk())
	configure(microsoft_tenants=f"{TENANT} {OTHER_TENANT}")
	microsoft.walk()
	assert is_in(microsoft.client)


def test_personal_accounts_come_in_only_when_an_admin_lists_them(
	microsoft, microsoft_server, other_organisation
):
	address = other_organisation.address()
	microsoft_server.tell(**microsoft_state(address, PERSONAL_TENANT, xms_edov=True))
	assert_refused(microsoft, microsoft.walk())
	configure(microsoft_tenants=PERSONAL_TENANT)
	microsoft.walk()
	assert is_in(microsoft.client)


@pytest.mark.parametrize("tenant", ["{tenantid}", "organizations", "", "A" * 36])
def test_a_tenant_that_is_none(microsoft, microsoft_server, organisation, tenant):
	state = microsoft_state(organisation.address())
	microsoft_server.tell(**state, forge={"claims": {"tid": tenant}})
	assert_refused(microsoft, microsoft.walk(), 400, UNFINISHED)


def test_a_disabled_user(google, google_server, organisation):
	address = organisation.address()
	user = frappe.get_doc(
		{"doctype": "User", "email": address, "first_name": "Noor", "send_welcome_email": 0}
	)
	user.update({"enabled": 0, "user_type": "Website User"})
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	google_server.tell(claims=google_claims(address))
	assert_refused(google, google.walk())


def test_an_agent(google, google_server, organisation):
	address = organisation.address()
	make_agent(address)
	google_server.tell(claims=google_claims(address))
	assert_refused(google, google.walk())


def test_who_was_taken_off_the_list_is_out_at_once(google, organisation):
	google.walk()
	assert is_in(google.client)
	organisation.change(enabled=0)
	assert not is_in(google.client)
	assert_refused(google, google.walk())
