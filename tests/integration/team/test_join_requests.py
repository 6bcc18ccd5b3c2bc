"""People of a known domain who are not on the list of an organisation that admits named people only."""

from datetime import timedelta

import frappe
import pytest
from frappe.model.base_document import get_controller

from customer_portal import join_requests, tasks
from customer_portal.clock import utc_now
from customer_portal.notifications import dispatch
from customer_portal.otp import delivery
from tests.client import text_of
from tests.doors import later
from tests.integration.team.conftest import TEAM, letters, request_names, row_of
from tests.organisations import ask, is_in, member_form
from tests.threads import in_parallel


@pytest.fixture
def organisation(organisation):
	organisation.change(
		who="Named people only", people=[{"email": organisation.address("chief"), "role": "Member"}]
	)
	return organisation


def knock(client, address: str):
	"""Somebody asks for a mail, and the job that would send it runs."""
	answer = ask(client, address)
	frappe.db.rollback()
	_run_job(address)
	return answer


def _run_job(address: str) -> None:
	waiting = {"recipient": address, "state": "Pending", "delivery": "Queued"}
	for name in frappe.get_all("Portal OTP Session", filters=waiting, pluck="name"):
		delivery.send_code(name)


def decide(client, organisation, action: str, name: str):
	fields = {**member_form(client), "organisation": organisation.customer, "request": name}
	return client.post(f"{TEAM}/{action}", fields)


def test_the_answer_is_that_of_everybody(new_client, organisation):
	known = organisation.put(organisation.address())
	stranger = organisation.address("stranger")
	pages = []
	for address in (known, stranger):
		client = new_client()
		answer = knock(client, address)
		pages.append(text_of(client.follow(answer).text).replace(address, "ADDRESS"))
	assert pages[0] == pages[1]


def test_a_request_is_noted_once_and_shown(client, organisation, manager_client):
	stranger = organisation.address("stranger")
	for _time in range(3):
		knock(client, stranger)
	assert len(request_names(client, organisation)) == 1
	page = manager_client.get(TEAM).text
	assert "Requests for access" in page
	assert stranger in page


def test_who_is_noted(client, organisation, other_organisation):
	"""Neither who is on the list, nor anybody of a domain whose organisation takes everyone, nor of none."""
	out = organisation.put(organisation.address("out"), is_disabled=1)
	for address in (out, other_organisation.address(), "somebody@nowhere.example"):
		knock(client, address)
	frappe.db.rollback()
	assert not frappe.db.count("Portal Join Request", {"email": ("in", (out, "somebody@nowhere.example"))})
	assert not request_names(client, organisation)
	assert not request_names(client, other_organisation)


def test_subdomains_only_where_they_count(client, organisation):
	address = f"somebody@mail.{organisation.domain}"
	knock(client, address)
	assert not request_names(client, organisation)
	organisation.change(domains=[{"domain": organisation.domain, "with_subdomains": 1}])
	knock(client, address)
	assert len(request_names(client, organisation)) == 1


def test_managers_get_one_mail_a_day(client, mail_server, organisation, manager):
	for name in ("one", "two"):
		knock(client, organisation.address(name))
	dispatch.deliver_due(60)
	(mail,) = mail_server.mails_to(manager)
	assert f"/portal/team?organisation={organisation.customer}" in mail.get_body().get_content()
	tasks.tell_managers()
	assert len(letters(recipient=manager)) == 1
	with later(hours=25):
		tasks.tell_managers()  # of the second one
		tasks.tell_managers()
		assert len(letters(recipient=manager)) == 2
	with later(hours=50):
		tasks.tell_managers()
		assert len(letters(recipient=manager)) == 2


def test_accept(client, sign_in_as, organisation, manager_client):
	stranger = organisation.address("stranger")
	knock(client, stranger)
	(name,) = request_names(client, organisation)
	assert decide(manager_client, organisation, "accept", name).status_code == 303
	assert row_of(organisation, stranger).role == "Member"
	assert [row.kind for row in letters(recipient=stranger)] == ["Invitation"]
	assert is_in(sign_in_as(stranger))
	assert frappe.db.get_value("Portal Join Request", name, "state") == "Accepted"


def test_refuse_is_for_good(client, organisation, manager_client):
	stranger = organisation.address("stranger")
	knock(client, stranger)
	(name,) = request_names(client, organisation)
	assert decide(manager_client, organisation, "refuse", name).status_code == 303
	knock(client, stranger)
	assert not request_names(client, organisation)
	assert not row_of(organisation, stranger)
	assert decide(manager_client, organisation, "accept", name).status_code == 409
	assert not row_of(organisation, stranger)


def test_requests_of_others_are_out_of_reach(
	client, organisation, other_organisation, manager_client, sign_in_as
):
	knock(client, organisation.address("stranger"))
	(name,) = request_names(client, organisation)
	foreign = sign_in_as(other_organisation.manager())
	assert decide(foreign, organisation, "accept", name).status_code == 403
	assert decide(foreign, other_organisation, "accept", name).status_code == 409
	assert request_names(client, organisation) == [name]


def test_a_flood_of_made_up_addresses_ends(organisation, manager):
	for number in range(join_requests.MOST_OPEN + 5):
		join_requests.note(f"p{number}@{organisation.domain}")
	assert len(request_names(None, organisation)) == join_requests.MOST_OPEN
	assert len(letters(recipient=manager)) == 1


def test_the_same_request_at_once(organisation, manager):
	address = organisation.address("stranger")
	in_parallel(join_requests.note, [address] * 8, workers=8)
	assert len(request_names(None, organisation)) == 1
	assert len(letters(recipient=manager)) == 1


def test_old_ones_are_forgotten(organisation):
	join_requests.note(organisation.address("stranger"))
	(name,) = request_names(None, organisation)
	frappe.db.set_value("Portal Join Request", name, "asked_at", utc_now() - timedelta(days=91))

	get_controller("Portal Join Request").clear_old_logs(90)
	assert not request_names(None, organisation)
