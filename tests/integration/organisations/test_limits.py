"""Limits of signing in: each by itself, with many requests at once, exact, and the same for strangers."""

import frappe
import pytest

from customer_portal.otp import codes
from customer_portal.sign_in import challenge, verify
from tests import doors
from tests.client import hidden_fields
from tests.door import submit
from tests.factories import unique
from tests.gateways import configure
from tests.organisations import SIGN_IN, ask, code_of, is_in, link_of
from tests.threads import in_parallel

AT_ONCE = 24


@pytest.fixture(params=["member", "stranger"])
def person(request, organisation, at_the_door):
	"""Somebody who may sign in, or may not: no answer tells. All limits are as installed."""
	return organisation.address() if request.param == "member" else f"{unique('x')}@nowhere.example"


@pytest.fixture
def comparisons(monkeypatch):
	"""Every comparison of a code that was made."""
	made = []
	compare = codes.is_same

	def counting(digest, other):
		made.append(other)
		return compare(digest, other)

	monkeypatch.setattr(codes, "is_same", counting)
	return made


def start(address: str, network: str | None = None, browser: str | None = None):
	"""One request for a mail, from a browser and a network of its own."""
	return challenge.start(address, browser or new_browser(), network or doors.new_address(), "en")


def new_browser() -> str:
	return frappe.generate_hash(length=32)


def kinds(answers) -> dict[str, int]:
	found = [one.kind for one in answers]
	return {kind: found.count(kind) for kind in found}


def many(address: str, **options):
	return in_parallel(lambda _number: start(address, **options), range(AT_ONCE), workers=12)


def waiting(browser: str) -> str:
	"""A wrong code for what this browser waits for, and the right one."""
	frappe.db.rollback()
	return code_of(challenge.waiting(browser).address)


def test_one_mail_in_thirty_seconds(person, at_the_door):
	assert kinds(many(person)) == {"sent": 1, "wait": AT_ONCE - 1}
	assert len(at_the_door) == 1
	with doors.later(seconds=31):
		assert start(person).kind == "sent"


@pytest.mark.parametrize(
	("fieldname", "most", "seconds"),
	[
		("sends_per_15_minutes", 3, 15 * 60),
		("destination_sends_per_hour", 5, 60 * 60),
		("destination_sends_per_day", 10, 24 * 60 * 60),
	],
)
def test_mails_to_one_address(person, at_the_door, fieldname, most, seconds):
	doors.lift_sends()
	configure(**{fieldname: most})
	assert kinds(many(person)) == {"sent": most, "limited": AT_ONCE - most}
	assert len(at_the_door) == most
	refused = start(person)
	assert (refused.http_status, 0 < refused.retry_after <= seconds) == (429, True)
	with doors.later(seconds=seconds + 1):
		assert start(person).kind == "sent"


def test_no_spelling_has_a_budget_of_its_own(organisation, at_the_door):
	doors.lift_sends()
	configure(sends_per_15_minutes=3)
	spellings = ["sara@{0}", "SARA@{0}", " Sara@{0} ", "sa\u200bra@{0}"]
	answers = [start(spelling.format(organisation.domain)) for spelling in spellings]
	assert kinds(answers) == {"sent": 3, "limited": 1}


def test_mails_asked_for_from_one_network(person, at_the_door, organisation):
	doors.lift_sends()
	configure(sends_per_ip_per_hour=7)
	network = doors.new_address()
	people = [person, *(organisation.address() for _one in range(AT_ONCE - 1))]
	answers = in_parallel(lambda one: start(one, network), people, workers=12)
	assert kinds(answers) == {"sent": 7, "limited": AT_ONCE - 7}
	assert len(at_the_door) == 7


def test_a_network_is_one_however_its_addresses_are_written(organisation, at_the_door):
	doors.lift_sends()
	configure(sends_per_ip_per_hour=3)
	networks = ["2001:db8::1", "2001:db8::2", "2001:DB8:0:0::ffff", "2001:db8:0:0:1::1"]
	answers = [start(organisation.address(), one) for one in networks]
	assert kinds(answers) == {"sent": 3, "limited": 1}


def test_two_hundred_wrong_codes_compare_five(person, comparisons):
	configure(checks_per_ip_per_hour=doors.NO_LIMIT)
	browser = new_browser()
	start(person, browser=browser)
	code = waiting(browser)
	wrong = doors.wrong_codes(code)[:200]
	answers = in_parallel(lambda one: verify.check_code(one, browser, doors.new_address()), wrong)
	assert len(comparisons) == 5
	assert kinds(answers) == {"wrong": 4, "spent": 196}
	assert verify.check_code(code, browser, doors.new_address()).user is None


def test_ten_wrong_codes_over_many_mails_close_the_code_for_a_day(person, comparisons):
	doors.lift_sends()
	configure(tries_per_code=1000, checks_per_ip_per_hour=doors.NO_LIMIT)
	browser = new_browser()
	start(person, browser=browser)
	wrong = doors.wrong_codes(waiting(browser))[:40]
	answers = in_parallel(lambda one: verify.check_code(one, browser, doors.new_address()), wrong)
	assert len(comparisons) == 10
	assert kinds(answers) == {"wrong": 10, "locked": 30}
	start(person, browser=browser)
	assert verify.check_code(waiting(browser), browser, doors.new_address()).kind == "locked"
	assert len(comparisons) == 10
	with doors.later(hours=25):
		start(person, browser=browser)
		assert (
			verify.check_code(doors.wrong_codes(waiting(browser))[0], browser, "198.18.0.1").kind == "wrong"
		)


def test_a_new_mail_forgets_no_failure(person, comparisons):
	doors.lift_sends()
	configure(checks_per_ip_per_hour=doors.NO_LIMIT)
	for _mail in range(3):
		browser = new_browser()
		start(person, browser=browser)
		for wrong in doors.wrong_codes(waiting(browser))[:5]:
			verify.check_code(wrong, browser, doors.new_address())
	assert len(comparisons) == 10


def test_checks_of_one_network(organisation, comparisons, at_the_door):
	doors.lift_sends()
	configure(checks_per_ip_per_hour=9)
	network, guesses = doors.new_address(), []
	for _person in range(AT_ONCE):
		browser = new_browser()
		start(organisation.address(), browser=browser)
		guesses.append((doors.wrong_codes(waiting(browser))[0], browser))
	answers = in_parallel(lambda guess: verify.check_code(*guess, network), guesses, workers=12)
	assert kinds(answers) == {"wrong": 9, "limited": AT_ONCE - 9}
	assert len(comparisons) == 9


def test_a_strangers_wrong_codes_do_not_keep_its_owner_out(client, new_client, organisation):
	"""The mail's link cannot be guessed, so it stays open while the code is closed."""
	configure(tries_per_code=1000)
	sara, stranger = organisation.address(), new_client()
	ask(stranger, sara)
	for wrong in doors.wrong_codes(code_of(sara))[:11]:
		answer = submit(stranger, SIGN_IN, "code", code=wrong)
	assert answer.status_code == 429
	assert "Open the link in the mail instead" in answer.text
	assert int(answer.headers["Retry-After"]) > 80_000
	ask(client, sara)
	link = link_of(sara)
	assert client.post(link, hidden_fields(client.get(link).text, link)).status_code == 303
	assert is_in(client)


def test_limits_outlive_a_flushed_cache(person, at_the_door):
	start(person)
	frappe.clear_cache()
	assert start(person).kind == "wait"
