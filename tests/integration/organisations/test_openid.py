"""Signing in with Google and Microsoft at real OpenID providers on loopback: the way there and back."""

import frappe
import pytest

from customer_portal import access
from customer_portal.sign_in import attempts
from tests.client import hidden_fields
from tests.doors import later
from tests.gateways import configure
from tests.organisations import SIGN_IN, is_in
from tests.sign_ins import (
	OTHER_TENANT,
	UNFINISHED,
	Way,
	assert_refused,
	changed,
	google_claims,
	microsoft_state,
	problem_of,
	query_of,
	user_of,
)


def test_google(google, google_server, organisation):
	address = organisation.address()
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


def test_microsoft_with_a_domain_that_microsoft_has_checked(microsoft, microsoft_server, other_organisation):
	microsoft_server.tell(**microsoft_state(other_organisation.address(), OTHER_TENANT, xms_edov=True))
	microsoft.walk()
	assert is_in(microsoft.client)


def test_the_address_is_compared_without_capitals(google, google_server, organisation):
	address = organisation.address()
	google_server.tell(claims=google_claims(address.upper()))
	google.walk()
	assert is_in(google.client)
	assert user_of(address)


def test_a_second_sign_in_is_the_same_user(google, google_server, new_client, organisation):
	address = organisation.address()
	google_server.tell(claims=google_claims(address))
	google.walk()
	Way("google", google_server, new_client()).walk()
	frappe.db.rollback()
	assert frappe.db.count("User", {"email": address}) == 1


def test_the_ticket_for_which_somebody_came_opens(google):
	google.client.get("/portal/tickets/123456")
	answer = google.walk()
	assert answer.headers["Location"] == "/portal/tickets/123456"


def test_a_key_that_the_provider_has_just_begun_to_use(google, google_server, new_client, organisation):
	Way("google", google_server, new_client()).walk()  # our keys are those of before
	claims = google_claims(organisation.address())
	google_server.tell(claims=claims, forge={"key": "next"}, publishes_next_key=True)
	google.walk()
	assert is_in(google.client)


def test_what_is_asked_of_the_provider(google):
	address = google.set_out()
	for part in (
		"response_type=code",
		"code_challenge_method=S256",
		"scope=openid+email+profile",
		"nonce=",
		"state=",
	):
		assert part in address
	assert "secret" not in address


@pytest.mark.parametrize("state", ["0" * 64, "", None, "é", "x" * 3000])
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
	page = google.client.get(changed(back), headers={"Cookie": f"portal_sign_in={cookie}"})
	assert_refused(google, page, 400, UNFINISHED)
	assert google_server.asked.count("POST /token") == 1


def test_the_code_of_another_sign_in(google, google_server, new_client):
	"""PKCE: a stolen code is worth nothing in the thief's own sign-in."""
	of_victim = query_of(google.allow(google.set_out()))
	thief = Way("google", google_server, new_client())
	assert_refused(thief, thief.walk(code=of_victim["code"]), 400, UNFINISHED)
	assert google_server.asked.count("POST /token") == 1


def test_an_attempt_ends_after_ten_minutes(google):
	google.set_out()
	cookie = google.client.session.cookies.get("portal_sign_in")
	with later(minutes=9):
		assert attempts.unseal(cookie, "google")
	with later(minutes=10, seconds=1):
		assert attempts.unseal(cookie, "google") is None


@pytest.mark.parametrize("change", ["", "x", ".", "é"])
def test_a_changed_cookie(google, change):
	back = google.allow(google.set_out())
	cookie = google.client.session.cookies.get("portal_sign_in")
	google.client.session.cookies.clear()
	page = google.client.get(
		changed(back), headers={"Cookie": f"portal_sign_in={change}{cookie[:-1]}".encode()}
	)
	assert_refused(google, page, 400, UNFINISHED)


def test_the_cookie_is_for_this_purpose_alone(google):
	google.set_out()
	cookie = next(one for one in google.client.session.cookies if one.name == "portal_sign_in")
	assert cookie.has_nonstandard_attr("HttpOnly")
	assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_with_tls_only_this_very_host_can_set_the_cookie(google, site):
	fields = hidden_fields(google.client.get(SIGN_IN).text, "/with/google")
	configure(portal_url=f"https://{site}")
	given = google.client.post(f"{SIGN_IN}/with/google", fields).headers["Set-Cookie"]
	assert given.startswith("__Host-portal_sign_in=")
	for part in ("Secure", "HttpOnly", "Path=/;", "SameSite=Lax", "Max-Age=600"):
		assert part in given
	assert "Domain" not in given


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
	state = query_of(google.set_out())["state"]
	page = google.client.get(
		f"{SIGN_IN}/back/google?error=access_denied&error_description=%3Cb%3Ehi&state={state}"
	)
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


@pytest.mark.parametrize(
	"name", ["redirect_to", "redirect-to", "next", "goal", "return_to", "continue", "redirect_uri"]
)
def test_nothing_in_an_address_says_where_to_go(google, name):
	target = "https://evil.example/"
	google.client.get(f"{SIGN_IN}?{name}={target}")
	page = google.client.get(SIGN_IN)
	fields = hidden_fields(page.text, "/with/google")
	address = google.client.post(f"{SIGN_IN}/with/google?{name}={target}", {**fields, name: target}).headers[
		"Refresh"
	]
	assert "evil" not in address
	answer = google.come_back(google.allow(address.removeprefix("0; url=")), **{name: target})
	assert answer.headers["Location"] == "/portal/tickets"


def test_the_redirect_address_is_not_the_requests(google, site, server):
	fields = hidden_fields(google.client.get(SIGN_IN).text, "/with/google")
	headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
	answer = google.client.post(f"{SIGN_IN}/with/google", fields, headers=headers)
	configured = f"http://{site}:{server}{SIGN_IN}/back/google"
	assert query_of(answer.headers["Refresh"])["redirect_uri"] == configured
