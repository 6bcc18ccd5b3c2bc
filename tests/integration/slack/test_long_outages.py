"""Slack is away while people go on writing: minutes pass, the order stays, and the admins are told."""

import frappe
import pytest

from customer_portal.setup_check import slack as check
from customer_portal.setup_check.finding import OK, WARNING
from customer_portal.slack.trouble import LOG
from tests.integration.slack.conftest import answer
from tests.integration.slack.time_machine import forget_limits, live_through, sweep_until_quiet
from tests.talk import say

LATE = "Slack: messages wait for more than 10 minutes. The set-up check shows what is wrong."


def told() -> list[str]:
	frappe.db.rollback()
	return frappe.get_all(LOG, {"for_user": "Administrator"}, pluck="subject")


@pytest.fixture
def untold():
	frappe.db.delete(LOG)
	frappe.db.commit()


def test_messages_of_different_minutes_keep_their_order(desk, ticket, agent):
	desk.slack.mode = "500"
	said = []
	for minute in range(6):
		said.append(f"Minute {minute}")
		say(ticket, f"<p>{said[-1]}</p>", sent=False) if minute % 2 else answer(ticket, agent, said[-1])
		live_through(2)
	desk.slack.mode = "ok"
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [message["text"] for message in desk.thread(ticket, channel)] == said


def test_so_do_those_of_a_ticket_that_is_not_posted_yet(desk, organisation, sara, agent):
	desk.slack.mode = "500"
	ticket = organisation.ticket(sara)
	live_through(4)
	for text in ("first", "second"):
		answer(ticket, agent, text)
		live_through(4)
	desk.slack.mode = "ok"
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		texts = [message["text"] for message in desk.thread(ticket, channel)]
		assert texts[-2:] == ["first", "second"]
		assert len(texts) == len(set(texts))


@pytest.mark.parametrize("kind", ["500", "429"])
def test_an_admin_is_told_once(desk, ticket, untold, kind):
	desk.slack.mode, desk.slack.retry_after = kind, 30
	say(ticket, "<p>Hello?</p>", sent=False)
	live_through(9)
	assert told() == []
	assert check.backlog().state == OK
	for _minute in range(50):
		forget_limits()
		live_through(1)
	assert told() == [LATE]
	assert check.backlog().state == WARNING
	desk.slack.mode = "ok"
	forget_limits()
	sweep_until_quiet()
	assert check.backlog().state == OK
