"""Slack takes its time to hand a file out, and the ticket does not stand still until then."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import frappe
import pytest

from customer_portal.slack import inbox
from tests.integration.slack.conftest import replies, whispers
from tests.integration.slack.test_files import attached
from tests.integration.slack.test_modes import comments
from tests.ledger import default_of
from tests.organisations import make_organisation
from tests.talk import PDF, say
from tests.threads import connection

FILE = ("manual.pdf", PDF)
SENTENCE = "A forwarded message stays in Slack. Copy its words into a message of your own to send them."


def change(ticket, **values) -> None:
	frappe.set_user("Administrator")
	frappe.get_doc("HD Ticket", ticket.name).update(values).save()
	frappe.db.commit()


@contextmanager
def happens(desk, act):
	"""While a file is fetched for the first time, from another connection to the database."""
	site, sites_path, left = frappe.local.site, frappe.local.sites_path, [act]

	def once() -> None:
		if left:
			run_there(site, sites_path, left.pop())

	desk.slack.meanwhile = once
	yield
	assert not left


@pytest.mark.parametrize(
	"act",
	[
		lambda ticket: change(ticket, priority="Urgent"),
		lambda ticket: change(ticket, sub_status=default_of(2)),
		lambda ticket: say(ticket, "<p>It got worse</p>", sent=False),
		lambda ticket: say(ticket, "<p>On my way</p>"),
	],
	ids=["priority", "sub-status", "customer", "colleague"],
)
@pytest.mark.parametrize(("text", "kind"), [("Turn it off", replies), ("note: Careful", comments)])
def test_the_ticket_changes(desk, ticket, act, text, kind):
	before = len(kind(ticket))
	with happens(desk, lambda: act(ticket)):
		desk.say(ticket, text, files=[FILE])
	assert not whispers(desk)
	assert len(kind(ticket)) > before
	assert any("Turn it off" in str(one) or "Careful" in str(one) for one in kind(ticket))


def test_it_is_given_to_another_customer(desk, ticket, open_door):
	"""To whom nothing was said."""
	other = make_organisation("other")
	with happens(desk, lambda: change(ticket, customer=other.customer)):
		desk.say(ticket, "Dear Acme", files=[FILE])
	assert replies(ticket) == []
	assert whispers(desk) == ["This ticket does not belong to this channel any more."]


def test_somebody_is_saving_it(desk, ticket):
	"""What was read before that is over by then. Frappe saves nothing over what is newer."""
	held = threading.Event()

	def save() -> None:
		frappe.get_doc("HD Ticket", ticket.name).update({"priority": "Urgent"}).save(ignore_permissions=True)
		held.set()
		time.sleep(2)
		frappe.db.commit()

	with ThreadPoolExecutor(1) as pool:
		saved = pool.submit(run_there, frappe.local.site, frappe.local.sites_path, save)
		assert held.wait(30)
		desk.say(ticket, "Turn it off")
		saved.result(30)
	assert len(replies(ticket)) == 1 and not whispers(desk)


def run_there(site: str, sites_path: str, act) -> None:
	with connection(site, sites_path):
		act()


def test_a_forwarded_message_is_not_sent(desk, ticket):
	"""It was said to somebody else."""
	desk.say(ticket, "", forwards="They owe us 40k")
	assert replies(ticket) == []
	assert whispers(desk) == [SENTENCE]


def test_what_is_said_about_it_is(desk, ticket):
	desk.say(ticket, "This solves it:", forwards="Turn the valve")
	assert [one.content for one in replies(ticket)] == ["<p>This solves it:</p>"]
	assert whispers(desk) == [SENTENCE]


def test_files_go_along_with_it(desk, ticket):
	desk.say(ticket, "", forwards="Turn the valve", files=[FILE])
	(reply,) = replies(ticket)
	assert list(attached(reply.name).values()) == [PDF]
	assert whispers(desk) == [SENTENCE]


def test_waits_that_slack_asks_for_count_as_no_attempt(desk, ticket):
	desk.slack.fail("users.info", "ratelimited", times=3)
	desk.say(ticket, "Hello")
	frappe.db.rollback()
	waiting = frappe.get_all(inbox.DOCTYPE, {"kind": "message"}, ["state", "attempts"])
	assert waiting and all(one.attempts <= 1 for one in waiting)
