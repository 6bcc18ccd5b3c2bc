"""Signing in with Google and Microsoft at real OpenID providers on loopback: who comes in, and what does not do."""

import frappe
import pytest

from customer_portal import access
from customer_portal.sign_in.providers import PERSONAL_TENANT
from tests.accounts import log_in
from tests.client import hidden_fields
from tests.factories import make_agent
from tests.gateways import configure
from tests.sign_ins import (
	OTHER_TENANT,
	SIGN_IN,
	TENANT,
	Organisation,
	Way,
	changed,
	google_claims,
	is_in,
	microsoft_state,
	problem_of,
)

UNFINISHED = "The sign-in with {} was not finished, or it took too long. Please try again."
REFUSED = (
	"You cannot sign in with this account. Use the one of the address that your organisation has registered with us, "
	"or sign in in another way."
)
UNAVAILABLE = "{} cannot be reached at the moment. Try again later, or sign in in another way."


def assert_refused(way, page, status=403, problem=REFUSED):
	assert page.status_code == status
	assert problem_of(page) == problem.format(way.provider.title())
	assert "sid" not in page.cookies
	assert not is_in(way.client)


def user_of(address):
	frappe.db.commit()
	return frappe.db.get_value("User", {"email": address}, ["name", "user_type", "enabled"], as_dict=True)


# Right


def test_google(google, google_server, organisation):
	address = organisation.new_address()
	google_server.tell(claims=google_claims(address))
	answer = google.walk()
	assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/tickets")
	assert is_in(google.client)
	user = user_of(address)
	assert (user.user_type, user.enabled) == ("Website User", 1)
	assert access.member(user.name).customers == (organisation.customer,)
	assert google_server.asked.count("POST /token") == 1


def test_microsoft_of_the_organisations_own_tenant(microsoft):
	answer = microsoft.walk()
	assert answer.headers["Location"] == "/portal/tickets"
	assert is_in(microsoft.client)


def test_microsoft_with_a_domain_that_microsoft_has_checked(microsoft, microsoft_server):
	other = Organisation()
	microsoft_server.tell(**microsoft_state(other.new_address(), OTHER_TENANT, xms_edov=True))
	microsoft.walk()
	assert is_in(microsoft.client)


def test_the_address_is_compared_without_capitals(google, google_server, organisation):
	address = organisation.new_address()
	google_server.tell(claims=google_claims(address.upper()))
	google.walk()
	assert is_in(google.client)
	assert user_of(address)


def test_a_second_sign_in_is_the_same_user(google, google_server, new_client, organisation):
	address = organisation.new_address()
	google_server.tell(claims=google_claims(address))
	google.walk()
	Way("google", google_server, new_client()).walk()
	frappe.db.commit()
	assert frappe.db.count("User", {"email": address}) == 1


def test_the_ticket_for_which_somebody_came_opens(google):
	google.client.get("/portal/tickets/123456")
	answer = google.walk()
	assert answer.headers["Location"] == "/portal/tickets/123456"


def test_a_key_that_the_provider_has_just_begun_to_use(google, google_server, organisation):
	google.walk()  # our keys are those of before
	claims = google_claims(organisation.new_address())
	google_server.tell(claims=claims, forge={"key": "next"}, publishes_next_key=True)
	google.walk()
	assert is_in(google.client)


def test_what_is_asked_of_the_provider(google):
	address = google.set_out()
	for part in ("response_type=code", "code_challenge_method=S256", "scope=openid+email+profile", "nonce=", "state="):
		assert part in address
	assert "secret" not in address


# State and browser


@pytest.mark.parametrize("state", ["0" * 64, "", None, "é", "x" * 5000])
def test_a_forged_state(google, google_server, state):
	page = google.walk(state=state)
	assert_refused(google, page, 400, UNFINISHED)
	assert "POST /token" not in google_server.asked


