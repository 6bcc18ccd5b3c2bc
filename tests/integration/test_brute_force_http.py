"""Guessing codes as a stranger would: through HTTP, in parallel, with every header and path that may help."""

from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from customer_portal import links, sessions
from tests.client import hidden_fields
from tests.door import home_of, set_code, submit
from tests.doors import reset_limits, wrong_codes
from tests.gateways import configure

GUESSES = 200
CODE = "1357"


@pytest.fixture(autouse=True)
def limits(mail_server, twilio):
	reset_limits()
	configure(checks_per_ip_per_hour=10_000)
	yield
	reset_limits()


@pytest.fixture
def home(client, ticket):
	"""A browser that waits for ``CODE``."""
	home = home_of(ticket)
	assert ask(client, ticket, home).status_code == 303
	set_code(ticket, CODE)
	return home


def ask(client, ticket, home):
	return submit(client, home, "code", by="email", contact=ticket.raised_by, page=f"{home}?by=email")


def code_form(client, home):
	"""The form's hidden fields, kept: the page no longer shows it once the code is spent."""
	return hidden_fields(client.get(home).text, "verify")


def enter(client, home, form, code):
	return client.post(f"{home}/verify", {**form, "code": code})


def guess_in_parallel(client, home, guesses, headers=lambda number: {}):
	form = code_form(client, home)

	def guess(numbered):
		number, code = numbered
		return client.post(f"{home}/verify", {**form, "code": code}, headers=headers(number))

	with ThreadPoolExecutor(16) as pool:
		return list(pool.map(guess, enumerate(guesses)))


def failures(ticket):
	frappe.db.commit()
	return frappe.db.count("Portal Throttle Event", {"kind": "Failure", "subject": f"ticket:{ticket.name}"})


def open_sessions(ticket):
	frappe.db.commit()
	return frappe.db.count(sessions.DOCTYPE, {"ticket": str(ticket.name), "state": "Verified"})


def test_two_hundred_wrong_codes_count_five(client, home, ticket):
	form = code_form(client, home)
	answers = guess_in_parallel(client, home, wrong_codes(CODE)[:GUESSES])
	assert {answer.status_code for answer in answers} <= {410, 422}
	assert failures(ticket) == 5
	assert enter(client, home, form, CODE).status_code == 410
	assert open_sessions(ticket) == 0


def test_no_header_makes_a_second_budget(client, home, ticket):
	configure(tries_per_code=1000)
	form = code_form(client, home)

	def headers(number):
		return {
			"X-Forwarded-For": f"203.0.113.{number}",
			"X-Real-IP": f"203.0.113.{number}",
			"Forwarded": f"for=203.0.113.{number}",
			"User-Agent": f"Browser {number}",
			"Accept-Language": "ar" if number % 2 else "en",
		}

	answers = guess_in_parallel(client, home, wrong_codes(CODE)[:60], headers)
	assert {answer.status_code for answer in answers} == {422, 429}
	assert failures(ticket) == 10
	assert enter(client, home, form, CODE).status_code == 429
	assert open_sessions(ticket) == 0


def test_without_a_trusted_proxy_no_header_moves_the_address(client, home, ticket):
	configure(checks_per_ip_per_hour=3, trusted_proxies=0)
	answers = guess_in_parallel(
		client, home, wrong_codes(CODE)[:30], lambda number: {"X-Forwarded-For": f"203.0.113.{number}"}
	)
	assert [answer.status_code for answer in answers].count(422) == 3
	assert failures(ticket) == 3


def test_the_client_cannot_put_itself_before_our_proxy(client, home, ticket):
	configure(checks_per_ip_per_hour=3, trusted_proxies=1)
	answers = guess_in_parallel(
		client,
		home,
		wrong_codes(CODE)[:30],
		lambda number: {"X-Forwarded-For": f"1.1.1.{number}, 203.0.113.9"},
	)
	assert [answer.status_code for answer in answers].count(422) == 3


def test_a_locked_ticket_takes_no_code_from_any_browser(client, new_client, home, ticket):
	configure(failures_per_day=3)
	form = code_form(client, home)
	for wrong in wrong_codes(CODE)[:3]:
		last = enter(client, home, form, wrong)
	assert last.status_code == 429
	assert int(last.headers["Retry-After"]) > 23 * 3600
	assert enter(client, home, form, CODE).status_code == 429
	assert ask(new_client(), ticket, home).status_code == 429


def test_the_right_code_many_times_at_once_opens_one_session(client, home, ticket):
	answers = guess_in_parallel(client, home, [CODE] * 20)
	cookies = [answer for answer in answers if "portal_session" in answer.headers.get("Set-Cookie", "")]
	assert {answer.status_code for answer in answers} == {303}, "a second click is led to the ticket"
	assert len(cookies) == 1
	assert open_sessions(ticket) == 1


def test_a_code_asked_for_in_one_browser_fails_in_another(client, new_client, home, ticket):
	stranger = new_client()
	form = hidden_fields(stranger.get(home).text, "code")
	answer = stranger.post(f"{home}/verify", {**form, "code": CODE})
	assert answer.status_code == 410
	assert open_sessions(ticket) == 0
	assert submit(client, home, "verify", code=CODE).status_code == 303


def test_failures_that_revoke_the_link_make_it_an_unknown_one(client, new_client, home, ticket):
	configure(failures_in_a_row=2)
	for wrong in wrong_codes(CODE)[:2]:
		last = submit(client, home, "verify", code=wrong)
	unknown = new_client().get("/t/" + "a" * 22)
	revoked = new_client().get(home)
	assert (last.status_code, revoked.status_code) == (404, 404)
	assert revoked.content == unknown.content
	frappe.db.commit()
	assert links.resolve(home.rpartition("/")[2]) is None


@pytest.mark.parametrize("prefix", ["/api/method/", "/api/v1/method/", "/api/v2/method/", "/?cmd="])
@pytest.mark.parametrize(
	"name",
	[
		"customer_portal.otp.verify.check",
		"customer_portal.otp.challenge.start",
		"customer_portal.otp.challenge.resend",
		"customer_portal.otp.delivery.send_code",
		"customer_portal.otp.keyed_codes.derive",
		"customer_portal.sessions.open",
		"customer_portal.links.token",
		"customer_portal.links.url",
		"customer_portal.links.unlock",
		"customer_portal.throttle.forget",
		"customer_portal.throttle.purge",
	],
)
def test_nothing_of_it_is_an_api_method(client, home, ticket, prefix, name):
	answer = client.post(f"{prefix}{name}", {"ticket": ticket.name, "challenge": "x", "code": CODE})
	assert 400 <= answer.status_code < 500
	assert failures(ticket) == 0
	assert open_sessions(ticket) == 0
