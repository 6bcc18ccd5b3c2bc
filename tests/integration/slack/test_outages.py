"""Slack is away for an hour, in every way in which a server can be: nothing is lost, nothing comes twice."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
import pytest

from customer_portal import settings, statuses
from tests import processes
from tests.gateways import configure
from tests.integration.slack.conftest import answer, rows
from tests.integration.slack.time_machine import sweep, sweep_until_quiet
from tests.talk import say

SAID = ["one", "two", "three", "four"]


@pytest.fixture
def away(desk, ticket):
	"""Call it with a kind of outage."""

	def begin(kind: str) -> None:
		if kind == "refused":
			desk.slack.stop()
		else:
			desk.slack.mode = kind

	yield begin
	if desk.slack.mode == "ok" and not rows_reach(desk):
		desk.slack.start()
	desk.slack.mode = "ok"


def rows_reach(desk) -> bool:
	return desk.slack.server.socket.fileno() >= 0


def come_back(desk) -> None:
	desk.slack.mode = "ok"
	if not rows_reach(desk):
		desk.slack.start()


def talk(ticket, agent) -> None:
	"""A customer and an agent in turns."""
	for place, text in enumerate(SAID):
		if place % 2:
			answer(ticket, agent, f"<p>{text}</p>")
		else:
			say(ticket, f"<p>{text}</p>", sent=False)


@contextmanager
def nobody_calls(monkeypatch) -> Iterator[None]:
	"""Whoever writes or saves opens no connection to Slack, which is down or up: so its state costs them nothing."""
	opened = []
	connect = socket.socket.connect
	port = int(settings.get().slack_api_base.rpartition(":")[2])

	def note(self, address):
		opened.append(address)
		return connect(self, address)

	with monkeypatch.context() as patched:
		patched.setattr(socket.socket, "connect", note)
		yield
	assert not [address for address in opened if address[1:2] == (port,)]


@pytest.mark.parametrize("kind", ["refused", "500", "hang", "drop"])
def test_an_hour_without_slack(desk, ticket, agent, away, monkeypatch, kind):
	away(kind)
	with nobody_calls(monkeypatch):
		talk(ticket, agent)
	sweep(3)
	come_back(desk)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert [message["text"] for message in desk.thread(ticket, channel)] == SAID
	assert {row.state for row in rows()} == {"Sent"}


@pytest.mark.parametrize("kind", ["refused", "500", "hang", "drop"])
def test_a_new_ticket_while_slack_is_away(desk, organisation, sara, away, monkeypatch, kind):
	away(kind)
	with nobody_calls(monkeypatch):
		ticket = organisation.ticket(sara)
	sweep(2)
	come_back(desk)
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		shown = [post for post in desk.slack.messages(channel) if f"#{ticket.name} " in str(post["blocks"])]
		assert len(shown) == 1


@pytest.mark.parametrize("kind", ["500", "hang", "drop"])
def test_an_update_without_an_answer(desk, ticket, kind):
	desk.slack.fail("chat.update", kind)
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Another subject"}).save()
	frappe.db.commit()
	sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		assert "Another subject" in str(desk.post(ticket, channel)["blocks"])


def test_an_outage_costs_few_calls(desk, organisation, sara, away):
	"""Not one for each of the tickets that wait."""
	for _number in range(6):
		organisation.ticket(sara)
	desk.slack.calls.clear()
	away("500")
	sweep()
	assert 0 < len(desk.slack.calls) <= 6


def test_a_page_of_a_proxy_is_no_word_of_slacks(desk, ticket, agent):
	"""Neither its refusal nor its greeting ends a message."""
	for status in (200, 403, 404, 407, 502):
		desk.slack.in_between = status
		answer(ticket, agent, f"<p>Behind {status}</p>")
		sweep(2)
		desk.slack.in_between = 0
		sweep_until_quiet()
	for channel in (desk.channel, desk.slack.triage):
		texts = [message["text"] for message in desk.thread(ticket, channel)]
		assert texts == [f"Behind {status}" for status in (200, 403, 404, 407, 502)]


def test_a_save_while_redis_is_away(desk, ticket):
	offered = (one.name for one in statuses.choices(statuses.template_of(ticket)))
	sub_status = next(name for name in offered if name != ticket.sub_status)
	process = processes.start("save", str(ticket.name), sub_status, environment=processes.WITHOUT_REDIS)
	processes.finish(process)
	frappe.db.rollback()
	assert {row.state for row in rows(kind="Post")} == {"Queued"}
	before = str(desk.post(ticket)["blocks"])
	sweep_until_quiet()
	assert str(desk.post(ticket)["blocks"]) != before


def test_what_waits_goes_out_when_slack_is_switched_on_again(desk, ticket, agent):
	answer(ticket, agent, "<p>Before</p>")
	configure(slack_enabled=0)
	answer(ticket, agent, "<p>Meanwhile</p>")
	frappe.get_doc("HD Ticket", ticket.name).update({"subject": "Changed meanwhile"}).save()
	frappe.db.commit()
	sweep(2)
	configure(slack_enabled=1)
	assert desk.thread(ticket) == []
	sweep_until_quiet()
	assert [message["text"] for message in desk.thread(ticket)] == ["Before"]
	assert "Changed meanwhile" in str(desk.post(ticket)["blocks"])
