"""What members choose for themselves."""

import frappe
import pytest

from customer_portal import accounts, timezones
from tests.client import hidden_fields
from tests.integration.team.conftest import sessions_of
from tests.organisations import is_in, member_form

ACCOUNT = "/portal/account"
CHOICE = {
	"name": "Sara Haddad",
	"language": "ar",
	"time_zone": "Asia/Riyadh",
	"replies": "Always",
	"digest": "1",
}


@pytest.fixture
def person(organisation):
	return organisation.address("sara")


@pytest.fixture
def own_client(sign_in_as, person):
	return sign_in_as(person)


def save(client, **values):
	fields = {**member_form(client), **CHOICE, **values}
	return client.post(ACCOUNT, {name: value for name, value in fields.items() if value is not None})


def test_everything_is_kept_and_shown(own_client, person):
	answer = save(own_client)
	assert answer.status_code == 303
	page = own_client.follow(answer).text
	assert 'lang="ar" dir="rtl"' in page
	assert 'value="Sara Haddad"' in page
	frappe.db.rollback()
	user = frappe.get_doc("User", person)
	assert (user.full_name, user.language, user.time_zone) == ("Sara Haddad", "ar", "Asia/Riyadh")
	assert accounts.read(person) == accounts.Account("Sara Haddad", "ar", "Asia/Riyadh", "Always", True)
	assert user.user_type == "Website User"
	assert is_in(own_client)


def test_nothing_is_on_before_somebody_turns_it_on(person, own_client):
	account = accounts.read(person)
	assert (account.replies, account.wants_digest) == ("When away", False)
	assert account.time_zone == timezones.of_site().key


def test_the_digest_is_turned_off_by_an_empty_box(own_client, person):
	save(own_client)
	assert save(own_client, digest=None).status_code == 303
	frappe.db.rollback()
	assert not accounts.read(person).wants_digest


@pytest.mark.parametrize(
	"name", ["", " ", "x" * 81, "<b>Sara</b>", "Sara\u202eadmin", "sara@evil.example", "{{ 7 * 7 }}"]
)
def test_names_that_are_none(own_client, person, name):
	before = accounts.read(person)
	answer = save(own_client, name=name)
	assert answer.status_code == 422
	assert "Enter a name of up to 80 letters." in answer.text
	frappe.db.rollback()
	assert accounts.read(person) == before


@pytest.mark.parametrize("name", ["سارة حداد", "José María de la Cruz", "O'Neill-Ng", "李小龍"])
def test_names_of_all_the_world(own_client, person, name):
	assert save(own_client, name=name).status_code == 303
	frappe.db.rollback()
	assert accounts.read(person).name == name


@pytest.mark.parametrize(
	"values",
	[
		{"language": "xx"},
		{"time_zone": "Mars/Olympus"},
		{"time_zone": ""},
		{"time_zone": "../../etc/passwd"},
		{"replies": "Sometimes"},
		{"digest": "yes"},
		{"language": None},
		{"replies": None},
		{"name": None},
	],
	ids=str,
)
def test_what_the_form_does_not_offer(own_client, person, values):
	before = accounts.read(person)
	assert save(own_client, **values).status_code == 400
	frappe.db.rollback()
	assert accounts.read(person) == before


def test_times_are_in_the_members_zone(own_client, organisation, person):
	organisation.ticket(person)
	save(own_client, language="en", time_zone="America/New_York")
	listed = own_client.get("/portal/tickets").text
	save(own_client, language="en", time_zone="Asia/Tokyo")
	assert own_client.get("/portal/tickets").text != listed


def test_a_tickets_page_is_in_the_members_zone(own_client, organisation, person):
	ticket = organisation.ticket(person)
	save(own_client, language="en", time_zone="Asia/Tokyo")
	assert "Times are in Japan Standard Time." in own_client.get(f"/portal/tickets/{ticket.name}").text


def test_sign_out_ends_this_session_alone(sign_in_as, person, own_client):
	other = sign_in_as(person)
	fields = hidden_fields(own_client.get(ACCOUNT).text, "/sign-out")
	assert own_client.post("/portal/sign-out", fields).status_code == 303
	assert not is_in(own_client)
	assert is_in(other)


def test_sign_out_everywhere(sign_in_as, organisation, person, own_client):
	others = [sign_in_as(person) for _ in range(1)]
	stranger = sign_in_as(organisation.address("omar"))
	fields = hidden_fields(own_client.get(ACCOUNT).text, "/account/sign-out")
	assert own_client.post(f"{ACCOUNT}/sign-out", fields).status_code == 303
	assert not any(is_in(one) for one in (own_client, *others))
	frappe.db.rollback()
	assert not sessions_of(person)
	assert is_in(stranger)


def test_many_sessions_end(own_client, person):
	"""Frappe ends a hundred at a time."""
	for _number in range(130):
		row = {"user": person, "sid": frappe.generate_hash(length=56), "status": "Active"}
		frappe.db.sql(
			"INSERT INTO `tabSessions` (user, sid, status, lastupdate) VALUES (%(user)s, %(sid)s, %(status)s, NOW())",
			row,
		)
	frappe.db.commit()
	accounts.sign_out_everywhere(person)
	assert not sessions_of(person)
	assert not is_in(own_client)


def test_the_menu_needs_no_script(own_client):
	page = own_client.get("/portal/tickets").text
	assert f'href="{ACCOUNT}"' in page
	assert "<summary>" in page