def test_the_state_of_another_browser(google, google_server, new_client):
	"""Login CSRF: somebody's own way back, opened in another person's browser."""
	back = google.allow(google.set_out())
	victim = Way("google", google_server, new_client())
	assert_refused(victim, victim.come_back(back), 400, UNFINISHED)
	victim.set_out()
	assert_refused(victim, victim.come_back(back), 400, UNFINISHED)


def test_a_state_used_twice(google, google_server):
	back = google.allow(google.set_out())
	cookie = google.client.session.cookies.get("portal_sign_in")
	google.come_back(back)
	assert is_in(google.client)
	google.client.session.cookies.clear()
	google.client.session.cookies.set("portal_sign_in", cookie, domain="boidc.localhost", path="/")
	headers = {"Cookie": f"portal_sign_in={cookie}"}
	page = google.client.get(changed(back), headers=headers)
	assert_refused(google, page, 400, UNFINISHED)
	assert google_server.asked.count("POST /token") == 1


def test_the_code_of_another_sign_in(google, google_server, new_client):
	"""PKCE: a stolen code is worth nothing in the thief's own sign-in."""
	code_of_victim = dict(part.split("=") for part in google.allow(google.set_out()).split("?")[1].split("&"))["code"]
	thief = Way("google", google_server, new_client())
	assert_refused(thief, thief.walk(code=code_of_victim), 400, UNFINISHED)


def test_an_old_attempt(google, monkeypatch):
	back = google.allow(google.set_out())
	cookie = google.client.session.cookies.get("portal_sign_in")
	assert cookie
	from customer_portal.sign_in import attempts

	assert attempts.unseal(cookie, "google")
	monkeypatch.setattr("time.time", lambda now=attempts.time.time(): now + attempts.LIFETIME_SECONDS + 1)
	assert attempts.unseal(cookie, "google") is None
	assert back


@pytest.mark.parametrize("change", ["", "x", ".", "é"])
def test_a_changed_cookie(google, change):
	back = google.allow(google.set_out())
	cookie = google.client.session.cookies.get("portal_sign_in")
	google.client.session.cookies.clear()
	page = google.client.get(changed(back), headers={"Cookie": f"portal_sign_in={change}{cookie[:-1]}".encode()})
	assert_refused(google, page, 400, UNFINISHED)


def test_the_cookie_is_for_this_purpose_alone(google):
	google.set_out()
	cookie = next(one for one in google.client.session.cookies if one.name == "portal_sign_in")
	assert cookie.has_nonstandard_attr("HttpOnly")
	assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_the_providers_are_not_mixed_up(google, microsoft_server, microsoft):
	"""RFC 9700, 4.4: what one provider says is never taken for what the other one says."""
	back = google.allow(google.set_out())
	page = google.come_back(back.replace("/back/google", "/back/microsoft"))
	assert_refused(microsoft, page, 400, UNFINISHED)
	assert "POST /token" not in microsoft_server.asked


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "", None])
def test_an_answer_that_says_it_is_of_another_issuer(google, google_server, issuer):
	page = google.walk(iss=issuer)
	assert_refused(google, page, 400, UNFINISHED)
	assert "POST /token" not in google_server.asked


def test_a_person_who_stops_at_the_provider(google):
	address = google.set_out()
	state = dict(part.split("=") for part in address.split("?")[1].split("&"))["state"]
	page = google.client.get(f"{SIGN_IN}/back/google?error=access_denied&error_description=%3Cb%3Ehi&state={state}")
	assert_refused(google, page, 400, UNFINISHED)
	assert "hi" not in problem_of(page)


def test_looking_uses_nothing_up(google):
	back = google.allow(google.set_out())
	path = changed(back)
	answer = google.client.session.head(google.client._url(path), allow_redirects=False)
	assert (answer.status_code, answer.content) == (200, b"")
	google.client.get(path, headers={"Sec-Purpose": "prefetch"})
	google.come_back(back)
	assert is_in(google.client)


# The ID token


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
	{"key": "next"},
	{"algorithm": "none"},
	{"algorithm": "HS256"},
]


