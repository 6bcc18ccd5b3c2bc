"""What Frappe's personal-data tools give out and erase of a member of an organisation."""

import json

import frappe
import pytest

from customer_portal import (
	access,
	accounts,
	followers,
	join_requests,
	opt_outs,
	personal_data,
	presence,
	rows,
	sessions,
	teams,
)
from customer_portal.notifications import dispatch, outbox
from customer_portal.otp import delivery
from customer_portal.slack import people
from tests.data_requests import download, erase
from tests.factories import unique
from tests.gateways import configure
from tests.integration.team.conftest import change, manager, row_of
from tests.organisations import ask, enter, is_in, make_organisation, member_form

__all__ = ["manager"]  # a fixture

KEPT = (
	*personal_data.EXPORTED,
	teams.DOCTYPE,
	opt_outs.DOCTYPE,
	"Version",
	"Deleted Document",
	"Portal Access Link",
	"Portal Status Event",
	"Portal Throttle",
	"Portal Throttle Event",
	"HD Ticket",
	"HD Customer",
	"Email Queue Recipient",
	"Sessions",
)


@pytest.fixture
def organisation(organisation):
	organisation.change(
		who="Named people only", people=[{"email": organisation.address("chief"), "role": "Manager"}]
	)
	return organisation


@pytest.fixture
def manager_client(sign_in_as, manager, mail_server):
	configure(portal_url="")
	return sign_in_as(manager)


@pytest.fixture
def member(organisation, manager_client, new_client):
	return _member(organisation, manager_client, new_client(), organisation.address())


@pytest.fixture
def colleague(organisation, manager_client, new_client):
	return _member(organisation, manager_client, new_client(), organisation.address("omar"))


def _member(organisation, manager_client, client, address: str) -> frappe._dict:
	"""Somebody who asked to come in, was accepted, and then filed, read and followed a ticket; and who is in Slack."""
	slack_user = unique("U")
	rows.insert(
		people.DOCTYPE, {"name": slack_user, "slack_user": slack_user, "user": address, "is_fixed": 0}
	)
	join_requests.note(address)
	name = frappe.db.get_value(join_requests.DOCTYPE, {"email": address})
	decide = {**member_form(manager_client), "organisation": organisation.customer, "request": name}
	assert manager_client.post("/portal/team/accept", decide).status_code == 303
	ticket = organisation.ticket(address)
	enter(client, address)
	assert client.get(f"/portal/tickets/{ticket.name}").status_code == 200
	assert client.post(f"/portal/tickets/{ticket.name}/unfollow", member_form(client)).status_code == 303
	frappe.db.rollback()
	return frappe._dict(user=address, client=client, ticket=ticket, request=name)


def rows_of(doctype: str, column: str, *addresses: str) -> list:
	fields = {"fields": ["*"], "order_by": "name"}
	return frappe.get_all(doctype, filters={column: ("in", addresses)}, **fields)


def all_of(*addresses: str) -> dict[str, list]:
	"""What the tables hold of these people."""
	frappe.db.rollback()
	columns = {doctype: column for doctype, (column, _fields) in personal_data.EXPORTED.items()}
	return {doctype: rows_of(doctype, column, *addresses) for doctype, column in columns.items()}


def holders(word: str) -> list[str]:
	"""Tables that have it anywhere."""
	frappe.db.rollback()
	texts = {one: json.dumps(frappe.db.sql(f"SELECT * FROM `tab{one}`"), default=str) for one in KEPT}
	return [doctype for doctype, text in texts.items() if word in text]


# The download


def test_every_field_that_is_given_out_exists():
	for doctype, (column, fields) in personal_data.EXPORTED.items():
		known = {field.fieldname for field in frappe.get_meta(doctype).fields} | {"parent"}
		assert {column, *fields} <= known


def test_a_download_has_all_that_is_kept_of_a_member(organisation, member, colleague):
	data = download(member.user)
	assert data.keys() >= personal_data.EXPORTED.keys() | {"User", "Contact"}
	for doctype in (followers.DOCTYPE, presence.DOCTYPE):
		assert [row["ticket"] for row in data[doctype]] == [str(member.ticket.name)]
	assert [row["user"] for row in data[accounts.DOCTYPE]] == [member.user]
	assert [row["state"] for row in data[join_requests.DOCTYPE]] == ["Accepted"]
	assert [row["parent"] for row in data[teams.PERSON]] == [organisation.customer]
	assert {row["state"] for row in data[sessions.DOCTYPE]} == {"Verified"}
	assert [row["kind"] for row in data[outbox.DOCTYPE]] == [outbox.INVITATION]


