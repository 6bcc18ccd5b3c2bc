"""Nobody learns from the way in whose address is known: same status, same bytes, same work, same limits."""

import re

import frappe
import pytest

from customer_portal.mail_addresses import normal_email
from customer_portal.sign_in import challenge, people, verify
from tests import doors
from tests.client import hidden_fields
from tests.door import submit
from tests.factories import make_agent, unique
from tests.organisations import SIGN_IN, ask, code_of, is_in

LENGTH = 44  # all addresses of a test have one length, so that pages can be compared
BROWSER = "ab" * 16
VOLATILE = ("Date", "Set-Cookie")


def sized(organisation, domain: str | None = None) -> str:
	"""A new address of LENGTH characters, at the organisation's domain or another."""
	domain = domain or organisation.domain
	local = unique("a").replace("-", "")
	return f"{local}{'x' * (LENGTH - len(local) - len(domain) - 1)}@{domain}"


def known(organisation):
	return sized(organisation)


def unknown_domain(organisation):
	return sized(organisation, "somewhere-else.example")


def free_mail(organisation):
	return sized(organisation, "gmail.com")


def domain_without_a_dot(organisation):
	return sized(organisation, "localhost")


def unparsable_domain(organisation):
	return sized(organisation, "xn--zzzzzz99.-a-.example")


def address_literal_of_dots(organisation):
	return sized(organisation, "127.0.0.1")


def disabled_person(organisation):
	return organisation.put(sized(organisation), is_disabled=1)


def disabled_user(organisation):
	address = sized(organisation)
	user = frappe.new_doc("User")
	user.update({"email": address, "first_name": "Gone", "send_welcome_email": 0})
	user.insert(ignore_permissions=True)
	user.db_set("enabled", 0)
	frappe.db.commit()
	return address


def agent(organisation):
	return make_agent(sized(organisation)).name


KINDS = [
	known,
	unknown_domain,
	free_mail,
	domain_without_a_dot,
	unparsable_domain,
	address_literal_of_dots,
	disabled_person,
	disabled_user,
	agent,
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request):
	return request.param


def walk(new_client, address: str) -> list[tuple]:
	"""All that a browser sees of asking, waiting, asking again and a wrong code: status, headers and bytes."""
	client = new_client()
	client.session.headers["X-Forwarded-For"] = doors.new_address()
	client.session.cookies.set("portal_browser", BROWSER, path="/portal")
	form = hidden_fields(client.get(f"{SIGN_IN}?again=1").text, "/mail")
	answers = [client.post(f"{SIGN_IN}/mail", {**form, "email": address}), client.get(SIGN_IN)]
	answers.append(client.post(f"{SIGN_IN}/code", {**form, "code": "000000"}))
	answers.append(client.post(f"{SIGN_IN}/resend", form))
	answers += [client.post(f"{SIGN_IN}/code", {**form, "code": "000000"}) for _try in range(6)]
	answers.append(client.get(SIGN_IN))
	return [_comparable(answer, address) for answer in answers]


def _comparable(answer, address: str) -> tuple:
	headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE}
	body = re.sub(r'name="key" value="\w+"', "", answer.text.replace(address, "@"))
	return answer.status_code, headers, body


def test_a_browser_sees_the_same(new_client, organisation, kind):
	address = kind(organisation)
	assert len(address) == LENGTH
	assert walk(new_client, address) == walk(new_client, known(organisation))


def statements(act, *arguments) -> int:
	"""How many statements the database got for it."""
	before = _questions()
	act(*arguments)
	return _questions() - before


def _questions() -> int:
	return int(frappe.db.sql("show session status like 'Questions'")[0][1])


def test_the_request_does_the_same_work(organisation, kind):
	ask = (challenge.start, challenge.resend, verify.check_code)
	counts = []
	for address in (known(organisation), kind(organisation), known(organisation)):
		browser, network = frappe.generate_hash(length=32), doors.new_address()
		given = [(address, browser, network, "en"), (browser, network, "en"), ("000000", browser, network)]
		counts.append([statements(act, *arguments) for act, arguments in zip(ask, given, strict=True)])
	assert counts[1] == counts[2]


def test_the_row_is_the_same(organisation, kind):
	rows = []
	for address in (known(organisation), kind(organisation)):
		challenge.start(address, BROWSER, doors.new_address(), "en")
		row = frappe.get_doc("Portal OTP Session", {"recipient": address}).as_dict()
		rows.append(
			{name: value is None for name, value in row.items()} | {"state": row.state, "by": row.delivery}
		)
	assert rows[0] == rows[1]


def test_a_stranger_with_the_right_code_is_told_that_it_is_over(new_client, organisation):

	client, stranger = new_client(), unknown_domain(organisation)
	ask(client, stranger)
	assert submit(client, SIGN_IN, "code", code=code_of(stranger)).status_code >= 400
	assert not is_in(client)
	assert not frappe.db.exists("User", stranger)


@pytest.mark.parametrize(
	"typed", ["", "x", "@", "a@", "a b@c.example", "a@b@c.example", "a" * 300 + "@x.example"]
)
def test_what_is_no_address_is_told_so_for_all(client, organisation, typed):
	client.session.headers["X-Forwarded-For"] = doors.new_address()
	form = hidden_fields(client.get(SIGN_IN).text, "/mail")
	answer = client.post(f"{SIGN_IN}/mail", {**form, "email": typed})
	assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("accent", ["sára", "SARA", "sara\u200b"])
def test_accents_make_another_person_and_letters_and_hidden_signs_do_not(organisation, accent):

	plain, typed = f"sara@{organisation.domain}", normal_email(f"{accent}@{organisation.domain}")
	organisation.put(plain)
	organisation.change(who="Named people only")
	assert people.may_enter(plain)
	assert people.may_enter(typed) == (typed == plain)


def test_an_address_of_which_frappe_makes_no_user_is_a_strangers(new_client, organisation):
	address = f"josé@{organisation.domain}"
	assert not people.may_enter(address)
	client = new_client()
	ask(client, address)
	assert submit(client, SIGN_IN, "code", code=code_of(address)).status_code == 410