@pytest.mark.parametrize("forge", FORGED, ids=str)
def test_a_token_that_is_not_for_this_sign_in(google, google_server, organisation, forge):
	address = organisation.new_address()
	google_server.tell(claims=google_claims(address), forge=forge)
	assert_refused(google, google.walk(), 400, UNFINISHED)
	assert user_of(address) is None


# Whose address it is


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
	address = organisation.new_address()
	google_server.tell(claims={**google_claims(address, **changes)})
	assert_refused(google, google.walk())
	assert user_of(address) is None


def test_an_address_at_gmail_is_googles_own(google, google_server, organisation):
	address = f"{frappe.generate_hash(length=12)}@gmail.com"
	organisation.access.append("people", {"email": address, "role": "Member"})
	organisation.access.save(ignore_permissions=True)
	frappe.db.commit()
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
	address = organisation.new_address()
	microsoft_server.tell(**microsoft_state(address, tenant, **changes))
	page = microsoft.walk()
	status = page.status_code
	assert status in (400, 403)
	assert_refused(microsoft, page, status, UNFINISHED if status == 400 else REFUSED)
	assert user_of(address) is None


@pytest.mark.parametrize("edov", [None, False, 0, "0", "false", "1x", [True]], ids=str)
def test_an_address_that_microsoft_does_not_vouch_for(microsoft, microsoft_server, edov):
	"""nOAuth: in a tenant of one's own one may have anybody's address."""
	address = Organisation().new_address()
	microsoft_server.tell(**microsoft_state(address, OTHER_TENANT, xms_edov=edov))
	assert_refused(microsoft, microsoft.walk())
	assert user_of(address) is None


def test_a_name_is_no_address_that_microsoft_vouches_for(microsoft, microsoft_server):
	address = Organisation().new_address()
	state = microsoft_state(address, OTHER_TENANT, xms_edov=True, email="other@elsewhere.example")
	microsoft_server.tell(**state)
	assert_refused(microsoft, microsoft.walk())


def test_only_the_listed_tenants(microsoft, microsoft_server):
	address = Organisation().new_address()
	microsoft_server.tell(**microsoft_state(address, OTHER_TENANT, xms_edov=True))
	configure(microsoft_tenants=TENANT)
	assert_refused(microsoft, microsoft.walk())
	configure(microsoft_tenants=f"{TENANT} {OTHER_TENANT}")
	microsoft.walk()
	assert is_in(microsoft.client)


def test_personal_accounts_come_in_only_when_an_admin_lists_them(microsoft, microsoft_server):
	address = Organisation().new_address()
	microsoft_server.tell(**microsoft_state(address, PERSONAL_TENANT, xms_edov=True))
	assert_refused(microsoft, microsoft.walk())
	configure(microsoft_tenants=PERSONAL_TENANT)
	microsoft.walk()
	assert is_in(microsoft.client)


@pytest.mark.parametrize("tenant", ["{tenantid}", "organizations", "", "A" * 36])
def test_a_tenant_that_is_none(microsoft, microsoft_server, organisation, tenant):
	state = microsoft_state(organisation.new_address())
	microsoft_server.tell(**state, forge={"claims": {"tid": tenant}})
	assert_refused(microsoft, microsoft.walk(), 400, UNFINISHED)


# Who may not


def test_a_disabled_user(google, google_server, organisation):
	address = organisation.new_address()
	user = frappe.get_doc({"doctype": "User", "email": address, "first_name": "Noor", "send_welcome_email": 0})
	user.update({"enabled": 0, "user_type": "Website User"})
	user.insert(ignore_permissions=True)
	frappe.db.commit()
	google_server.tell(claims=google_claims(address))
	assert_refused(google, google.walk())


def test_an_agent(google, google_server, organisation):
	address = organisation.new_address()
	make_agent(address)
	google_server.tell(claims=google_claims(address))
	assert_refused(google, google.walk())


def test_who_was_taken_off_the_list_is_out_at_once(google, organisation):
	google.walk()
	assert is_in(google.client)
	organisation.access.enabled = 0
	organisation.access.save(ignore_permissions=True)
	frappe.db.commit()
	assert not is_in(google.client)
	assert_refused(google, google.walk())


