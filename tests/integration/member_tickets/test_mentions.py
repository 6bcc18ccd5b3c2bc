"""A member mentions agents: who is offered, who is told, and what no text can do."""

import re
import time
from email import message_from_string, policy

import frappe
import pytest
from helpdesk.utils import extract_mentions

from customer_portal import mentions, throttle, tickets
from customer_portal.mentions import LOOK_UPS_PER_HOUR, MOST
from tests.client import hidden_fields
from tests.door import sign_in
from tests.factories import make_agent, make_ticket, unique
from tests.integration.member_tickets.conftest import make_named_agent, make_team, told
from tests.talk import act, messages, say


def full_name(agent) -> str:
	return frappe.db.get_value("User", agent.name, "full_name")


def offered(client, home: str) -> dict[str, str]:
	"""Names by id, as the page's list has them."""
	answer = client.get(f"{home}/mentions")
	assert answer.status_code == 200
	return dict(re.findall(r'data-id="([0-9a-f]{20})"[^>]*>([^<]+)<', answer.text))


def people(ticket) -> list[str]:
	row = frappe.db.get_value("HD Ticket", ticket.name, tickets.FIELDS, as_dict=True)
	return [agent.user for agent in mentions.of_ticket(row)]


# Who is offered


def test_the_team_is_offered_by_name_and_never_by_address(member, home, huda, omar):
	assert set(offered(member, home).values()) == {full_name(huda), full_name(omar)}
	page = member.get(f"{home}/mentions").text
	assert "@" not in page


def test_whom_it_is_assigned_to_is_offered_beside_the_team(ticket, huda, omar):
	other = make_named_agent()
	frappe.db.set_value("HD Ticket", ticket.name, "_assign", frappe.as_json([other.name]))
	assert set(people(ticket)) == {huda.name, omar.name, other.name}


def test_where_nobody_looks_after_it_every_active_agent_is_offered(organisation, huda):
	ticket = organisation.ticket()
	frappe.db.set_value("HD Ticket", ticket.name, {"agent_group": None, "_assign": None})
	assert huda.name in people(ticket)


def test_where_agents_see_their_teams_tickets_alone_nobody_else_is_offered(organisation, huda):
	ticket = organisation.ticket()
	frappe.db.set_value("HD Ticket", ticket.name, {"agent_group": None, "_assign": None})
	kept = frappe.get_cached_doc("HD Settings")
	before = kept.restrict_tickets_by_agent_group
	try:
		kept.restrict_tickets_by_agent_group = 1
		kept.do_not_restrict_tickets_without_an_agent_group = 0
		assert people(ticket) == []
	finally:
		kept.restrict_tickets_by_agent_group = before
		frappe.clear_document_cache("HD Settings", "HD Settings")


def test_who_is_away_or_has_no_name_is_not_offered(ticket, huda, omar):
	frappe.db.set_value("HD Agent", {"user": huda.name}, "is_active", 0)
	frappe.db.set_value("User", omar.name, "full_name", omar.name)
	third = make_named_agent()
	frappe.db.set_value("User", third.name, "enabled", 0)
	frappe.db.set_value("HD Ticket", ticket.name, "agent_group", make_team(huda, omar, third).name)
	active = set(people(ticket))
	assert not active & {huda.name, omar.name, third.name}


def test_ids_differ_from_ticket_to_ticket(member, home, organisation, address, ticket):
	other = organisation.ticket(address, agent_group=ticket.agent_group)
	assert not offered(member, home).keys() & offered(member, f"/portal/tickets/{other.name}").keys()


def test_looking_up_has_a_limit(member, home, address):
	user = frappe.db.get_value("User", {"email": address})
	for _time in range(LOOK_UPS_PER_HOUR):
		throttle.record(throttle.LOOK_UP, throttle.user_subject(user))
	frappe.db.commit()
	answer = member.get(f"{home}/mentions")
	assert answer.status_code == 429
	assert int(answer.headers["Retry-After"]) > 0


def test_strangers_agents_and_other_organisations_get_no_names(
	client, home, sign_in_as, other_organisation, huda
):
	assert client.get(f"{home}/mentions").status_code == 403
	stranger = sign_in_as(other_organisation.address())
	assert stranger.get(f"{home}/mentions").status_code == 404
	colleague = sign_in_as(other_organisation.manager())
	assert colleague.get(f"{home}/mentions").status_code == 404
	assert full_name(huda) not in client.get(f"{home}/mentions").text