def test_a_download_names_nobody_else_and_has_no_secret(organisation, member, manager, manager_client):
	change(manager_client, organisation, "disable", member.user)
	data = download(member.user)
	ours = json.dumps({doctype: data[doctype] for doctype in personal_data.EXPORTED})
	assert data[teams.PERSON][0]["is_disabled"]
	assert not [one for one in (manager, "Administrator") if one in ours]
	secrets = [row.browser_digest for row in all_of(member.user)[sessions.DOCTYPE]]
	assert secrets
	assert not [secret for secret in secrets if not secret or secret in ours]


# The erasure


def test_an_erasure_leaves_a_members_address_nowhere(organisation, member, client):
	ask(client, member.user)
	organisation.put(member.user, role="Manager")  # the older row stands in a version
	assert set(holders(member.user)) >= {*personal_data.EXPORTED, "Version", "HD Ticket"}
	erase(member.user)
	assert holders(member.user) == []


def test_the_kept_mails_to_a_member_name_nobody(member, client, mail_server):
	"""An invitation and a sign-in; Frappe's own mails about the erasure come later."""
	ask(client, member.user)
	frappe.db.rollback()
	delivery.send_code(frappe.db.get_value(sessions.DOCTYPE, {"recipient": member.user, "state": "Pending"}))
	dispatch.deliver_due()
	to_member = {"recipient": member.user}
	kept = frappe.get_all("Email Queue Recipient", filters=to_member, pluck="parent")
	assert kept
	assert len(mail_server.mails_to(member.user)) == 2
	erase(member.user)
	assert member.user not in json.dumps(
		[frappe.get_doc("Email Queue", name).as_dict() for name in kept], default=str
	)


def test_a_version_says_the_rest_as_before(organisation, member):
	organisation.put(member.user, sees="All tickets")
	filters = {"ref_doctype": teams.DOCTYPE, "docname": organisation.customer}
	kept = {"filters": filters, "pluck": "data", "order_by": "name"}
	before = frappe.get_all("Version", **kept)
	request = erase(member.user)
	after = [json.loads(text) for text in frappe.get_all("Version", **kept)]
	assert after == [json.loads(text.replace(member.user, request.name)) for text in before]
	assert request.name in json.dumps(after)


def test_a_deleted_document_forgets_the_person(organisation, member, colleague):
	frappe.delete_doc(teams.DOCTYPE, organisation.customer)
	frappe.delete_doc(join_requests.DOCTYPE, member.request)
	frappe.db.commit()
	assert "Deleted Document" in holders(member.user)
	erase(member.user)
	assert holders(member.user) == []
	assert "Deleted Document" in holders(colleague.user)


def test_an_erasure_ends_membership_and_session(organisation, member):
	assert access.member(member.user)
	assert is_in(member.client)
	erase(member.user)
	assert access.of_address(member.user) == ()
	assert not is_in(member.client)
	assert member.user not in teams.admitted(organisation.customer, [member.user])


def test_colleagues_keep_everything(organisation, member, colleague, manager):
	before = all_of(colleague.user, manager)
	assert all(before.values())
	erase(member.user)
	assert all_of(colleague.user, manager) == before
	assert is_in(colleague.client)


def test_an_address_that_differs_by_an_accent_is_anothers(organisation, member, client):
	"""Columns compare them as equal."""
	twin = member.user.replace("sara", "sára")
	ask(client, twin)
	join_requests.note(twin)
	of_twin = [row for held in all_of(twin).values() for row in held if twin in row.values()]
	assert len(of_twin) == 2
	assert twin not in json.dumps(download(member.user), ensure_ascii=False)
	erase(member.user)
	assert [row for held in all_of(twin).values() for row in held] == of_twin


def test_what_an_erased_manager_decided_stays(organisation, member, colleague, manager, manager_client):
	change(manager_client, organisation, "disable", member.user)
	request = erase(manager)
	assert holders(manager) == []
	row = row_of(organisation, member.user)
	assert (row.is_disabled, row.disabled_by) == (1, request.name)
	decided = frappe.db.get_value(join_requests.DOCTYPE, member.request, ["state", "decided_by"])
	assert decided == ("Accepted", request.name)
	assert row_of(organisation, manager) is None


def test_an_open_form_does_not_bring_the_person_back(organisation, member):
	opened = frappe.get_doc(teams.DOCTYPE, organisation.customer)
	erase(member.user)
	opened.sees = "All tickets"
	with pytest.raises(frappe.TimestampMismatchError):
		opened.save()
	frappe.db.rollback()
	assert row_of(organisation, member.user) is None


def test_an_open_request_goes_too(organisation, member):
	"""Asked under this address at another organisation, and decided by nobody."""
	other = make_organisation("initech").customer
	values = {"email": member.user, "customer": other, "state": join_requests.OPEN}
	rows.insert(join_requests.DOCTYPE, values)
	frappe.db.commit()
	erase(member.user)
	assert join_requests.count(other) == 0
