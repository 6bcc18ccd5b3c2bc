"""A customer accepts or rejects a solution, opens a closed ticket again, and rates."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from customer_portal import acting, timeline
from customer_portal.notifications import courtesy
from tests import events as messages_about
from tests.client import hidden_fields
from tests.door import counts, sign_in
from tests.factories import make_ticket
from tests.integration.acting.conftest import assert_done, bare_form, reloaded
from tests.ledger import events, main_of
from tests.talk import act, messages, say, set_main


def test_accepting_closes(everything_on, client, ticket, home):
	say(ticket, "<p>Fixed.</p>")
	set_main(ticket, 3)
	answer = act(client, home, "accept")
	assert_done(answer, "accept", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Closed", 4)
	last = events(ticket)[-1]
	assert (last.to_main_status, last.source, last.actor) == (4, "Customer", "Guest")
	activity = frappe.get_all(
		"HD Ticket Activity", {"ticket": ticket.name}, ["owner", "action"], order_by="creation"
	)
	assert activity[-1] == {"owner": ticket.raised_by, "action": "set status to Closed"}
	assert "The ticket is closed." in client.follow(answer).text


def test_rejecting_goes_back_with_the_reason(everything_on, client, ticket, home):
	set_main(ticket, 3)
	assert_done(act(client, home, "reject", text="It still leaks"), "reject", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Open", 2)
	assert "It still leaks" in messages(ticket)[-1].content
	assert events(ticket)[-1].source == "Customer"
	assert "not, yet" not in client.get(home).text


def test_rejecting_needs_a_reason(everything_on, client, ticket, home):
	set_main(ticket, 3)
	answer = act(client, home, "reject", text=" ")
	assert (answer.status_code, "<details open>" in answer.text) == (422, True)
	assert main_of(reloaded(ticket)) == 3


@pytest.mark.parametrize("text", ["", "It leaks again"])
def test_reopening(everything_on, client, ticket, home, text):
	set_main(ticket, 4)
	before = len(messages(ticket))
	assert_done(act(client, home, "reopen", text=text), "reopen", home)
	assert (reloaded(ticket).status, main_of(ticket)) == ("Open", 2)
	assert len(messages(ticket)) == before + bool(text)
	assert events(ticket)[-1].source == "Customer"


def test_reopening_and_replying_end_with_the_window(everything_on, client, ticket, home):
	set_main(ticket, 4)
	form = hidden_fields(client.get(home).text, "/reopen")
	frappe.db.set_value("HD Ticket", ticket.name, "resolution_date", add_days(now_datetime(), -15))
	frappe.db.commit()
	page = client.get(home).text
	assert f"{home}/reopen" not in page
	assert f"{home}/reply" not in page
	before = counts()
	for action in ("reopen", "reply"):
		assert client.post(f"{home}/{action}", {**form, "text": "x"}).status_code == 409
	assert main_of(reloaded(ticket)) == 4
	assert before["communications"] == counts()["communications"]


def test_a_ticket_of_helpdesks_portal_that_is_closed_opens_too(everything_on, client):
	"""Helpdesk refuses its own customers; here the setting decides."""
	ticket = make_ticket(via_customer_portal=1)
	home = sign_in(client, ticket)
	set_main(ticket, 4)
	assert_done(act(client, home, "reopen"), "reopen", home)
	assert main_of(reloaded(ticket)) == 2


def option_of(stars: int) -> str:
	return acting.rating_options()[stars][0]


def test_rating_once(everything_on, client, ticket, home):
	set_main(ticket, 3)
	page = client.get(home).text
	assert all(f'value="{stars}"' in page for stars in range(1, 6))
	answer = act(client, home, "rate", stars="4", option_4=option_of(4), text="Quick!")
	assert_done(answer, "rate", home)
	reloaded(ticket)
	assert (ticket.feedback_rating, ticket.feedback, ticket.feedback_extra) == (0.8, option_of(4), "Quick!")
	assert (ticket.status, main_of(ticket)) == ("Resolved", 3)
	page = client.follow(answer).text
	assert "You gave 4 of 5 stars. Thank you." in page
	assert "/rate" not in page
	again = client.post(f"{home}/rate", {**bare_form(client, home), "stars": "1"})
	assert (again.status_code, reloaded(ticket).feedback_rating) == (409, 0.8)


@pytest.mark.parametrize("values", [{}, {"stars": "", "text": "x"}, {"stars": "5", "option_5": "nonsense"}])
def test_ratings_that_make_no_sense_are_told(everything_on, client, ticket, home, values):
	set_main(ticket, 3)
	answer = act(client, home, "rate", **values)
	assert (answer.status_code, "Choose one to five stars." in answer.text) == (422, True)
	assert not reloaded(ticket).feedback_rating


@pytest.mark.parametrize("stars", ["0", "6", "-1", "4.5", "٤", "nan", "four"])
def test_stars_that_no_page_sends(everything_on, client, ticket, home, stars):
	set_main(ticket, 3)
	assert act(client, home, "rate", stars=stars).status_code == 400
	assert not reloaded(ticket).feedback_rating


def test_a_rated_ticket_opens_again(everything_on, client, ticket, home):
	set_main(ticket, 3)
	act(client, home, "rate", stars="1")
	assert_done(act(client, home, "reject", text="No"), "reject", home)
	assert main_of(reloaded(ticket)) == 2


def test_feedback_that_helpdesk_demands_does_not_stop_an_acceptance(everything_on, client, ticket, home):
	frappe.db.set_single_value("HD Settings", "is_feedback_mandatory", 1)
	say(ticket, "<p>Fixed.</p>")
	set_main(ticket, 3)
	assert_done(act(client, home, "accept"), "accept", home)


def test_a_rule_of_helpdesk_that_refuses_is_told(everything_on, client, ticket, home):
	"""Here a rule of the site: a customer's text, with what was typed, stays on the page."""
	script = frappe.get_doc(
		{
			"doctype": "Property Setter",
			"doctype_or_field": "DocField",
			"doc_type": "HD Ticket",
			"field_name": "resolution_details",
			"property": "reqd",
			"property_type": "Check",
			"value": "1",
		}
	).insert()
	frappe.db.commit()
	try:
		answer = act(client, home, "reply", text="Keep me")
	finally:
		script.delete()
		frappe.db.commit()
	assert answer.status_code == 409
	assert "Keep me</textarea>" in answer.text
	assert len(messages(ticket)) == 1
	assert frappe.db.exists("Error Log", {"method": ("like", f"%ticket {ticket.name} could not%")})
	assert_done(act(client, home, "reply", text="Keep me"), "reply", home)


def test_a_customers_own_act_is_no_news_to_them(everything_on, client, ticket, home, channel):
	set_main(ticket, 3)
	messages_about.forget_told(ticket)
	act(client, home, "reject", text="It leaks")  # and the page that follows is never loaded
	frappe.db.rollback()
	rows = messages_about.notifications(ticket)
	assert all(isinstance(courtesy.verdict(row), courtesy.Drop) for row in rows)
	assert events(ticket)[-1].to_main_status == 2
	last = frappe.get_last_doc("Portal Status Event", {"ticket": str(ticket.name)})
	assert timeline.was_seen(last.name)