def test_an_archived_ticket_offers_nobody(member, home, ticket):
	frappe.db.set_value("HD Ticket", ticket.name, "portal_archived", 1)
	frappe.db.commit()
	assert member.get(f"{home}/mentions").status_code == 409


# Who is told


def test_the_agent_gets_helpdesks_own_notification_once(member, home, ticket, huda, omar, address):
	text = f"Hello @{full_name(huda)}, please look. @{full_name(huda)} again."
	assert act(member, home, "reply", text=text).status_code == 303
	(notification,) = told(huda)
	assert str(notification.reference_ticket) == str(ticket.name)
	assert notification.user_from == frappe.db.get_value("User", {"email": address})
	assert full_name(huda) in notification.message
	assert not notification.read
	assert told(omar) == []


def test_a_form_that_is_sent_twice_tells_once(member, home, huda):
	fields = hidden_fields(member.get(home).text, "/reply")
	for _time in range(2):
		answer = member.post(f"{home}/reply", {**fields, "text": f"@{full_name(huda)} hello"})
		assert answer.status_code == 303
	assert len(told(huda)) == 1


def test_the_message_has_helpdesks_markup_and_no_address(member, home, ticket, huda):
	act(member, home, "reply", text=f"@{full_name(huda)} hello")
	content = messages(ticket)[-1].content
	assert f'<span class="mention" data-label="{full_name(huda)}">' in content
	assert huda.name not in content
	# A copy of it in an agent's comment is no mention there: Helpdesk would look for a user by the id.
	assert extract_mentions(content) == []
	shown = member.get(home).text
	assert f"<strong>@{full_name(huda)}</strong>" in shown
	assert huda.name not in shown


def test_helpdesk_sends_its_mail_about_the_mention(member, home, huda, mail_server, worker):
	act(member, home, "reply", text=f"@{full_name(huda)} hello")
	until = time.monotonic() + 90
	while not any("mentioned you" in text for text in mails_to(huda)):
		assert time.monotonic() < until
		time.sleep(0.3)


def mails_to(agent) -> list[str]:
	"""The text of each that is queued; one about the reply itself may be among them."""
	frappe.db.rollback()
	queued = frappe.get_all("Email Queue Recipient", {"recipient": agent.name}, pluck="parent")
	found = frappe.get_all("Email Queue", {"name": ("in", queued)}, pluck="message")
	mails = (message_from_string(one, policy=policy.default) for one in found)
	return [mail.get_body(("html", "plain")).get_content() for mail in mails]


def test_a_first_name_is_enough_where_only_one_has_it(member, home, huda):
	first = full_name(huda).split()[0]
	act(member, home, "reply", text=f"(@{first.upper()}) please")
	assert len(told(huda)) == 1


def test_two_of_one_name_are_told_apart_by_the_list(member, home, ticket, address, organisation):
	name = f"Lina {unique('Haddad')}"
	one, two = make_named_agent(name), make_named_agent(name)
	ticket = organisation.ticket(address, agent_group=make_team(one, two).name)
	home = f"/portal/tickets/{ticket.name}"
	act(member, home, "reply", text=f"@{name} without a choice")
	assert told(one) == told(two) == []
	row = frappe.db.get_value("HD Ticket", ticket.name, tickets.FIELDS, as_dict=True)
	chosen = next(agent.id for agent in mentions.of_ticket(row) if agent.user == two.name)
	act(member, home, "reply", text=f"@{name} hello", mention=chosen)
	assert (len(told(one)), len(told(two))) == (0, 1)


def test_an_id_without_the_name_in_the_text_tells_nobody(member, home, huda):
	for chosen in offered(member, home):
		act(member, home, "reply", text="Nobody is named", mention=chosen)
	assert told(huda) == []


def test_agents_of_other_teams_cannot_be_called(member, home, ticket):
	stranger = make_named_agent()
	act(member, home, "reply", text=f"@{full_name(stranger)} @{stranger.name}")
	assert told(stranger) == []
	assert "mention" not in messages(ticket)[-1].content


