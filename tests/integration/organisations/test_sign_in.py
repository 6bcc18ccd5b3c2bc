"""Signing in by mail: what the link and the code do, in which browser, and how often."""

import re

import frappe
import pytest

from customer_portal import memberships
from customer_portal.sign_in import people, verify
from tests import doors
from tests.client import hidden_fields
from tests.door import submit
from tests.factories import make_agent, make_contact, unique
from tests.gateways import configure
from tests.organisations import (
	SIGN_IN,
	TICKETS,
	ask,
	code_of,
	enter,
	is_in,
	link_of,
	make_organisation,
	member_form,
)
from tests.threads import elsewhere, in_parallel

LINK = re.compile(r"http://\S+(/portal/sign-in/link/[\w.-]+)")
TOO_OLD = "This link was used already, or it is too old. Ask for a new one."


@pytest.fixture
def sara(organisation):
	return organisation.address()


def press(client, link: str):
	return client.post(link, hidden_fields(client.get(link).text, link))


def state_of(link: str) -> tuple:
	frappe.db.rollback()
	name = link.rpartition("/")[2].partition(".")[0]
	return frappe.db.get_value("Portal OTP Session", name, ["state", "tries", "modified"])


def test_looking_at_the_link_uses_nothing_up(client, new_client, sara):
	"""Mail scanners open links, many times and by any method that only reads."""
	ask(client, sara)
	link = link_of(sara)
	before = state_of(link)
	scanner = new_client()
	for _time in range(10):
		assert scanner.session.head(scanner.base + link).status_code == 200
		page = scanner.get(link)
		assert page.status_code == 200
		assert sara in page.text
	assert "sid" not in scanner.session.cookies.get_dict()
	assert state_of(link) == before
	assert press(client, link).headers["Location"] == TICKETS
	assert is_in(client)


def test_the_link_works_in_any_browser_and_once(client, new_client, sara):
	ask(client, sara)
	link, phone, third = link_of(sara), new_client(), new_client()
	form = hidden_fields(third.get(link).text, link)
	assert press(phone, link).status_code == 303
	assert is_in(phone)
	for answer in (third.get(link), third.post(link, form)):
		assert answer.status_code == 410
		assert TOO_OLD in answer.text
	assert not is_in(client)
	assert not is_in(third)


def test_pressed_many_times_at_once_it_lets_one_in(client, sara):
	ask(client, sara)
	token = link_of(sara).rpartition("/")[2]
	outcomes = in_parallel(lambda one: verify.check_token(one, "198.18.0.9"), [token] * 20)
	assert len([one for one in outcomes if one.user]) == 1


@pytest.mark.parametrize("token", ["x", "x.y", "a" * 300, "é", "%00", "a.%ff", "{{7*7}}"])
def test_other_tokens_are_links_that_are_over(client, token):
	answer = client.get(f"{SIGN_IN}/link/{token}")
	assert answer.status_code == 410
	assert TOO_OLD in answer.text


def test_a_link_of_another_mail_cannot_be_made_from_its_name(client, sara):
	ask(client, sara)
	name, _dot, mac = link_of(sara).rpartition("/")[2].partition(".")
	for token in (f"{name}.", name, f"{name}.{'0' * len(mac)}", f"{name[::-1]}.{mac}"):
		assert client.get(f"{SIGN_IN}/link/{token}").status_code == 410


def test_an_hour_later_the_link_is_over(client, sara):
	ask(client, sara)
	token = link_of(sara).rpartition("/")[2]
	with doors.later(hours=1):
		assert verify.find(token) is None
		assert verify.check_token(token, "198.18.0.9").user is None


def test_the_code_is_for_the_browser_that_asked(client, new_client, sara):
	ask(client, sara)
	code, thief = code_of(sara), new_client()
	form = hidden_fields(thief.get(SIGN_IN).text, "/mail")
	answer = thief.post(f"{SIGN_IN}/code", {**form, "code": code})
	assert answer.status_code >= 400
	assert not is_in(thief)
	assert submit(client, SIGN_IN, "code", code=code).status_code == 303
	assert is_in(client)


