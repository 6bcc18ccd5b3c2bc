"""Slack with real jobs: nobody waits for the sweep of the next minute."""

import time

import frappe
import pytest

from tests.factories import make_agent, make_ticket, unique


@pytest.fixture
def agent():
	return make_agent()


@pytest.fixture
def user(slack_hooks, agent):
	user = slack_hooks.add_user(agent.full_name, agent.email)
	slack_hooks.invite(user, slack_hooks.triage)
	return user


def wait_for(look, seconds: float = 90):
	deadline = time.monotonic() + seconds
	while not (found := look()) and time.monotonic() < deadline:
		time.sleep(0.2)
		frappe.db.rollback()
	return found


def test_there_and_back_by_a_worker(worker, slack_hooks, user, agent, mail_server):
	ticket = make_ticket(email=f"{unique('x')}@elsewhere.example")
	frappe.db.commit()
	(post,) = wait_for(lambda: slack_hooks.messages(slack_hooks.triage))
	slack_hooks.say(user, slack_hooks.triage, "Hello", thread_ts=post["ts"])
	sent = {"reference_name": str(ticket.name), "sent_or_received": "Sent"}
	assert wait_for(lambda: frappe.get_all("Communication", sent, pluck="content")) == ["<p>Hello</p>"]
	frappe.set_user(agent.name)
	frappe.get_doc("HD Ticket", ticket.name).reply_via_agent("<p>From Helpdesk</p>", to=ticket.raised_by)
	frappe.set_user("Administrator")
	frappe.db.commit()
	assert wait_for(lambda: len(slack_hooks.thread(slack_hooks.triage, post["ts"])) == 3)
	assert slack_hooks.thread(slack_hooks.triage, post["ts"])[-1]["text"] == "From Helpdesk"
