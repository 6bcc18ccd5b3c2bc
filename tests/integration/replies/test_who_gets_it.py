"""Each agent's reply reaches everybody whom it concerns once, from us or from Helpdesk, and nobody else."""

import frappe
import pytest
from frappe.core.doctype.communication.email import make
from frappe.utils import add_days

from customer_portal import access, accounts, followers, links, personal_data
from tests.factories import make_contact, make_ticket, unique
from tests.gateways import configure
from tests.integration.replies.conftest import answer, join, rows, send_all, set_helpdesk, who_got
from tests.organisations import ALL, make_organisation


def outsider() -> str:
	return f"{unique('guest')}@elsewhere.example"


def test_who_filed_gets_it_once(reply, sara, mail_server):
	reply("<p>Water is off now.</p>")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_who_follows_gets_it_too_and_each_once(organisation, reply, ticket, sara, omar, mail_server):
	organisation.change(sees=ALL)
	followers.follow(str(ticket.name), omar)
	reply("Water is off now.", cc=omar)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, omar: 1}


def test_others_keep_helpdesks_own_mail(reply, sara, mail_server):
	guest, hidden = outsider(), outsider()
	reply("Water is off now.", cc=guest, bcc=hidden)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, guest: 1, hidden: 1}


def test_a_ticket_of_nobody_in_the_portal_stays_helpdesks(organisation, agent, mail_server):
	guest = outsider()
	communication = answer(make_ticket(email=guest), agent, "Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {guest: 1}
	assert rows(communication) == {}


def test_who_has_never_signed_in_keeps_helpdesks_mail(organisation, agent, mail_server):
	"""Their domain is admitted, and they have no user yet."""
	newcomer = organisation.address("new")
	answer(organisation.ticket(newcomer), agent, "Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {newcomer: 1}


def test_an_agent_among_the_addressed_keeps_helpdesks_mail(reply, agent, sara, mail_server):
	reply("Water is off now.", cc=agent.name)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, agent.name: 1}


def test_helpdesk_sends_at_once(reply, sara, mail_server):
	set_helpdesk(instantly_send_email=1)
	guest = outsider()
	reply("Water is off now.", cc=guest)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, guest: 1}


@pytest.mark.parametrize("setting", [{"skip_email_workflow": 1}, {"enable_reply_email_via_agent": 0}])
def test_helpdesk_sends_no_mails_at_all(reply, sara, mail_server, setting):
	set_helpdesk(**setting)
	reply("Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_from_the_desk(ticket, agent, sara, mail_server):
	"""Frappe's own dialogue for e-mails, on the form of the ticket."""
	guest = outsider()
	frappe.set_user(agent.name)
	make(
		doctype="HD Ticket",
		name=str(ticket.name),
		content="Water is off now.",
		subject="Re: your ticket",
		recipients=f"{sara}, {guest}",
		send_email=True,
	)
	frappe.set_user("Administrator")
	frappe.db.commit()
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, guest: 1}


def test_a_bare_communication(ticket, agent, sara, mail_server):
	"""As an integration writes one, which sends no mail itself."""
	frappe.set_user(agent.name)
	message = {"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent"}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	frappe.get_doc({**message, "content": "Water is off now."}).insert(ignore_permissions=True)
	frappe.set_user("Administrator")
	frappe.db.commit()
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


@pytest.mark.parametrize(
	"values",
	[
		{"communication_type": "Automated Message"},
		{"sent_or_received": "Received", "sender": "stranger@elsewhere.example"},
	],
)
def test_what_is_no_reply_of_an_agent(ticket, sara, mail_server, values):
	message = {"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent"}
	message |= {"reference_doctype": "HD Ticket", "reference_name": str(ticket.name), "subject": "Re"}
	made = frappe.get_doc({**message, "content": "Water is off now.", **values})
	made.insert(ignore_permissions=True)
	frappe.db.commit()
	send_all()
	assert rows(made.name) == {}
	assert not who_got(mail_server, "Water is off now.")