def test_a_new_mail_ends_the_older_one(client, sara):
	ask(client, sara)
	code, link = code_of(sara), link_of(sara)
	ask(client, sara)
	assert client.get(link).status_code == 410
	if code != code_of(sara):
		assert submit(client, SIGN_IN, "code", code=code).status_code == 422
	assert submit(client, SIGN_IN, "code", code=code_of(sara)).status_code == 303


def test_wrong_codes_are_counted_to_the_end(client, sara):
	ask(client, sara)
	right = code_of(sara)
	wrong = doors.wrong_codes(right)[:5]
	answers = [submit(client, SIGN_IN, "code", code=code) for code in wrong]
	assert [answer.status_code for answer in answers[:4]] == [422] * 4
	assert "Ask for a new code" in answers[4].text
	form = hidden_fields(answers[4].text, "/resend")
	assert client.post(f"{SIGN_IN}/code", {**form, "code": right}).status_code >= 400
	assert not is_in(client)


def test_the_code_is_as_long_as_after_a_lock(client, sara):
	configure(code_length=4, raised_code_length=6)
	ask(client, sara)
	assert len(code_of(sara)) == 6
	assert "its code of 6 digits" in client.get(SIGN_IN).text


def test_asked_again_from_the_page_of_the_code(client, sara):
	ask(client, sara)
	first = code_of(sara)
	assert submit(client, SIGN_IN, "resend").status_code == 303
	assert link_of(sara)
	assert (first, code_of(sara)) != (first, None)


def test_the_first_time_makes_a_website_user_with_contact_and_customer(client, organisation, sara):
	enter(client, sara)
	user = frappe.get_doc("User", sara)
	assert (user.user_type, user.enabled, user.language) == ("Website User", 1, "en")
	contact = frappe.get_doc("Contact", {"user": sara})
	assert contact.email_id == sara
	rows = frappe.get_all("HD Customer Member", {"parent": organisation.customer}, pluck="contact_name")
	assert rows == [contact.name]


def test_the_next_time_makes_nothing(client, new_client, organisation, sara):
	enter(client, sara)
	before = [frappe.db.count(doctype) for doctype in ("User", "Contact", "HD Customer Member")]
	enter(new_client(), sara)
	frappe.db.rollback()
	assert [frappe.db.count(doctype) for doctype in ("User", "Contact", "HD Customer Member")] == before


def test_a_contact_that_staff_made_becomes_theirs_with_its_name(client, organisation, sara):
	contact = make_contact(email=sara)
	contact.update({"first_name": "Sára", "last_name": "Ahmed"}).save()
	frappe.db.commit()
	enter(client, sara)
	frappe.db.rollback()
	assert frappe.db.get_value("Contact", contact.name, "user") == sara
	assert frappe.db.get_value("User", sara, "full_name") == "Sára Ahmed"


def test_a_contact_that_a_stranger_made_is_left_alone(client, customer, sara):
	frappe.set_user(customer.name)
	contact = make_contact(email=sara)
	contact.db_set("user", sara)
	frappe.set_user("Administrator")
	frappe.db.commit()
	enter(client, sara)
	frappe.db.rollback()
	assert not frappe.db.exists("HD Customer Member", {"contact_name": contact.name})


def test_a_hundred_people_may_come_in_an_hour(client, organisation, monkeypatch):
	"""Frappe would refuse more than 60 new users; here with a limit that is reached already."""
	monkeypatch.setitem(frappe.local.conf, "throttle_user_limit", 0)

	names = [people.user_of(organisation.address(), "en") for _one in range(3)]
	assert all(names)


def test_two_browsers_at_once_make_one_user(new_client, organisation, sara):
	tokens = []
	for client in (new_client(), new_client()):
		ask(client, sara)
		tokens.append(link_of(sara).rpartition("/")[2])
	outcomes = in_parallel(lambda one: verify.check_token(one, "198.18.0.9"), tokens * 5, workers=10)
	assert len([one for one in outcomes if one.user]) == 1
	assert frappe.db.count("User", {"email": sara}) == 1
	assert frappe.db.count("Contact", {"email_id": sara}) == 1