def test_customers_and_administrators_cannot_be_called(member, home, ticket, organisation, sign_in_as):
	colleague = organisation.address("omar")
	sign_in_as(colleague)
	name = frappe.db.get_value("User", {"email": colleague}, "full_name")
	act(member, home, "reply", text=f"@{name} @Administrator @Guest")
	assert "mention" not in messages(ticket)[-1].content


def test_so_many_in_a_message_and_no_more(member, organisation, address):
	team = [make_named_agent() for _number in range(MOST + 1)]
	ticket = organisation.ticket(address, agent_group=make_team(*team).name)
	home = f"/portal/tickets/{ticket.name}"
	text = " ".join(f"@{full_name(agent)}" for agent in team)
	answer = act(member, home, "reply", text=text)
	assert answer.status_code == 422
	assert f"Mention {MOST} people at most" in answer.text
	assert full_name(team[0]) in answer.text  # what was typed is still there
	assert not any(told(agent) for agent in team)
	assert not [one for one in messages(ticket) if "@" in one.content]
	assert act(member, home, "reply", text=text.rpartition(" ")[0]).status_code == 303
	assert all(told(agent) for agent in team[:-1])


@pytest.mark.parametrize(
	"chosen", ["", "x" * 20, "A" * 20, "0" * 19, "0" * 21, "'; DROP TABLE", ["0" * 20] * 101]
)
def test_ids_that_no_page_gave_are_refused(member, home, ticket, chosen):
	before = len(messages(ticket))
	assert act(member, home, "reply", text="Hello", mention=chosen).status_code == 400
	assert len(messages(ticket)) == before


@pytest.mark.parametrize(
	"text",
	[
		'<span class="mention" data-type="mention" data-id="{user}" data-label="x">@x</span>',
		"<img src=x onerror=alert(1)> @{name}<script>",
		'@{name}" onmouseover="alert(1)',
	],
)
def test_no_text_becomes_markup_of_its_own(member, home, ticket, huda, text):
	act(member, home, "reply", text=text.format(user=huda.name, name=full_name(huda)))
	content = messages(ticket)[-1].content
	assert "data-type" not in re.sub(r"&lt;.*?&gt;", "", content)
	assert not re.search(r"<(?!/?(p|br|span|strong)\b)", content)
	assert extract_mentions(content) == []
	assert not re.search(r"<[^>]*\bon\w+=", content)


def test_a_name_with_markup_is_only_a_name(member, organisation, address):
	agent = make_agent()
	frappe.db.set_value("User", agent.name, "full_name", 'Rania <img src=x onerror="alert(1)">')
	ticket = organisation.ticket(address, agent_group=make_team(agent).name)
	home = f"/portal/tickets/{ticket.name}"
	assert "<img" not in member.get(f"{home}/mentions").text
	act(member, home, "reply", text="@Rania hello")
	assert len(told(agent)) == 1
	assert "<img" not in messages(ticket)[-1].content


def test_addresses_and_words_are_no_mentions(member, home, ticket, huda):
	first = full_name(huda).split()[0]
	act(member, home, "reply", text=f"mail@{first} and me.@{first} and @{first}ette")
	assert told(huda) == []


def test_behind_a_tickets_link_nobody_is_mentioned(client, huda, everything_on):
	ticket = make_ticket(agent_group=make_team(huda).name)
	home = sign_in(client, ticket)
	assert client.get(f"{home}/mentions").status_code == 404
	act(client, home, "reply", text=f"@{full_name(huda)} hello")
	assert told(huda) == []
	assert "mention" not in messages(ticket)[-1].content


def test_a_site_without_a_mail_account_loses_no_message(no_mail_account, member, home, ticket, huda):
	"""Helpdesk's own insert raises then."""
	assert act(member, home, "reply", text=f"@{full_name(huda)} hello").status_code == 303
	assert len(told(huda)) == 1


@pytest.fixture
def no_mail_account(site):
	sending = frappe.get_all("Email Account", {"enable_outgoing": 1}, pluck="name")
	_let_send(sending, 0)
	yield
	_let_send(sending, 1)


def _let_send(accounts: list[str], is_on: int) -> None:
	for account in accounts:
		frappe.db.set_value("Email Account", account, "enable_outgoing", is_on)
	frappe.db.commit()
	frappe.clear_cache(doctype="Email Account")


def test_what_an_agent_writes_mentions_nobody_here(member, home, ticket, huda):
	say(ticket, f"<p>@{full_name(huda)} wrote</p>")
	assert told(huda) == []
