"""Agents who reply in Helpdesk, members who get it, and everything that leaves for anybody."""

from collections import Counter

import frappe
import pytest
from frappe.email.queue import flush

from customer_portal import follow_links
from customer_portal.notifications import dispatch
from customer_portal.sign_in import people
from tests.factories import make_agent
from tests.gateways import configure

HELPDESK = {"skip_email_workflow": 0, "enable_reply_email_via_agent": 1, "instantly_send_email": 0}


@pytest.fixture(autouse=True)
def helpdesk(no_jobs, mail_server):
	"""Helpdesk mails its agents' replies, as it does out of the box; this app's settings are as installed."""
	before = {name: frappe.db.get_single_value("HD Settings", name) for name in HELPDESK}
	set_helpdesk(**HELPDESK)
	configure(mail_replies=1, reply_messages=5, reply_wait_minutes=15, replies_account=None)
	frappe.db.delete("Email Queue", {"status": ("in", ("Not Sent", "Sending"))})
	frappe.db.commit()
	yield
	set_helpdesk(**before)
	configure(mail_replies=1, reply_messages=5, reply_wait_minutes=15, replies_account=None)


def set_helpdesk(**values) -> None:
	frappe.db.set_single_value("HD Settings", values)
	frappe.clear_document_cache("HD Settings", "HD Settings")
	frappe.db.commit()


@pytest.fixture
def agent():
	return make_agent()


@pytest.fixture
def sara(organisation):
	return join(organisation.address("sara"))


@pytest.fixture
def omar(organisation):
	"""A colleague."""
	return join(organisation.address("omar"))


@pytest.fixture
def ticket(organisation, sara):
	return organisation.ticket(sara)


@pytest.fixture
def reply(agent, ticket):
	"""Call it with a text: the agent answers in Helpdesk's own page, to the customer unless told otherwise."""
	return lambda text, **options: answer(options.pop("of", ticket), agent, text, **options)


def join(address: str, language: str = "en") -> str:
	"""As after a first sign-in; the user's name, which is the address."""
	user = people.user_of(address, language)
	frappe.db.commit()
	return user


def answer(ticket, agent, text: str, to: str | None = None, **options) -> str:
	"""The new Communication."""
	ticket = frappe.get_doc("HD Ticket", ticket.name)
	frappe.set_user(agent.name)
	try:
		ticket.reply_via_agent(text, to=to or ticket.raised_by, **options)
	finally:
		frappe.set_user("Administrator")
	frappe.db.commit()
	sent = {"reference_name": str(ticket.name), "sent_or_received": "Sent"}
	return frappe.get_all("Communication", sent, pluck="name", order_by="creation desc", limit=1)[0]


def send_all() -> None:
	"""Our messages and Helpdesk's own."""
	dispatch.deliver_due()
	flush()
	frappe.db.commit()


def who_got(mail_server, text: str) -> Counter:
	"""How many mails with this text went to whom."""
	return Counter(one["to"] for one in mail_server.received if text in one["text"])


def told(mail_server) -> list[str]:
	"""The plain text of each mail of a reply; mails about changes of status may leave too."""
	texts = (one["mail"].get_body(("plain",)).get_content() for one in mail_server.received)
	return [text for text in texts if follow_links.PATH in text]


def rows(communication: str) -> dict[str, tuple[str, str]]:
	"""State and reason by recipient."""
	frappe.db.commit()
	fields = ["recipient", "state", "reason"]
	found = frappe.get_all("Portal Notification", {"communication": communication}, fields)
	return {row.recipient: (row.state, row.reason or "") for row in found}