def test_colleagues_who_come_in_at_once_are_all_joined(organisation):
	one, two = organisation.address(), organisation.address()
	frappe.db.get_value("HD Customer", organisation.customer)  # what this request sees stays as it is now

	def come_in(address: str) -> str:
		user = people.user_of(address, "en")
		frappe.db.commit()
		return user

	users = {elsewhere(come_in, one), come_in(two)}
	assert users == {one, two} == set(memberships.users_of(organisation.customer))


def test_of_two_organisations_they_belong_to_both(client, organisation, other_organisation, sara):
	other_organisation.put(sara)
	enter(client, sara)
	frappe.db.rollback()
	contact = frappe.db.get_value("Contact", {"user": sara})
	parents = frappe.get_all("HD Customer Member", {"contact_name": contact}, pluck="parent")
	assert sorted(parents) == sorted([organisation.customer, other_organisation.customer])


# The session
def test_a_session_has_a_new_id_whatever_the_browser_had(client, sara):
	client.session.cookies.set("sid", "chosen-by-somebody-else")
	enter(client, sara)
	sid = [cookie.value for cookie in client.session.cookies if cookie.name == "sid" and cookie.domain]
	assert len(sid[0]) >= 40
	assert sid[0] != "chosen-by-somebody-else"


def test_each_browser_has_a_session_of_its_own(sign_in_as, sara):
	first, second = sign_in_as(sara), sign_in_as(sara)
	assert first.session.cookies["sid"] != second.session.cookies["sid"]
	first.post("/portal/sign-out", member_form(first))
	assert not is_in(first)
	assert is_in(second)


def test_signed_out_the_session_is_worth_nothing(client, new_client, sara):
	enter(client, sara)
	kept = client.session.cookies["sid"]
	client.post("/portal/sign-out", member_form(client))
	thief = new_client()
	thief.session.cookies.set("sid", kept)
	assert not is_in(thief)


def test_nobody_is_signed_in_by_an_address(client, new_client, sara):
	"""Frappe takes a session's id from the query and the form."""
	enter(client, sara)
	sid, victim = client.session.cookies["sid"], new_client()
	form = hidden_fields(victim.get(SIGN_IN).text, "/mail")
	for answer in (
		victim.get(f"{TICKETS}?sid={sid}"),
		victim.get(f"/portal?sid={sid}"),
		victim.post(f"{SIGN_IN}/mail", {**form, "email": sara, "sid": sid}),
	):
		assert answer.status_code == 400
		assert "sid" not in answer.cookies
	assert not is_in(victim)