def test_switched_off_it_is_helpdesks_again(reply, ticket, sara, omar, mail_server):
	configure(mail_replies=0)
	followers.follow(str(ticket.name), omar)
	communication = reply("Water is off now.")
	send_all()
	assert rows(communication) == {}
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_a_person_with_two_addresses_gets_one(organisation, agent, sara, mail_server):
	"""The contact that staff keeps has a private address too, from which the ticket was filed."""
	private = outsider()
	contact = frappe.get_doc("Contact", {"user": sara})
	contact.append("email_ids", {"email_id": private})
	contact.save(ignore_permissions=True)
	ticket = organisation.ticket(private, contact=contact.name)
	answer(ticket, agent, "Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_a_colleague_with_an_address_at_the_same_contact_gets_their_own(
	organisation, agent, sara, omar, mail_server
):
	contact = frappe.get_doc("Contact", {"user": sara})
	contact.append("email_ids", {"email_id": omar})
	contact.save(ignore_permissions=True)
	organisation.change(sees=ALL)
	answer(organisation.ticket(sara, contact=contact.name), agent, "Water is off now.", cc=omar)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, omar: 1}


def test_another_case_of_an_address_is_the_same(organisation, agent, sara, mail_server):
	ticket = organisation.ticket(sara)
	answer(ticket, agent, "Water is off now.", to=f"Sara <{sara.upper()}>")
	send_all()
	assert sum(who_got(mail_server, "Water is off now.").values()) == 1


def test_whom_the_agent_addresses_gets_it_if_they_may_see_it(organisation, reply, sara, omar, mail_server):
	organisation.change(sees=ALL)
	reply("Water is off now.", cc=omar)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, omar: 1}


def test_whom_the_agent_addresses_gets_nothing_if_they_may_not(reply, sara, omar, mail_server):
	communication = reply("Water is off now.", cc=omar)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}
	assert rows(communication)[omar] == ("Superseded", "This person may not see the ticket any more.")


def test_a_private_ticket_goes_to_whom_may_see_it(organisation, agent, ticket, sara, omar, mail_server):
	organisation.change(sees=ALL)
	manager = join(organisation.manager())
	frappe.db.set_value("HD Ticket", ticket.name, "portal_private", 1)
	answer(ticket, agent, "Water is off now.", cc=f"{omar}, {manager}")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, manager: 1}


def test_another_organisations_people_get_nothing(other_organisation, reply, sara, mail_server):
	stranger = join(other_organisation.address("stranger"))
	reply("Water is off now.", cc=stranger)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_who_has_left_gets_nothing(reply, ticket, sara, mail_server):
	followers.unfollow(str(ticket.name), sara)
	communication = reply("Water is off now.")
	send_all()
	assert not who_got(mail_server, "Water is off now.")
	assert rows(communication) == {sara: ("Superseded", "This person does not follow the ticket.")}


def test_who_leaves_while_it_waits_gets_nothing(reply, ticket, sara, mail_server):
	reply("Water is off now.")
	followers.unfollow(str(ticket.name), sara)
	send_all()
	assert not who_got(mail_server, "Water is off now.")


def test_who_wants_no_mails_gets_none(reply, sara, mail_server):
	accounts.note_here(sara)
	frappe.db.set_value("Portal Account", sara, {"replies": "Never", "last_seen_at": None})
	reply("Water is off now.")
	send_all()
	assert not who_got(mail_server, "Water is off now.")


