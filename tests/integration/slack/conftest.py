"""Tickets of an organisation, a loopback Slack whose events come in by HTTP, and agents who are in both."""

from dataclasses import dataclass
from datetime import timedelta

import frappe
import pytest

from customer_portal.slack import delivery, intake, outbox
from customer_portal.slack.outbox import DOCTYPE, POST, claims
from tests.factories import make_agent, unique
from tests.gateways import configure
from tests.gateways.slack import Slack
from tests.integration.replies.conftest import HELPDESK, answer, join, set_helpdesk
from tests.integration.slack.time_machine import forget_limits

__all__ = ["Desk", "answer", "join"]


CHANGED = ("auto_update_status", "update_status_to")  # by tests


@dataclass
class Desk:
	"""The workspace, the customer's channel in it, and an agent."""

	slack: Slack
	channel: str
	agent: object
	user: str

	def run(self) -> None:
		"""Whatever waits goes out and comes in."""
		frappe.db.commit()
		for _round in range(5):
			delivery.deliver_due(8)
			self.slack.settle()
			if not intake.work_off(3):
				break
		frappe.db.rollback()

	def post(self, ticket, channel: str | None = None) -> dict:
		"""The ticket's post, as Slack has it."""
		frappe.db.rollback()
		row = outbox.post_of(str(ticket.name), channel or self.channel)
		return self.slack.channels[row.channel].messages[row.ts]

	def thread(self, ticket, channel: str | None = None) -> list[dict]:
		"""The replies below the ticket's post."""
		post = self.post(ticket, channel)
		return self.slack.thread(channel or self.channel, post["ts"])[1:]

	def say(self, ticket, text: str, user: str | None = None, channel: str | None = None, **options) -> dict:
		"""Somebody writes in the ticket's thread, and all that follows has happened."""
		where = channel or self.channel
		written = self.slack.say(
			user or self.user, where, text, thread_ts=self.post(ticket, where)["ts"], **options
		)
		self.run()
		return written


@pytest.fixture(autouse=True)
def pace(monkeypatch):
	"""Messages in a channel do not wait for one another, but where that is what is tried."""
	monkeypatch.setattr(claims, "PACE", timedelta(milliseconds=10))


@pytest.fixture(autouse=True)
def helpdesk(no_jobs, mail_server):
	"""Helpdesk mails its agents' replies, as it does out of the box."""
	before = {name: frappe.db.get_single_value("HD Settings", name) for name in (*HELPDESK, *CHANGED)}
	set_helpdesk(**HELPDESK)
	configure(mail_replies=1, reply_messages=5, reply_wait_minutes=15, replies_account=None)
	forget_limits()
	for doctype in ("Portal Slack Message", "Portal Slack Event", "Portal Slack User"):
		frappe.db.delete(doctype)
	frappe.db.delete("Email Queue", {"status": ("in", ("Not Sent", "Sending"))})
	frappe.db.commit()
	yield
	set_helpdesk(**before)


@pytest.fixture
def agent():
	return make_agent()


@pytest.fixture
def desk(slack_hooks, organisation, agent):
	slack = slack_hooks
	slack.burst = 1000
	channel = slack.add_channel(unique("customer"))
	user = slack.add_user(agent.full_name, agent.email)
	for place in (channel, slack.triage):
		slack.invite(user, place)
	organisation.change(slack_channel=channel)
	return Desk(slack, channel, agent, user)


@pytest.fixture
def sara(organisation):
	return join(organisation.address("sara"))


@pytest.fixture
def ticket(desk, organisation, sara):
	"""Posted in both channels."""
	made = organisation.ticket(sara)
	desk.run()
	return made


def rows(**filters) -> list:
	frappe.db.rollback()
	return frappe.get_all(DOCTYPE, filters=filters, fields=["*"], order_by="queued_at")


def make_team(agent) -> str:
	"""The name of an HD Team of this agent."""
	team = {"doctype": "HD Team", "team_name": unique("Team"), "users": [{"user": agent.name}]}
	return frappe.get_doc(team).insert().name


def replies(ticket) -> list:
	"""Agents' messages of the ticket, the oldest first."""
	frappe.db.rollback()
	sent = {
		"reference_doctype": "HD Ticket",
		"reference_name": str(ticket.name),
		"communication_type": "Communication",
		"sent_or_received": "Sent",
	}
	fields = ["name", "content", "sender", "user", "recipients", "owner"]
	return frappe.get_all("Communication", filters=sent, fields=fields, order_by="creation")


def split_off(agent, message: str) -> None:
	"""An agent makes another ticket of this message in Helpdesk."""
	frappe.set_user(agent.name)
	frappe.get_attr("helpdesk.helpdesk.doctype.hd_ticket.api.split_ticket")("Split off", message)
	frappe.set_user("Administrator")
	frappe.db.commit()


def whispers(desk) -> list[str]:
	return [one["text"] for one in desk.slack.ephemerals]


def posts() -> list:
	return rows(kind=POST)