def test_the_cookies(client, sara):
	first = client.get(SIGN_IN, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
	assert first.startswith("portal_browser=")
	for part in ("HttpOnly", "SameSite=Lax", "Path=/portal", "Secure"):
		assert part in first
	assert first.count("portal_") == 1
	ask(client, sara)
	given = submit(client, SIGN_IN, "code", code=code_of(sara)).raw.headers.getlist("Set-Cookie")
	session = next(cookie for cookie in given if cookie.startswith("sid="))
	assert "HttpOnly" in session
	assert "SameSite=Lax" in session


def test_nobody_of_them_gets_to_the_desk(client, sara):
	enter(client, sara)
	roles = frappe.get_roles(sara)
	assert "HD Customer" in roles
	assert frappe.get_all("Role", {"name": ("in", roles), "desk_access": 1}, pluck="name") in ([], ["All"])
	for path in ("/app", "/desk", "/app/hd-ticket"):
		answer = client.get(path)
		assert answer.status_code != 200 or "frappe.boot" not in answer.text
	assert client.get("/api/resource/User").json()["data"] == [{"name": sara}]


# Where it leads
def test_the_ticket_for_which_they_came_opens(client, organisation, sara):
	ticket = organisation.ticket(sara)
	answer = client.get(f"{TICKETS}/{ticket.name}")
	assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
	ask(client, sara)
	entered = submit(client, SIGN_IN, "code", code=code_of(sara))
	assert entered.headers["Location"] == f"{TICKETS}/{ticket.name}"
	assert client.follow(entered).status_code == 200
	client.post("/portal/sign-out", member_form(client))
	enter(client, sara)
	assert "portal_wanted" not in client.session.cookies.get_dict()


@pytest.mark.parametrize(
	"value", ["//evil.example", "https://evil.example", "1/../../evil", "1%0d%0aX:1", "a b", "٣", "1" * 50]
)
def test_it_leads_nowhere_else(client, sara, value):
	ask(client, sara)
	client.session.cookies.set("portal_wanted", value.encode().decode("latin-1"), path=SIGN_IN)
	entered = submit(client, f"{SIGN_IN}", "code", code=code_of(sara))
	assert entered.headers["Location"] == TICKETS


@pytest.mark.parametrize(
	"query", ["redirect_to=//evil.example", "redirect-to=https://evil.example", "next=/x"]
)
def test_nor_by_the_address(client, sara, query):
	ask(client, sara)
	form = hidden_fields(client.get(f"{SIGN_IN}?{query}").text, "/code")
	entered = client.post(f"{SIGN_IN}/code?{query}", {**form, "code": code_of(sara)})
	assert entered.headers["Location"] == TICKETS


# Who is out
def out_by_their_row(organisation, address):
	organisation.put(address, is_disabled=1)


def out_by_the_domain(organisation, address):
	organisation.change(domains=[{"domain": f"{unique('new')}.example"}])


def out_by_names(organisation, address):
	organisation.put(organisation.address("named"))
	organisation.change(who="Named people only")


def out_by_the_switch(organisation, address):
	organisation.change(enabled=0)


def out_by_deletion(organisation, address):
	frappe.delete_doc("Portal Customer Access", organisation.customer)


def out_by_their_user(organisation, address):
	frappe.db.set_value("User", address, "enabled", 0)
	frappe.clear_cache(user=address)


def out_as_staff(organisation, address):
	frappe.get_doc({"doctype": "HD Agent", "user": address, "agent_name": "New here"}).insert()


OUT = [
	out_by_their_row,
	out_by_the_domain,
	out_by_names,
	out_by_the_switch,
	out_by_deletion,
	out_by_their_user,
	out_as_staff,
]


@pytest.mark.parametrize("remove", OUT, ids=lambda remove: remove.__name__)
def test_who_is_removed_is_out_at_the_next_request(client, organisation, sara, remove):
	ticket = organisation.ticket(sara, description="<p>Only for Sara.</p>")
	enter(client, sara)
	form = member_form(client)
	assert client.get(f"{TICKETS}/{ticket.name}").status_code == 200
	remove(organisation, sara)
	frappe.db.commit()
	for path in ("", f"/{ticket.name}", f"/{ticket.name}/state", f"/{ticket.name}/messages"):
		answer = client.get(TICKETS + path)
		assert answer.status_code in (303, 403)
		assert "Only for Sara." not in answer.text
	answer = client.post(f"{TICKETS}/{ticket.name}/reply", {**form, "key": "0" * 32, "text": "Still here"})
	assert answer.status_code in (400, 403)
	assert not frappe.db.exists(
		"Communication", {"reference_name": str(ticket.name), "content": ("like", "%Still%")}
	)


@pytest.mark.parametrize("remove", OUT, ids=lambda remove: remove.__name__)
def test_who_is_removed_after_the_mail_went_out_does_not_come_in(client, organisation, sara, remove):
	if remove in (out_by_their_user, out_as_staff):
		enter(client, sara)
		client.post("/portal/sign-out", member_form(client))
	ask(client, sara)
	code, link = code_of(sara), link_of(sara)
	remove(organisation, sara)
	frappe.db.commit()
	assert submit(client, SIGN_IN, "code", code=code).status_code >= 400
	assert client.post(link, hidden_fields(client.get(SIGN_IN).text, "/language")).status_code >= 400
	assert not is_in(client)


# The language
def test_the_pages_speak_the_browsers_language_and_then_the_chosen_one(client, sara):
	page = client.get(SIGN_IN, headers={"Accept-Language": "ar"}).text
	assert 'lang="ar" dir="rtl"' in page
	form = hidden_fields(page, "/language")
	assert client.post("/portal/language", {**form, "language": "ar"}).headers["Location"] == SIGN_IN
	assert 'lang="ar"' in client.get(SIGN_IN).text
	ask(client, sara)
	submit(client, SIGN_IN, "code", code=code_of(sara))
	frappe.db.rollback()
	assert frappe.db.get_value("User", sara, "language") == "ar"
	assert 'lang="ar" dir="rtl"' in client.get(TICKETS).text


def test_a_members_choice_is_kept_in_their_profile(client, new_client, sara):
	enter(client, sara)
	form = hidden_fields(client.get(TICKETS).text, "/language")
	client.post("/portal/language", {**form, "language": "ar"})
	assert 'lang="ar"' in client.get(TICKETS).text
	assert 'lang="ar"' in enter(new_client(), sara).get(TICKETS).text


@pytest.mark.parametrize(
	"at", ["", "//evil.example", "https://evil.example", "/portal/../x", "/app", "/portal\\x", "/portal//x"]
)
def test_choosing_a_language_leads_nowhere_else(client, organisation, at):
	form = hidden_fields(client.get(SIGN_IN).text, "/language")
	answer = client.post("/portal/language", {**form, "language": "en", "at": at})
	assert answer.headers["Location"] == "/portal"


def test_a_language_is_chosen_where_one_is(client, organisation, sara):
	ticket = organisation.ticket(sara)
	enter(client, sara)
	place = f"{TICKETS}/{ticket.name}"
	form = hidden_fields(client.get(place).text, "/language")
	assert client.post("/portal/language", {**form, "language": "ar"}).headers["Location"] == place


def test_a_language_that_is_not_offered_is_not_shown(client, sara):
	enter(client, sara)
	frappe.db.set_value("User", sara, "language", "ja")
	frappe.clear_cache(user=sara)
	frappe.db.commit()
	assert 'lang="en"' in client.get(TICKETS, headers={"Accept-Language": "en"}).text


# The mail
def test_the_mail_has_a_link_and_a_code(client, worker, mail_server, organisation, sara):
	ask(client, sara)
	mail_server.wait_for(1)
	(mail,) = mail_server.mails_to(sara)
	text = mail.get_body(("plain",)).get_content()
	assert re.search(r"\b\d{6}\b", text)
	link = LINK.search(text)[1]
	assert link in mail.get_body(("html",)).get_content()
	assert press(client, link).status_code == 303
	assert is_in(client)


@pytest.mark.parametrize("kind", ["stranger", "staff"])
def test_no_mail_goes_to_whom_nobody_admits(
	client, new_client, worker, mail_server, organisation, sara, kind
):
	address = (
		make_agent(organisation.address("agent")).name if kind == "staff" else f"{unique('x')}@example.net"
	)
	assert ask(client, address).status_code == 303
	ask(new_client(), sara)
	mail_server.wait_for(1)
	assert [message["to"] for message in mail_server.received] == [sara]
	frappe.db.rollback()
	rows = frappe.get_all(
		"Portal OTP Session", {"recipient": address}, ["delivery", "seed", "delivery_error"]
	)
	assert [(row.delivery, row.seed, row.delivery_error) for row in rows] == [("Sent", None, None)]


def test_subdomains_only_where_they_are_asked_for(organisation, open_door):

	below = f"{unique('x')}@mail.{organisation.domain}"
	assert not people.may_enter(below)
	wide = make_organisation("wide", domains=[{"domain": f"{unique('wide')}.example", "with_subdomains": 1}])
	domain = frappe.db.get_value("Portal Access Domain", {"parent": wide.customer}, "domain")
	assert people.may_enter(f"x@deep.mail.{domain}")
	assert not people.may_enter(f"x@not{domain}")
