"""Managers look after their people, on the page, as a browser does."""

import json

import frappe

from customer_portal.notifications import dispatch
from tests.accounts import log_in
from tests.factories import make_agent
from tests.integration.team.conftest import TEAM, change, letters, row_of, sessions_of
from tests.organisations import ask, is_in


def test_the_page_is_for_managers(sign_in_as, organisation, manager_client):
	assert manager_client.get(TEAM).status_code == 200
	member = sign_in_as(organisation.address())
	assert member.get(TEAM).status_code == 403
	assert f'href="{TEAM}"' not in member.get("/portal/tickets").text
	assert f'href="{TEAM}"' in manager_client.get("/portal/tickets").text


def test_strangers_are_refused(client, organisation):
	answer = client.get(TEAM)
	assert answer.status_code == 403
	assert organisation.customer not in answer.text


def test_who_is_listed(sign_in_as, organisation, manager, manager_client):
	sara, omar, out = (organisation.address(name) for name in ("sara", "omar", "out"))
	sign_in_as(sara)
	organisation.put(omar)
	organisation.put(out, is_disabled=1)
	page = manager_client.get(TEAM).text
	for address in (manager, sara, omar, out):
		assert address in page
	assert page.count("Not signed in yet") == 1
	assert page.count("Only we can give this access back.") == 1
	assert '<h2 id="people" class="above">People (4)' in page


def test_a_person_of_another_domain_is_listed_by_the_helpdesk_alone(organisation, manager_client):
	organisation.change(who="Named people only")
	answer = change(manager_client, organisation, "invite", "somebody@elsewhere.example")
	assert answer.status_code == 422
	assert f"You can add addresses of {organisation.domain}. Ask us to add others." in answer.text
	assert 'value="somebody@elsewhere.example"' in answer.text
	assert not row_of(organisation, "somebody@elsewhere.example")
	organisation.put("somebody@elsewhere.example")
	assert change(manager_client, organisation, "invite", "somebody@elsewhere.example").status_code == 303
	assert [row.recipient for row in letters(customer=organisation.customer)] == [
		"somebody@elsewhere.example"
	]


def test_an_invitation(mail_server, organisation, manager_client):
	organisation.change(who="Named people only")
	address = organisation.address("lina")
	answer = change(manager_client, organisation, "invite", address.upper())
	assert answer.status_code == 303
	assert "The person has access now" in manager_client.follow(answer).text
	row = row_of(organisation, address)
	assert (row.role, row.is_disabled) == ("Member", 0)
	dispatch.deliver_due(60)  # what earlier tests have left comes first
	(mail,) = mail_server.mails_to(address)
	assert "/portal/sign-in" in mail.get_body().get_content()
	assert mail["Auto-Submitted"] == "auto-generated"
	(letter,) = letters(recipient=address)
	assert (letter.state, letter.kind, letter.customer) == ("Sent", "Invitation", organisation.customer)


def test_the_same_invitation_twice_is_one_mail_a_day(organisation, manager_client):
	address = organisation.address("lina")
	for _time in range(2):
		assert change(manager_client, organisation, "invite", address).status_code == 303
	assert len(letters(recipient=address)) == 1


def test_who_has_been_here_is_not_invited(sign_in_as, organisation, manager_client):
	address = organisation.address()
	sign_in_as(address)
	answer = change(manager_client, organisation, "invite", address)
	assert answer.status_code == 409
	assert "This person is in your team already." in answer.text
	assert not letters(recipient=address)


def test_invitations_are_limited(organisation, manager_client):
	for number in range(20):
		assert (
			change(manager_client, organisation, "invite", organisation.address(f"p{number}")).status_code
			== 303
		)
	answer = change(manager_client, organisation, "invite", organisation.address("last"))
	assert answer.status_code == 429
	assert int(answer.headers["Retry-After"]) > 0
	assert len(letters(customer=organisation.customer)) == 20


def test_an_invitation_is_not_sent_to_who_has_lost_access_meanwhile(
	mail_server, organisation, manager_client
):
	address = organisation.address("lina")
	change(manager_client, organisation, "invite", address)
	organisation.put(address, is_disabled=1)
	dispatch.deliver_due(60)  # what earlier tests have left comes first
	assert not mail_server.mails_to(address)
	assert letters(recipient=address)[0].state == "Superseded"


def test_out_at_once_and_in_again(sign_in_as, organisation, manager, manager_client):
	address = organisation.address()
	member = sign_in_as(address)
	assert change(manager_client, organisation, "disable", address).status_code == 303
	assert not is_in(member)
	frappe.db.rollback()
	assert not sessions_of(address)
	assert row_of(organisation, address).disabled_by == manager
	assert ask(member, address).status_code == 303  # the answer that everybody gets
	assert change(manager_client, organisation, "enable", address).status_code == 303
	assert row_of(organisation, address).disabled_by is None
	assert is_in(sign_in_as(address))