# Where it leads


@pytest.mark.parametrize("name", ["redirect_to", "redirect-to", "next", "goal", "return_to", "continue", "redirect_uri"])
def test_nothing_in_an_address_says_where_to_go(google, name):
	target = "https://evil.example/"
	google.client.get(f"{SIGN_IN}?{name}={target}")
	page = google.client.get(SIGN_IN)
	fields = hidden_fields(page.text, "/with/google")
	address = google.client.post(f"{SIGN_IN}/with/google?{name}={target}", {**fields, name: target}).headers["Refresh"]
	assert "evil" not in address
	answer = google.come_back(google.allow(address.removeprefix("0; url=")), **{name: target})
	assert answer.headers["Location"] == "/portal/tickets"


def test_the_redirect_address_is_not_the_requests(google, server):
	page = google.client.get(SIGN_IN)
	headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
	fields = hidden_fields(page.text, "/with/google")
	google.client.session.headers["Host"] = google.client.host
	answer = google.client.post(f"{SIGN_IN}/with/google", fields, headers={"X-Forwarded-Host": "evil.example"})
	assert "evil" not in answer.headers["Refresh"]
	assert headers


# Providers in trouble


@pytest.mark.parametrize("trouble", ["500", "garbage", "list", "empty", "drop", "hang"])
@pytest.mark.parametrize("place", ["/token", "/keys"])
def test_a_provider_in_trouble(google, google_server, organisation, place, trouble):
	back = google.allow(google.set_out())
	forge = {"key": "next"} if place == "/keys" else None  # the keys that we have do not do
	claims = google_claims(organisation.new_address())
	google_server.tell(claims=claims, forge=forge, fail={place: trouble})
	page = google.come_back(back)
	is_answer = (place, trouble) == ("/token", "empty")
	assert_refused(google, page, *((400, UNFINISHED) if is_answer else (409, UNAVAILABLE)))
	assert hidden_fields(page.text, "/mail")
	assert hidden_fields(page.text, "/with/microsoft")


@pytest.mark.parametrize("trouble", ["500", "garbage", "list", "empty", "drop", "hang"])
def test_a_provider_that_cannot_be_found(google, google_server, trouble):
	configure(google_issuer=google_server.url.replace("127.0.0.1", f"127.0.{len(trouble)}.1"))
	google_server.tell(fail={"/discovery": trouble})
	page = google.press()
	assert (page.status_code, problem_of(page)) == (409, UNAVAILABLE.format("Google"))
	assert hidden_fields(page.text, "/mail")


def test_a_document_of_another_issuer(google, google_server):
	configure(google_issuer=f"{google_server.url}/organizations/v2.0")
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


# Forms and switches


def test_only_a_press_on_our_own_page_begins(google):
	answer = google.client.get(f"{SIGN_IN}/with/google")
	assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
	fields = hidden_fields(google.client.get(SIGN_IN).text, "/with/google")
	page = google.client.post(f"{SIGN_IN}/with/google", fields, origin="https://evil.example")
	assert page.status_code == 403
	assert google.client.post(f"{SIGN_IN}/with/google", {}).status_code == 403


@pytest.mark.parametrize("name", ["facebook", "office_365", "Google", "%00", "a" * 300])
def test_there_are_no_other_providers(google, name):
	for path in (f"{SIGN_IN}/with/{name}", f"{SIGN_IN}/back/{name}"):
		assert google.client.get(path).status_code == 404


@pytest.mark.parametrize(("switch", "ending"), [("sign_in_google", "/with/google"), ("sign_in_link", "/mail")])
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


@pytest.mark.parametrize("query", ["", "?code=&state=", "?code=a&code=b&state=c&state=d", "?state[]=1", "?code=%ff%00"])
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


def test_an_agent_who_is_signed_in_stays_no_member(google, new_client):
	agent = make_agent()
	log_in(google.client, agent.name)
	google.walk()
	assert is_in(google.client)  # as the person whose account it was, in place of the agent
