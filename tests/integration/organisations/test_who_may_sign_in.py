"""Whom a mail is sent to, what it says, and who is out."""

import re

import frappe
import pytest

from customer_portal.sign_in import people
from tests.client import hidden_fields
from tests.door import submit
from tests.factories import make_agent, unique
from tests.integration.organisations.test_sign_in import press, sara
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

__all__ = ["sara"]

LINK = re.compile(r"http://\S+(/portal/sign-in/link/[\w.-]+)")


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