def test_a_person_of_two_organisations_stays_in_the_other(
	sign_in_as, organisation, other_organisation, manager_client
):
	address = other_organisation.address()
	organisation.put(address)
	member = sign_in_as(address)
	assert change(manager_client, organisation, "disable", address).status_code == 303
	assert is_in(member)
	ticket = organisation.ticket(address)
	assert member.get(f"/portal/tickets/{ticket.name}").status_code == 404


def test_no_manager_signs_an_agent_out(new_client, organisation, manager_client):
	agent = make_agent(organisation.address("agent")).name
	client = log_in(new_client(), agent)
	change(manager_client, organisation, "invite", agent)
	assert change(manager_client, organisation, "disable", agent).status_code == 303
	assert sessions_of(agent)
	assert client.get("/api/method/frappe.auth.get_logged_user").json()["message"] == agent


def test_whom_the_helpdesk_shut_out_it_alone_lets_in(organisation, manager_client):
	address = organisation.put(organisation.address(), is_disabled=1)
	answer = change(manager_client, organisation, "enable", address)
	assert answer.status_code == 403
	assert row_of(organisation, address).is_disabled


def test_visibility(sign_in_as, organisation, manager_client):
	address = organisation.address()
	member = sign_in_as(address)
	ticket = organisation.ticket()
	path = f"/portal/tickets/{ticket.name}"
	assert member.get(path).status_code == 404
	assert change(manager_client, organisation, "see-all", address).status_code == 303
	assert member.get(path).status_code == 200
	assert change(manager_client, organisation, "see-own", address).status_code == 303
	assert member.get(path).status_code == 404


def test_managers_make_managers(sign_in_as, organisation, manager_client):
	address = organisation.address()
	member = sign_in_as(address)
	assert change(manager_client, organisation, "make-manager", address).status_code == 303
	assert member.get(TEAM).status_code == 200
	assert change(manager_client, organisation, "unmake-manager", address).status_code == 303
	assert member.get(TEAM).status_code == 403


def test_nobody_takes_their_own_access_or_role(organisation, manager, manager_client):
	for action in ("disable", "unmake-manager"):
		answer = change(manager_client, organisation, action, manager)
		assert answer.status_code == 409
		assert "Ask another manager." in answer.text
	row = row_of(organisation, manager)
	assert (row.role, row.is_disabled) == ("Manager", 0)


def test_every_change_names_its_manager(organisation, manager, manager_client):
	address = organisation.put(organisation.address())
	change(manager_client, organisation, "see-all", address)
	frappe.db.rollback()
	versions = frappe.get_all(
		"Version",
		filters={"ref_doctype": "Portal Customer Access", "docname": organisation.customer, "owner": manager},
		pluck="data",
	)
	assert any("All tickets" in str(json.loads(data).get("row_changed")) for data in versions)


def test_a_manager_of_two_sees_both(sign_in_as, organisation, other_organisation):
	address = organisation.manager()
	other_organisation.put(address, role="Manager")
	client = sign_in_as(address)
	other = other_organisation.address("omar")
	other_organisation.put(other)
	page = client.get(TEAM, params={"organisation": other_organisation.customer}).text
	assert other in page
	assert organisation.customer in page  # its tab
	assert other not in client.get(TEAM, params={"organisation": organisation.customer}).text


def test_a_rule_of_the_document_is_told_without_a_trace(organisation, manager_client):
	"""A domain that an admin has let stand although it became a free mail service's."""
	name = frappe.db.get_value("Portal Access Domain", {"parent": organisation.customer})
	frappe.db.set_value("Portal Access Domain", name, "domain", "gmail.com")
	frappe.db.commit()
	answer = change(manager_client, organisation, "invite", "somebody@gmail.com")
	assert answer.status_code == 409
	assert not row_of(organisation, "somebody@gmail.com")


def test_people_come_a_page_at_a_time(organisation, manager_client):
	access = frappe.get_doc("Portal Customer Access", organisation.customer)
	for number in range(60):
		access.append("people", {"email": f"p{number:02d}@{organisation.domain}", "role": "Member"})
	access.save()
	frappe.db.commit()
	first = manager_client.get(TEAM).text
	assert "More people" in first
	assert first.count('class="person-line') == 50
	second = manager_client.get(
		TEAM, params={"organisation": organisation.customer, "after": f"p48@{organisation.domain}"}
	)
	assert second.text.count('class="person-line') == 11
	assert "More people" not in second.text
