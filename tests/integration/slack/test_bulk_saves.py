"""Hundreds of tickets saved in one request: one ring, and few statements each."""

import frappe
import pytest
from frappe.utils.background_jobs import create_job_id, get_queue

from customer_portal.slack import outbox, wake
from tests.factories import make_ticket, unique
from tests.gateways import configure
from tests.integration.slack.time_machine import sweep
from tests.integration.test_bulk import copies

MANY = 200
STATEMENTS = 8  # for each save of a ticket, with the ones that ask how many rows were changed


@pytest.fixture
def tickets(desk):
	made = list(copies(MANY))

	for name in made:
		outbox.add_ticket(frappe._dict(name=name, customer=None, portal_private=0))
	frappe.db.sql(f"UPDATE `tab{outbox.DOCTYPE}` SET state = 'Sent', done = wanted, ts = name, shown = 'x'")
	frappe.db.commit()
	return made


def rings() -> int:
	prefix = create_job_id(f"{wake.OUT.name}_")
	return sum(job.startswith(prefix) for job in get_queue(wake.OUT.queue).job_ids)


def statements() -> int:
	return int(frappe.db.sql("SHOW SESSION STATUS LIKE 'Questions'")[0][1])


def save_all(tickets: list[str]) -> int:
	"""In one transaction; how many statements it took."""
	before = statements()
	for name in tickets:
		ticket = frappe.get_doc("HD Ticket", name)
		ticket.subject = unique("Changed")
		ticket.save()
	frappe.db.commit()
	return statements() - before


def test_two_hundred_saves(desk, tickets):
	get_queue(wake.OUT.queue).empty()
	wake.OUT.fall_asleep()
	with_slack = save_all(tickets)
	assert rings() == 1
	frappe.db.rollback()
	waiting = frappe.db.count("Portal Slack Message", {"state": "Queued", "is_follow_up": 1})
	assert waiting == MANY
	configure(slack_enabled=0, slack_bot_token="")
	without = save_all(tickets)
	assert (with_slack - without) / MANY <= STATEMENTS


def test_a_full_queue_is_no_failed_save(desk):
	"""Frappe refuses more than some jobs, with a sentence for the user that would look like an error."""
	frappe.local.conf.max_queued_jobs = -100_000
	try:
		wake.OUT.fall_asleep()
		frappe.clear_messages()
		ticket = make_ticket()
		assert not frappe.local.message_log
	finally:
		frappe.local.conf.max_queued_jobs = 100_000
	sweep()
	assert desk.post(ticket, desk.slack.triage)