def test_the_one_who_muted_it_gets_nothing_but_who_follows_does(
	organisation, reply, ticket, sara, omar, mail_server
):
	organisation.change(sees=ALL)
	links.ensure(str(ticket.name))
	links.mute(str(ticket.name), True)
	followers.follow(str(ticket.name), omar)
	reply("Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {omar: 1}


def remove_by_hand(organisation, person):
	organisation.put(person, is_disabled=1)


def remove_domain(organisation, _person):
	organisation.change(domains=[{"domain": f"{unique('new')}.example"}])


@pytest.mark.parametrize("remove", [remove_by_hand, remove_domain])
@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_removed_gets_nothing_from_that_moment(organisation, reply, sara, mail_server, remove, when):
	"""Nor from Helpdesk, to whom the address is still the one that filed the ticket."""
	accounts.note_here(sara)
	frappe.db.set_value("Portal Account", sara, "last_seen_at", None)
	if when == "before":
		remove(organisation, sara)
	reply("Water is off now.")
	if when == "after":
		remove(organisation, sara)
	send_all()
	assert not who_got(mail_server, "Water is off now.")


def test_a_disabled_user_gets_nothing(reply, sara, mail_server):
	accounts.note_here(sara)
	frappe.db.set_value("User", sara, "enabled", 0)
	frappe.db.commit()
	reply("Water is off now.")
	send_all()
	assert not who_got(mail_server, "Water is off now.")


def test_an_organisation_that_may_not_enter_any_more_keeps_its_mail(organisation, reply, sara, mail_server):
	"""An admin who closes the portal for a customer does not cut the customer off."""
	organisation.change(enabled=0)
	make_organisation()  # the door is open for others
	reply("Water is off now.")
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_an_erased_person_gets_nothing_and_leaves_no_trace(reply, ticket, sara, mail_server):
	accounts.note_here(sara)
	followers.follow(str(ticket.name), sara)
	communication = reply("Water is off now.")
	personal_data.erase(sara, "erased@example.com")
	frappe.db.commit()
	send_all()
	assert not [one for one in mail_server.received if one["to"] == sara]
	assert sara not in rows(communication)
	for doctype in ("Portal Account", "Portal Ticket Follower", "Portal Ticket View"):
		assert not frappe.db.exists(doctype, {"user": sara})


def test_a_deleted_ticket_takes_all_with_it(reply, ticket, sara):
	followers.follow(str(ticket.name), sara)
	reply("Water is off now.")
	frappe.delete_doc("HD Ticket", ticket.name, ignore_permissions=True, force=True)
	frappe.db.commit()
	for doctype in ("Portal Ticket Follower", "Portal Ticket View", "Portal Notification"):
		assert not frappe.db.exists(doctype, {"ticket": str(ticket.name)})


def test_a_reply_that_is_deleted_is_not_told(reply, sara, mail_server):
	communication = reply("Water is off now.")
	frappe.db.delete("Communication", {"name": communication})
	frappe.db.commit()
	send_all()
	assert [state for state, _reason in rows(communication).values()] == ["Superseded"]


def test_a_fault_of_ours_leaves_helpdesks_mail(reply, sara, mail_server):
	"""A table that is gone stands for whatever breaks: the reply is saved, and the customer gets it."""
	frappe.db.sql_ddl("RENAME TABLE `tabPortal Ticket Follower` TO `tabPortal Ticket Follower Away`")
	try:
		communication = reply("Water is off now.")
	finally:
		frappe.db.sql_ddl("RENAME TABLE `tabPortal Ticket Follower Away` TO `tabPortal Ticket Follower`")
	send_all()
	assert frappe.db.exists("Communication", communication)
	assert who_got(mail_server, "Water is off now.") == {sara: 1}


def test_two_tickets_merged_tell_nothing_anew(organisation, agent, sara, mail_server):
	"""Helpdesk copies the messages, and writes into the old ticket that it was merged."""
	source, target = organisation.ticket(sara), organisation.ticket(sara)
	old = answer(source, agent, "Water is off now.")
	send_all()
	frappe.db.set_value("Communication", old, "creation", add_days(frappe.utils.now(), -1))
	mail_server.received.clear()
	copy = frappe.copy_doc(frappe.get_doc("Communication", old))
	copy.reference_name = str(target.name)
	frappe.set_user(agent.name)
	copy.insert(ignore_permissions=True)
	copy.db_set("creation", add_days(frappe.utils.now(), -1), update_modified=False)
	frappe.set_user("Administrator")
	frappe.db.commit()
	send_all()
	assert not who_got(mail_server, "Water is off now.")
	answer(target, agent, "It is on again.")
	send_all()
	assert who_got(mail_server, "It is on again.") == {sara: 1}


def test_nobody_may_make_others_lose_their_mail(organisation, agent, sara, mail_server):
	"""A contact that a customer has made, with somebody else's address in it, says nothing about who is who."""
	victim = outsider()
	contact = make_contact(email=sara)
	contact.append("email_ids", {"email_id": victim})
	contact.save(ignore_permissions=True)
	frappe.db.set_value("Contact", contact.name, "owner", sara)
	frappe.db.commit()
	answer(organisation.ticket(sara, contact=contact.name), agent, "Water is off now.", cc=victim)
	send_all()
	assert who_got(mail_server, "Water is off now.") == {sara: 1, victim: 1}


def test_a_member_of_the_ticket_is_who_the_policy_says(organisation, ticket, sara, omar):
	"""The list of followers is never wider than the policy."""
	organisation.change(sees=ALL)
	followers.follow(str(ticket.name), omar)
	row = frappe.db.get_value("HD Ticket", ticket.name, access.FIELDS, as_dict=True)
	assert {one.user for one in followers.of_ticket(row)} == {sara, omar}
	frappe.db.set_value("User", omar, "enabled", 0)
	assert {one.user for one in followers.of_ticket(row)} == {sara}
